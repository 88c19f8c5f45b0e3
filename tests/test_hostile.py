"""Hostile text: articles are other people's words, and words they stay, in every field and on every page."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects import GOOD, HEAD, everything, sitrep, tree, write
from sitrep.parse import markdown

LITERAL = {
    "expression": "{{ 7*7 }}",
    "product": "{{ 1337*7331 }}",
    "include": "{% include 'base.html' %}",
    "remark": "{# gone #}",
    "attribute": "{{ site.title }}{{ page|attr('x') }}",
    "tweet": "<tweet>one</tweet>",
    "script": "<script>alert(1)</script>",
    "shout": "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "image": "<img src=x onerror=alert(1)>",
    "breakout": '"><img src=x onerror=alert(1)>',
    "comment": "<!-- hidden -->",
    "drawing": "<svg onload=alert(1)>",
    "frame": "<iframe srcdoc='<script>alert(1)</script>'>",
    "unclosed": "</p></main></body><b><table><textarea><title><plaintext>",
    "quotes": '" onmouseover="alert(1)" x=\' onfocus=\'alert(1)',
    "refresh": "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "base": "<base href=//evil.example/>",
    "cdata": "<![CDATA[ <script>alert(1)</script> ]]>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &#x6A;",
}
"""What is shown as it stands. One asterisk at most: Markdown is meant to read two."""
EVALUATED = "9801547"

SCHEMES = {
    "plain": "javascript:alert(1)",
    "upper": "JaVaScRiPt:alert(1)",
    "entity": "&#106;avascript:alert(1)",
    "colon": "javascript&colon;alert(1)",
    "padded": "&#0000106&#0000097vascript:alert(1)",
    "tab": "java\tscript:alert(1)",
    "named tab": "java&Tab;script:alert(1)",
    "new line": "java&NewLine;script:alert(1)",
    "U+2028": "java\u2028script:alert(1)",
    "U+2028 before": "\u2028javascript:alert(1)",
    "no-break space": "\xa0javascript:alert(1)",
    "control": "\x01javascript:alert(1)",
    "entity of a control": "&#1;javascript:alert(1)",
    "space": " javascript:alert(1)",
    "percent": "javascript%3Aalert(1)",
    "full width": "ｊavascript：alert(1)",
    "vbscript": "vbscript:msgbox(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "file": "file:///etc/passwd",
    "view-source": "view-source:javascript:alert(1)",
    "no scheme": "//evil.example/x",
    "backslashes": "\\\\evil.example\\x",
    "asset": "asset:../../config.yaml",
}
LINKING = (
    *("href", "src", "action", "formaction", "data", "poster", "cite", "background", "ping", "srcset"),
    *("xlink:href", "manifest", "longdesc"),
)
SCRIPT = re.compile(r"(?:\.\./)*theme/[\w.-]+\.js")


def faults(page: str) -> Iterator[str]:
    """What a page must not hold, as either of two parsers sees it."""
    soup = html5lib.parse(page, namespaceHTMLElements=False)
    other = lxml.html.document_fromstring(page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    for element in (*soup.iter(), *other.iter()):
        if not isinstance(element.tag, str):
            yield f"a comment: {element.text!r}"
            continue
        name = element.tag.rpartition("}")[2].lower()
        if name == "script" and element.get("type") == "application/ld+json":
            json.loads(element.text or "")  # data, which no browser runs
        elif name == "script" and (not SCRIPT.fullmatch(element.get("src") or "") or (element.text or "").strip()):
            yield f"a script: {dict(element.attrib)} {element.text!r}"
        if name in ("iframe", "object", "embed", "base", "tweet", "plaintext", "textarea"):
            yield f"an element: {name}"
        if name == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            yield f"a refresh: {element.get('content')}"
        for key, value in element.attrib.items():
            if str(key).lower().startswith("on"):
                yield f"a handler: {key}={value!r}"
            if str(key).lower() in LINKING and not harmless(value):
                yield f"an address: {value!r}"


def harmless(address: str) -> bool:
    """Whether a browser takes an address for one of the web, or for one of our own."""
    read = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(0x21))))).replace("\\", "/").lower()
    scheme = re.match(r"[a-z][a-z0-9+.-]*:", read)
    return scheme[0] in ("http:", "https:", "mailto:") if scheme else not read.startswith("//")


def words(page: str) -> str:
    """What a reader reads, the title of the window first, with single spaces."""
    soup = html5lib.parse(page, namespaceHTMLElements=False)
    return " ".join("".join(soup.itertext()).split())


def html_of(site: Path) -> dict[str, str]:
    return {path: data.decode() for path, data in tree(site).items() if path.endswith(".html")}


def faulty(pages: dict[str, str]) -> dict[str, list[str]]:
    return {path: found for path, page in pages.items() if (found := list(faults(page)))}


def test_the_faults_are_seen() -> None:
    """The measure itself measures."""
    bad = (
        "<!doctype html><title>x</title><script>a()</script><script src=//e/x.js></script><!-- c --><tweet></tweet>"
        "<p onclick=x><a href='java\tscript:x'>a</a><img src=//e/x><meta http-equiv=refresh content=0>"
    )
    seen = {fault.partition(":")[0] for fault in faults(bad)}
    assert seen == {"a script", "a comment", "an element", "a handler", "an address", "a refresh"}
    assert not list(faults("<!doctype html><title>x</title><script src=../theme/a.js></script><a href=b.html#c>d</a>"))


# -- every field ---------------------------------------------------------------------------------------------------


def sidecar(data: dict[str, Any]) -> str:
    return json.dumps({"marking": "TLP:CLEAR", **data})


def says(field: str, name: str) -> str:
    """A payload as the value of a field, told from the same payload in others."""
    return f"{field}-{name} {LITERAL[name]}"


def article(name: str, form: str) -> str:
    def value(field: str) -> str:
        return says(field, name)

    return sidecar(
        {
            "title": value(f"title-{form}"),
            "source": f"source-{name}",
            "published": "2024-01-02",
            "status": "reviewed",
            "rights": "full",
            "format": form,
            "url": "https://example.org/" + LITERAL[name],
            "archived": "javascript:" + LITERAL[name],
            "summary": value(f"summary-{form}"),
            "reviewed": {"by": value(f"signed-{form}")},
            "topics": [f"topic-{name}"],
            "via": [{"unnamed": value("via")}],
            "actors": [{"id": f"actor-{name}", "quotes": [value("text")], "note": value(f"mention-{form}")}],
            "events": [
                {
                    "id": f"event-{name}",
                    "by": [{"unnamed": value(f"unnamed-{form}"), "of": f"actor-{name}"}],
                    "roles": {value(f"part-{form}"): [f"actor-{name}"]},
                    "quote": value("happened"),
                    "note": value(f"event-note-{form}"),
                }
            ],
            "claims": [
                {
                    "id": f"claim-{name}",
                    "by": [{"document": value(f"document-{form}")}],
                    "quote": value("said"),
                    "note": value(f"claim-note-{form}"),
                    "translation": value(f"translation-{form}"),
                },
                {"quote": value("own")},
            ],
        }
    )


def things(name: str) -> dict[str, str | bytes]:
    """One thing of each kind, and two articles, with a payload wherever text may stand."""

    def value(field: str) -> str:
        return says(field, name)

    text = "".join(f"{value(field)}\n\n" for field in ("text", "happened", "said", "own"))
    files = {
        f"articles/text-{name}.md": text,
        f"articles/text-{name}.yaml": article(name, "text"),
        f"actors/actor-{name}.md": f"{value('prose')}\n\n> {value('quoted')}\n\n* {value('listed')}\n",
        f"actors/actor-{name}.yaml": sidecar(
            {
                "name": value("actor"),
                "aliases": [value("alias")],
                "description": value("actor-description"),
                "roles": [{"title": value("office"), "of": f"actor-{name}"}],
                "relations": [{"to": f"actor-{name}", "how": value("relation")}],
                "url": "javascript:" + value("address"),
            }
        ),
        f"sources/source-{name}.yaml": sidecar(
            {"name": value("source"), "aliases": [value("paper")], "description": value("source-description")}
        ),
        f"events/event-{name}.yaml": sidecar(
            {
                "name": value("event"),
                "date": "2024-01-01",
                "place": value("place"),
                "roles": {value("role"): [f"actor-{name}"]},
                "description": f"[[actor-{name}|{unbracketed(value('link'))}]]",
            }
        ),
        f"claims/claim-{name}.yaml": sidecar(
            {
                "statement": value("claim"),
                "measure": value("measure"),
                "description": value("claim-description"),
                "assessments": [{"date": "2024", "because": value("because"), "would_change": value("change")}],
            }
        ),
        f"briefs/brief-{name}.yaml": sidecar(
            {
                "title": value("brief"),
                "date": "2024-01-03",
                "status": "reviewed",
                "summary": value("bottom-line"),
                "key_judgments": [{"text": value("judgment"), "because": value("reason")}],
            }
        ),
        f"topics/topic-{name}.yaml": sidecar({"name": value("topic"), "description": value("topic-description")}),
    }
    if name != "entity":
        files |= {f"articles/markdown-{name}.md": text, f"articles/markdown-{name}.yaml": article(name, "markdown")}
    return {f"content/{path}": data for path, data in files.items()}


def unbracketed(text: str) -> str:
    """The words of a `[[…]]` hold no brackets."""
    return text.replace("[", "(").replace("]", ")")


MARKDOWN = """
title-markdown summary-markdown signed-markdown mention-markdown unnamed-markdown document-markdown prose quoted listed
"""
"""Fields that stand with Markdown, which reads entities as HTML does."""
FIELDS = """
title-text summary-text signed-text mention-text unnamed-text part-text event-note-text document-text claim-note-text
translation-text text happened said own actor alias actor-description office relation address source paper
source-description event place role link claim measure claim-description because change brief bottom-line judgment
topic topic-description
"""
"""Where a payload must be found on some page, as it stands."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with every payload in every field."""
    root = tmp_path_factory.mktemp("hostile")
    files = {path: data for name in LITERAL for path, data in things(name).items()}
    files["content/about.md"] = "".join(f"{says('about', name)}\n\n" for name in LITERAL if name != "entity")
    config = json.dumps({"title": says("site", "script"), "description": says("line", "quotes"), "json": "true"})
    ran = sitrep(write(root, files, config=config), "build", "--quiet")
    assert ran.code == 0, ran.out
    return root / "site"


