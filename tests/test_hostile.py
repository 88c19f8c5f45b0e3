"""Other people's words: shown as text, or made harmless, wherever they stand."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
import pytest
from projects import GOOD, HEAD, everything, sitrep, write

ATTACKS = [
    "{{ 7*7 }}",
    "{% include 'base.html' %}",
    "<tweet>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg onload=alert(1)>",
    "<!-- comment -->",
    "</p></div></main>",
    "]]>&lt;b&gt;",
]
LINKS = [
    "javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\u2028javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
]
XHTML = "{http://www.w3.org/1999/xhtml}"


def elements(page: Path) -> list[tuple[str, dict[str, str]]]:
    tree = html5lib.parse(page.read_text("utf-8"), namespaceHTMLElements=True)
    return [(e.tag.removeprefix(XHTML), e.attrib) for e in tree.iter() if isinstance(e.tag, str)]


def harmless(site: Path) -> None:
    """No script but the theme's, no handler, no address that runs or leaves the web."""
    for page in site.rglob("*.html"):
        for tag, attributes in elements(page):
            assert tag not in ("iframe", "object", "embed", "tweet", "base"), page
            if tag == "script":
                assert "theme/" in attributes.get("src", ""), page
            if tag == "img":
                assert not urlsplit(attributes["src"]).scheme, page
            for name, value in attributes.items():
                assert not name.startswith("on"), (page, name)
                if name in ("href", "src", "action", "formaction"):
                    assert urlsplit(value.strip()).scheme in ("", "http", "https", "mailto"), (page, value)


@pytest.mark.parametrize("form", ["markdown", "text"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_words_in_every_place_are_shown_as_words(attack: str, form: str, tmp_path: Path) -> None:
    said = json.dumps(attack)
    sidecar = HEAD.replace("title: T", f"title: {said}") + f"format: {form}\nsummary: {said}\n"
    sidecar += f"actors:\n  - id: geneva\n    quotes: [{said}]\n    note: {said}\n" if form == "text" else ""
    sidecar += f"claims:\n  - id: c\n    by: [{{unnamed: {said}}}]\n    quote: Geneva spoke\n    note: {said}\n"
    files: dict[str, str | bytes] = {
        "content/articles/a.md": f"Geneva spoke. It said {attack} today.\n",
        "content/articles/a.yaml": sidecar,
        "content/actors/geneva.yaml": f"name: {said}\naliases: [{said}, Geneva]\n"
        f"description: {said}\nmarking: TLP:CLEAR\n",
        "content/claims/c.yaml": f"statement: {said}\nmarking: TLP:CLEAR\n",
        "content/topics/t.yaml": f"name: {said}\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": f"{attack} [[{attack}]]\n",
    }
    sitrep(write(tmp_path, files, config=f"title: {said}\ndescription: {said}\njson: true\n"), "build")
    site = tmp_path / "site"
    harmless(site)
    for page in (site / "articles/a.html", site / "actors/geneva.html", site / "claims/c.html"):
        text = "".join(html5lib.parse(page.read_text("utf-8")).itertext())
        assert attack in text, page
    assert json.loads((site / "articles/a.json").read_text("utf-8"))["title"] == attack
    if "7*7" in attack:
        assert "49" not in (site / "articles/a.html").read_text("utf-8").replace("&#39;", "")


@pytest.mark.parametrize("link", LINKS)
def test_addresses_that_run_are_no_links(link: str, tmp_path: Path) -> None:
    said = json.dumps(link)
    files: dict[str, str | bytes] = {
        **GOOD,
        "content/articles/a.md": f"Read [this]({link}), <{link}> and ![that]({link}).\n",
        "content/articles/a.yaml": HEAD + f"url: {said}\narchived: {said}\n",
        "content/actors/a.yaml": f"name: A\nurl: {said}\nmarking: TLP:CLEAR\n",
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": f"[x]({link}) [[x|{link}]]\n",
    }
    sitrep(write(tmp_path, files), "build")
    assert (tmp_path / "site/articles/a.html").exists()
    harmless(tmp_path / "site")


def test_no_page_loads_anything_from_elsewhere(tmp_path: Path) -> None:
    text = "![a](https://example.org/a.png) ![b](//example.org/b.png)\n"
    write(tmp_path, {"content/articles/a.md": text, "content/articles/a.yaml": HEAD})
    ran = sitrep(tmp_path, "build", "--quiet")
    assert "[remote-image]" in ran.out
    assert not [tag for tag, _ in elements(tmp_path / "site/articles/a.html") if tag == "img"]


QUADRATIC = {
    "brackets": "[" * 10_000 + "](x\n\n[a]: b\n",
    "footnotes": "[^1]" * 3_000 + "\n\n[^1]: x\n",
    "tags": "<a " * 8_000,
    "stars": "*a " * 7_000,
    "backticks": "`a``" * 5_000,
    "quotes": ">" * 10_000 + "x",
    "lists": "- " * 4_000 + "x",
    "links": "[a](" * 5_000,
}


def test_inputs_that_take_quadratic_time_are_bounded_and_named(tmp_path: Path) -> None:
    files = dict(GOOD)
    for name, text in QUADRATIC.items():
        files |= {f"content/articles/{name}.md": text, f"content/articles/{name}.yaml": HEAD}
    began = time.monotonic()
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert time.monotonic() - began < 120
    assert "Traceback" not in ran.err
    refused = {line.split(":")[0] for line in ran.lines if line.endswith("[too-slow]")}
    assert "content/articles/brackets.md" in refused
    for name in QUADRATIC:
        built = (tmp_path / f"site/articles/{name}.html").exists()
        assert built != (f"content/articles/{name}.md" in refused), name
    assert "All is well" in (tmp_path / "site/articles/good.html").read_text("utf-8")


def test_a_refused_document_leaves_no_trace_in_the_next(tmp_path: Path) -> None:
    from sitrep.read import markdown

    before = markdown.render("Hello\n\n* a\n\n* b\n", "f")[0]
    assert markdown.render("".join("    " * n + "* a\n" for n in range(400)), "f")[0] is None
    assert markdown.render("Hello\n\n* a\n\n* b\n", "f")[0] == before


def test_ids_lead_nowhere_but_into_the_site(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **GOOD,
        "content/actors/a.yaml": "name: A\nmarking: TLP:CLEAR\nformerly: [../../../evil, index, 'x/y']\n",
    }
    ran = sitrep(write(tmp_path / "p", files), "build", "--quiet")
    assert ran.code == 1
    assert ran.out.count("[id]") == 3
    assert not list(tmp_path.rglob("evil*"))
    assert "evil" not in everything(tmp_path / "p/site")


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