@pytest.fixture(scope="module")
def pages(hostile: Path) -> dict[str, str]:
    return html_of(hostile)


@pytest.fixture(scope="module")
def read(pages: dict[str, str]) -> str:
    return "\n".join(words(page) for page in pages.values())


def test_no_page_holds_an_element_a_handler_or_an_address_of_theirs(pages: dict[str, str]) -> None:
    assert len(pages) > 7 * len(LITERAL)
    assert faulty(pages) == {}


@pytest.mark.parametrize("field", [*FIELDS.split(), *MARKDOWN.split(), "about"])
def test_a_field_is_shown_as_it_stands(field: str, read: str) -> None:
    names = [name for name in LITERAL if name != "entity" or field in FIELDS.split()]
    sought = {name: " ".join(says(field, name).split()) for name in names}
    assert [name for name, text in sought.items() if (unbracketed(text) if field == "link" else text) not in read] == []


def test_nothing_is_evaluated(hostile: Path, read: str) -> None:
    assert EVALUATED not in everything(hostile)
    assert not re.search(r"\b49\b", read)
    assert "{{ 7*7 }}" in read


def test_the_data_beside_pages_holds_the_words(hostile: Path) -> None:
    for name in LITERAL:
        data = json.loads((hostile / f"articles/text-{name}.json").read_text(encoding="utf-8"))
        assert data["title"] == says("title-text", name)
        assert says("said", name) in data["text"]
        exact = {annotation["exact"] for annotation in data["annotations"]}
        assert exact >= {says(field, name) for field in ("text", "happened", "said", "own")}


def test_the_site_itself_may_have_a_hostile_name(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert says("site", "script") in words(page)


# -- addresses -----------------------------------------------------------------------------------------------------


def linking(address: str) -> str:
    """Every way in which Markdown makes an address a link."""
    return "\n\n".join(
        (
            f"[words]({address})",
            f"[words](<{address}>)",
            f'[words]({address} "title")',
            f"<{address}>",
            f"![picture]({address})",
            f"[![picture]({address})]({address})",
            "[words][ref] [ref] ![ref]",
            f"[ref]: {address}",
            f"| [cell]({address}) |\n|---|\n| <{address}> |",
            f"[[{address}]] [[{address}|words]]",
            f"[^1]\n\n[^1]: [words]({address})",
        )
    )


@pytest.mark.parametrize("base", ["", "https://example.org/a/", "javascript:alert(1)//", "data:text/html,"])
@pytest.mark.parametrize("name", SCHEMES)
def test_no_way_of_linking_makes_a_script_an_address(name: str, base: str) -> None:
    for links in (False, True):
        prose, _ = markdown.render(linking(SCHEMES[name]), "f.md", links=links, base=base)
        assert prose
        assert not list(faults(f"<!doctype html><title>x</title>{prose.html}"))
        assert prose.assets == ()


def test_no_field_makes_a_script_an_address(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for n, address in enumerate(SCHEMES.values()):
        head = {"title": f"T{n}", "source": f"s{n}", "published": "2024", "status": "reviewed", "rights": "full"}
        files |= {
            f"content/articles/a{n}.md": linking(address),
            f"content/articles/a{n}.yaml": sidecar({**head, "url": address, "archived": address, "summary": address}),
            f"content/actors/a{n}.yaml": sidecar({"name": address, "url": address, "description": f"[[{address}]]"}),
            f"content/sources/s{n}.yaml": sidecar({"name": "S", "url": address}),
            f"content/topics/t{n}.md": linking(address),
            f"content/topics/t{n}.yaml": sidecar({"name": "T"}),
        }
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert "Traceback" not in ran.out + ran.err
    pages = html_of(tmp_path / "site")
    assert len(pages) > 4 * len(SCHEMES)
    assert faulty(pages) == {}


def test_no_page_loads_anything_from_elsewhere(tmp_path: Path) -> None:
    text = "![a](https://example.org/a.png) ![b](//example.org/b.png) ![c](http://example.org/c.png)\n"
    write(tmp_path, {"content/articles/a.md": text, "content/articles/a.yaml": HEAD})
    ran = sitrep(tmp_path, "build", "--quiet")
    assert "[remote-image]" in ran.out
    page = (tmp_path / "site/articles/a.html").read_text()
    assert "<img" not in page
    assert 'href="https://example.org/a.png"' in page


@pytest.mark.parametrize("fragment", ["#fnord", "#fn", "#claim-1", "#content"])
def test_a_fragment_of_theirs_is_no_link(fragment: str) -> None:
    prose, problems = markdown.render(f"[words]({fragment})\n", "f.md")
    assert prose
    assert "href" not in prose.html
    assert [problem.code for problem in problems] == ["relative-link"]


PNG = base64.b64decode(b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
"""One black pixel."""
BAITS = (
    'He said "asset:../articles/secret.yaml" aloud.',
    '[words](https://example.org/ "asset:../articles/secret.yaml")',
    '`"asset:../articles/secret.yaml"`',
    "[words](assets/../articles/secret.yaml)",
    "![words](assets/%2e%2e/articles/secret.yaml)",
    "![words](<content/assets/..\\articles\\secret.yaml>)",
)


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("text", BAITS)
def test_words_that_look_like_a_file_of_ours_publish_nothing(text: str, form: str, tmp_path: Path) -> None:
    secret = "The plan of the secret committee, which nobody outside may ever read."
    files: dict[str, str | bytes] = {
        **GOOD,
        "content/articles/bait.md": f"Before.\n\n{text}\n",
        "content/articles/bait.yaml": HEAD + f"format: {form}\n",
        "content/articles/secret.md": secret + "\n",
        "content/articles/secret.yaml": HEAD.replace("CLEAR", "RED") + f"summary: {secret}\n",
        "content/assets/map.png": PNG,
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": text + "\n",
        "config.yaml": "title: T\npublish: {repository: private}\n",
    }
    ran = sitrep(write(tmp_path / "project", files), "build", "--quiet")
    assert "Traceback" not in ran.out + ran.err
    assert {line.rpartition(" ")[2] for line in ran.lines} <= {"[no-asset]", "[relative-link]"}
    assert secret not in everything(tmp_path / "project/site")
    assert {path.name for path in (tmp_path / "project").iterdir()} <= {"config.yaml", "content", "site", ".sitrep"}
    assert [path.name for path in tmp_path.iterdir()] == ["project"]
    for page in ("articles/bait.html", "topics/t.html", "articles/good.html"):
        assert (tmp_path / "project/site" / page).exists()
    if form == "text":
        assert text in words((tmp_path / "project/site/articles/bait.html").read_text())


@pytest.mark.parametrize("base", ["", "https://example.org/d/"])
def test_an_address_of_mail_is_one(base: str) -> None:
    prose, problems = markdown.render("Write to <a@example.org>.", "f.md", base=base)
    assert (prose and prose.html, problems) == ('<p>Write to <a href="mailto:a@example.org">a@example.org</a>.</p>', [])


def test_an_asset_of_ours_is_published_and_no_other(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "content/assets/map.png": PNG,
        "content/assets/other.png": PNG,
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": "![A map](assets/map.png)\n",
    }
    assert sitrep(write(tmp_path, files), "build", "--quiet").code == 0
    assert [path.name for path in (tmp_path / "site/assets").iterdir()] == ["map.png"]


def test_words_that_look_like_the_address_of_a_file_are_words(tmp_path: Path) -> None:
    words = 'He wrote src="asset:../articles/a.yaml" and "asset:p.png".'
    files: dict[str, str | bytes] = {"content/articles/a.md": words + "\n", "content/articles/a.yaml": HEAD}
    ran = sitrep(write(tmp_path, {**files, "content/assets/p.png": b"png"}), "build", "--quiet")
    assert (ran.code, ran.out) == (0, "")
    assert json.loads((tmp_path / "site/articles/a.json").read_text("utf-8"))["text"] == words
    assert not (tmp_path / "site/assets").exists()


def test_a_file_that_a_text_shows_is_published(tmp_path: Path) -> None:
    gif = b"GIF89a\1\0\1\0\0\0\0;"
    files: dict[str, str | bytes] = {
        "content/articles/a.md": "A map: ![p](assets/p.gif)\n",
        "content/articles/a.yaml": HEAD,
    }
    sitrep(write(tmp_path, {**files, "content/assets/p.gif": gif}), "build")
    assert (tmp_path / "site/assets/p.gif").read_bytes() == gif
    assert 'src="../assets/p.gif"' in (tmp_path / "site/articles/a.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["page.html", "page.XHTML", "data.xml", "code.js", "style.css", "noending", "a.b"])
def test_a_file_of_ours_that_might_run_is_not_published(name: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"content/assets/{name}": "GIF89a<!doctype html><script>alert(1)</script>",
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": f"[A page](assets/{name})\n",
    }
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build", "--quiet")
    assert (ran.code, [line.rpartition(" ")[2] for line in ran.lines]) == (1, ["[asset]"])
    assert ran.lines[0].startswith(f"content/assets/{name}:1:1: error: ")
    assert [line for line in sitrep(tmp_path, "check", "--quiet").lines if "info: " not in line] == ran.lines
    assert not (tmp_path / "site/assets").exists()
    assert (tmp_path / "site/topics/t.html").exists()


def test_a_drawing_leaves_without_what_runs(tmp_path: Path) -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" onload="a()">'
        "<script>b()</script>"
        '<a x:href="javascript:c()"><rect onclick="d()" width="1" height="1" fill="url(//evil.example/)"/></a>'
        '<use x:href="//evil.example/e.svg#f"/><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">g</p>'
        '</foreignObject><set attributeName="href" to="javascript:h()"/>'
        '<style>@import "//evil.example/i";</style></svg>'
    )
    files: dict[str, str | bytes] = {
        "content/assets/map.svg": drawing,
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": "![A map](assets/map.svg)\n",
    }
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build", "--quiet")
    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "site/assets/map.svg").read_text().split() == [
        *(
            "<svg",
            'xmlns="http://www.w3.org/2000/svg"><rect',
            'width="1"',
            'height="1"></rect><use></use><style></style></svg>',
        ),
    ]


@pytest.mark.parametrize("target", ["<script>", "javascript:alert(1)", "../../etc/passwd", "{{ 7*7 }}", '" onclick="x'])
def test_a_link_that_leads_nowhere_is_told_and_shown_as_words(target: str, tmp_path: Path) -> None:
    topic = sidecar({"name": "T", "description": f"Before [[{target}]] after."})
    files = {"content/topics/t.yaml": topic, "content/topics/t.md": f"Prose [[{target}|with words]] after.\n"}
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build", "--quiet")
    assert ran.code == 1
    assert ran.out.count("[dangling]") == 2
    page = (tmp_path / "site/topics/t.html").read_text()
    assert not list(faults(page))
    assert "Prose with words after." in words(page)


@pytest.mark.parametrize("name", ["<script>alert(1)<", "{{ 7*7 }}", "a' onclick='x", "javascript:x", "-->", "a\u2028b"])
def test_a_hostile_file_name_is_told_and_not_published(name: str, tmp_path: Path) -> None:
    files = {f"content/articles/{name}.yaml": HEAD, f"content/articles/{name}.md": "Secret words.\n"}
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build", "--quiet")
    assert ran.code == 1
    assert [line.rpartition(" ")[2] for line in ran.lines] == ["[id]", "[id]"]
    assert "Secret words" not in everything(tmp_path / "site")
    assert (tmp_path / "site/articles/good.html").exists()


def test_an_old_id_leads_nowhere_but_into_the_site(tmp_path: Path) -> None:
    former = "formerly: [../../../evil, /evil, index, page-2, x/evil, '']\n"
    files = {**GOOD, "content/actors/a.yaml": "name: A\nmarking: TLP:CLEAR\n" + former}
    ran = sitrep(write(tmp_path / "p/q", files), "build", "--quiet")
    assert ran.code == 1
    assert [line.rpartition(" ")[2] for line in ran.lines] == ["[id]"] * 6
    assert not list(tmp_path.rglob("evil*"))
    assert "evil" not in everything(tmp_path / "p/q/site")


# -- Markdown ------------------------------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=x>", "<!--", "-->", "<", ">"),
        *("javascript:", "java\tscript:", "data:text/html,", "http://a.b/", "//a.b", "mailto:a@b.c", "<a@b.c>"),
        *("[", "](", ")", "![", "[[", "]]", "|", "[^1]", "[^1]: ", "[a]: ", "[a]", "(<", ">)", ' "t"', "<http://a.b>"),
        *("*", "**", "_", "`", "```\n", "~~~\n", "\n", "\n\n", "    ", "\t", "> ", "* ", "1. ", "# ", "|-|\n", "  \n"),
        *("&amp;", "&lt;", "&", "&#0;", "&#106;", "&colon;", "&Tab;", "&nbsp;", "\xa0", "\u2028", "\x02", "\x03"),
        *("\x02wzxhzdk:0\x03", "\x02klzzwxh:0000\x03", "klzzwxh:0000", "assets/x.png", '"asset:../x"', "{{ 7*7 }}"),
        *("\\", "\x00", "{: onclick=x}", "a", "b c", "é", "e\u0301", "\U0001f600"),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS, max_size=40).map("".join), st.booleans(), st.sampled_from(["", "https://example.org/d/"]))
def test_the_text_of_any_markdown_is_what_a_browser_shows(source: str, links: bool, base: str) -> None:
    prose, problems = markdown.render(source, "f.md", links=links, base=base)
    if prose is None:  # Python-Markdown loses words of it, and we say so
        assert [problem.code for problem in problems] == ["lost-words"]
        return
    fragment = html5lib.parseFragment(prose.html, namespaceHTMLElements=False)
    assert "".join(fragment.itertext()) == prose.text
    shown = re.sub(r'(src|href)="asset:', r'\1="', prose.html)
    assert not list(faults(f"<!doctype html><title>x</title>{shown}"))
    assert set(prose.assets) <= {"x.png"}


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200))
def test_plain_text_is_shown_character_for_character(source: str) -> None:
    prose, problems = markdown.render(source, "f.md", form="text")
    assert prose
    assert problems == []
    fragment = html5lib.parseFragment(prose.html, namespaceHTMLElements=False)
    assert "".join(fragment.itertext()) == prose.text
    assert len(prose.text) == len(source)


# -- time ----------------------------------------------------------------------------------------------------------

SLOW = {
    "brackets": "[" * 10_000 + "](x\n\n[a]: b\n",
    "wiki": "[[" * 5_000,
    "images": "![" * 10_000,
    "links": "[a](" * 4_000,
    "footnotes": "x[^1] " * 2_000 + "\n\n[^1]: note\n",
    "tags": "<a " * 8_000,
    "comments": "<!--" * 6_000,
    "asterisks": "*" * 20_000,
    "words and asterisks": "*a " * 7_000,
    "strong": "**a_ " * 5_000,
    "backticks": "`" * 20_000,
    "backticks apart": "` " * 10_000,
    "backticks rising": "".join("`" * n + " " for n in range(200)),
    "backticks uneven": "`a``" * 5_000,
    "fences": "```\n" * 5_000,
    "escapes": "\\" * 20_000,
    "ampersands": "&" * 20_000,
    "quotes": "> " * 5_000 + "a",
    "nested": "".join("    " * n + "* a\n" for n in range(400)),
    "dashes": "- " * 10_000 + "a",
    "table": "|" * 4_000 + "\n" + "|-" * 4_000 + "\n" + "|a" * 4_000 + "\n",
    "lines": "\n" * 100_000 + "a",
    "one line": "word " * 100_000,
}


def test_slow_text_is_bounded_named_and_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "SECONDS", 1.0)
    files: dict[str, str | bytes] = {}
    ids = {name: name.replace(" ", "-") for name in SLOW}
    for name, text in SLOW.items():
        head = HEAD.replace("title: T", f"title: {name}")
        files |= {f"content/articles/{ids[name]}.md": f"Words.\n\n{text}", f"content/articles/{ids[name]}.yaml": head}
    began = time.process_time()
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build", "--quiet")
    assert time.process_time() - began < len(SLOW) * 1.5
    refused = set()
    for line in ran.lines:
        file, message = line.split(":1:1: error: ")
        assert re.fullmatch(r"the text (takes longer than 1 s to render|nests too deeply) \(.+\) \[too-slow\]", message)
        refused.add(Path(file).stem)
    built = {path.stem for path in (tmp_path / "site/articles").glob("*.html")} - {"index"}
    assert built | refused == {*ids.values(), "good"}
    assert not built & refused
    assert "good" in built
    assert len(refused) < len(SLOW) / 2
    assert ran.code == (1 if refused else 0)


@pytest.mark.parametrize("text", ["[" * 10_000 + "](x\n\n[a]: b\n", "".join("    " * n + "* a\n" for n in range(400))])
def test_a_refused_text_leaves_no_trace_in_the_next(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "SECONDS", 0.2)
    plain = "Hello *you*\n\n* a\n\n* b\n\n> c\n\n[^1]\n\n[^1]: d\n"
    before = markdown.render(plain, "f.md")
    prose, (problem,) = markdown.render(text, "f.md")
    assert prose is None
    assert problem.code == "too-slow"
    assert markdown.render(plain, "f.md") == before


def test_the_limit_is_of_seconds_not_of_minutes() -> None:
    assert 1 <= markdown.SECONDS <= 10
