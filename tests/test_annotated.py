"""Whatever the source and however its annotations lie over each other: the page is well formed, and says the text."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects import HEAD, sitrep, write
from sitrep.model.entries import Anchor, Prose
from sitrep.pages.parts.annotated_text import Marks, woven
from sitrep.parse import markdown

BLOCKS = st.sampled_from(
    [
        "{}",
        "# {}",
        "> {}",
        "- {}\n- {}",
        "1. {}\n2. {}",
        "    {}",
        "```\n{}\n```",
        "{} | {}\n--- | ---\n{} | {}",
        "{}  \n{}",
        "{}\n{}",
        "> - {}\n>\n> {}",
        "{}[^1]\n\n[^1]: {}",
        "---",
        "- {}\n\n    {}",
    ]
)
INLINE = st.sampled_from(
    ["word", "two words", "*em*", "**strong *both***", "[link *in*](https://example.org/a?b=1&c=2)", "`code <b>`"]
    + ["&amp;", "&lt;b&gt;", "AT&T", "<tweet>", "<b>bold</b>", "1 < 2 > 0", '"q"', "“q”", "e\u0301", "\u00a0", "\u200b"]
    + ["\u202e", "東京", "👩\u200d🚀", "\ufffd", "![alt](https://example.org/i.png)", "<https://example.org/>", "\\*"]
    + ["[x](y)", "**", "_", "`", "[", "]", "&#0;", "&nbsp;", "&notin;", "&copy", "{{ 7*7 }}", "</p>", "<a href=x>"]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Markdown, or what somebody might take for it."""
    blocks = []
    for block in draw(st.lists(BLOCKS, min_size=1, max_size=4)):
        lines = st.lists(INLINE, min_size=1, max_size=4).map(draw(st.sampled_from([" ", ""])).join)
        first, *rest = block.split("{}")
        blocks.append(first + "".join(draw(lines) + part for part in rest))
    return "\n\n".join(blocks)


def parsed(html: str) -> Any:
    """A fragment as a browser makes it; a fault in it is an error."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parseFragment(html, container="div")
    assert not parser.errors, (parser.errors, html)
    return tree


def content(tree: Any) -> str:
    return "".join(tree.itertext())


def nested_links(tree: Any) -> list[str]:
    return [content(inner) for link in tree.iter("a") for inner in link.iter("a") if inner is not link]


def characters(tree: Any) -> list[tuple[str, frozenset[int]]]:
    """Each character of a tree with the anchors (`data-a`) whose elements hold it."""
    found: list[tuple[str, frozenset[int]]] = []

    def walk(element: Any, around: frozenset[int]) -> None:
        own = element.get("data-a") if isinstance(element.tag, str) else None
        inside = around | {int(own)} if own else around
        found.extend((c, inside) for c in element.text or "")
        for child in element:
            walk(child, inside)
            found.extend((c, inside) for c in child.tail or "")

    walk(tree, frozenset())
    return found


def marks(anchor: Anchor, linked: bool) -> Marks:
    own = f'data-a="{anchor.n}"'
    if not linked:
        return Marks(f'<mark {own} id="{anchor.fragment}">', f"<mark {own}>", "</mark>", '<a class="n" href="#x"></a>')
    return Marks(
        f'<span {own} id="{anchor.fragment}">',
        f"<span {own}>",
        "</span>",
        link_first=f'<a {own} id="{anchor.fragment}" href="x.html">',
        link_rest=f'<a {own} href="x.html">',
    )


@st.composite
def spans(draw: st.DrawFn, text: str) -> list[tuple[int, int]]:
    """Overlapping, nested, crossing, coinciding; as quotes are, they begin and end with something visible."""
    at = [n for n, c in enumerate(text) if not c.isspace()]
    if not at:
        return []
    ends = st.tuples(st.sampled_from(at), st.sampled_from(at)).map(lambda pair: (min(pair), max(pair) + 1))
    made = draw(st.lists(ends, max_size=7))
    again = draw(st.lists(st.sampled_from(made), max_size=3)) if made else []
    return [*made, *again]


@given(documents(), st.sampled_from(["markdown", "text"]), st.data())
@settings(max_examples=300, deadline=None)
def test_marking_adds_elements_and_no_text(source: str, form: str, data: st.DataObject) -> None:
    prose, problems = markdown.render(source, "f", form=form)
    if prose is None:  # Markdown loses words of some, and we say so
        assert [problem.code for problem in problems] == ["lost-words"]
        return
    assert content(parsed(prose.html)) == prose.text
    kinds = ("actor", "event", "claim")
    made = tuple(Anchor(kinds[n % 3], n + 1, 1, *span) for n, span in enumerate(data.draw(spans(prose.text))))
    html = woven(prose, made, {a: marks(a, a.kind == "actor") for a in made}, ((0, len(prose.text)),))
    tree = parsed(html)
    assert content(tree) == prose.text
    assert not nested_links(tree)
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    signs = characters(tree)
    for anchor in made:
        assert ids[anchor.fragment] == 1
        for at, (sign, inside) in enumerate(signs):
            if anchor.start <= at < anchor.end:
                assert anchor.n in inside or sign in " \n", (anchor, at)
            else:
                assert anchor.n not in inside, (anchor, at)


@given(documents(), st.data())
@settings(max_examples=150, deadline=None)
def test_an_excerpt_holds_its_spans_and_no_other_word(source: str, data: st.DataObject) -> None:
    prose, problems = markdown.render(source, "f", form=data.draw(st.sampled_from(["markdown", "text"])))
    if prose is None:  # Markdown loses words of some, and we say so
        assert [problem.code for problem in problems] == ["lost-words"]
        return
    shown: list[tuple[int, int]] = []
    for start, end in sorted(data.draw(spans(prose.text))):
        if not shown or start > shown[-1][1]:
            shown.append((start, end))
    if not shown or shown == [(0, len(prose.text))]:
        return
    made = []
    for n, (start, end) in enumerate(data.draw(spans(prose.text))):
        if any(first <= start and end <= last for first, last in shown):
            made.append(Anchor("claim", n + 1, 1, start, end))
    html = woven(prose, tuple(made), {a: marks(a, False) for a in made}, tuple(shown))
    tree = parsed(html)
    for gap in [e for e in tree.iter("span") if e.get("class") == "gap"]:
        assert gap.text == "[…]"
        gap.text = ""
    assert re.sub(r"\s", "", content(tree)) == re.sub(r"\s", "", "".join(prose.text[a:b] for a, b in shown))
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert all(ids[anchor.fragment] == 1 for anchor in made)


# -- whole pages ------------------------------------------------------------------------------------------------------


@st.composite
def articles(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A text, and a sidecar whose quotes all stand in it, each told by its context."""
    form = draw(st.sampled_from(["markdown", "text"]))
    source = draw(documents())
    prose, _ = markdown.render(source, "f", form=form)
    sidecar: dict[str, Any] = {"format": form, "actors": [], "events": [], "claims": []}
    for n, (start, end) in enumerate(draw(spans(prose.text)) if prose else []):
        assert prose is not None
        words = prose.text[start:end]
        quote = {"exact": words, "prefix": prose.text[:start], "suffix": prose.text[end:]}
        if n % 3 == 0:
            sidecar["actors"].append({"id": f"actor-{n}", "quotes": [quote]})
        elif n % 3 == 1:
            sidecar["events"].append({"id": f"event-{n}", "quote": quote})
        else:
            sidecar["claims"].append({"quote": quote, "stance": draw(st.sampled_from(["asserts", "denies"]))})
    return source, sidecar


@given(st.lists(articles(), min_size=4, max_size=4))
@settings(max_examples=8, deadline=None)
def test_an_article_s_page_says_its_text_and_marks_each_annotation_once(made: list[tuple[str, dict[str, Any]]]) -> None:
    files: dict[str, str | bytes] = {}
    for n, (source, sidecar) in enumerate(made):
        files[f"content/articles/a{n}.md"] = source
        files[f"content/articles/a{n}.yaml"] = HEAD + "".join(
            f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in sidecar.items()
        )
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), files)
        sitrep(root, "build", "--quiet")
        for n, (source, sidecar) in enumerate(made):
            page = root / f"site/articles/a{n}.html"
            prose, _ = markdown.render(source, "f", form=sidecar["format"])
            assert prose is not None
            assert page.exists() == bool(prose.text.strip()) or not _readable(root, n)
            if page.exists():
                check_page(page.read_text("utf-8"), json.loads(page.with_suffix(".json").read_bytes()), prose)


def _readable(root: Path, n: int) -> bool:
    """Whether the sidecar could be read: YAML takes no control characters, say."""
    return f"content/articles/a{n}." not in sitrep(root, "check", "--quiet").out


def check_page(html: str, data: dict[str, Any], prose: Prose) -> None:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    page = parser.parse(html)
    assert not parser.errors, parser.errors
    assert not nested_links(page)
    body = next(e for e in page.iter("div") if "body" in (e.get("class") or "").split())
    assert content(body) == f"\n{prose.text}\n"
    assert data["text"] == prose.text
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    assert set(ids.values()) == {1}
    own = {element.get("id") for element in body.iter()}
    for annotation in data["annotations"]:
        assert annotation["exact"] == prose.text[annotation["start"] : annotation["end"]]
        assert annotation["fragment"] in own
    for link in page.iter("a"):
        href = link.get("href") or ""
        assert not href.startswith("#") or href[1:] in ids


EXAMPLE = "One *two [three](https://a.org) four* five.\n\n- six `seven`\n- eight\n"
LAID = {
    "nested": ["One two three four five.", "two three four", "three"],
    "crossing": ["One two three", "three four five."],
    "the same extent": ["two three four", "two three four", "two three four"],
    "across paragraphs": ["four five. six seven", "five. six seven eight"],
    "inside a link": ["hre", "thre", "three"],
    "touching": ["One two", "three", "four"],
}


@pytest.mark.parametrize("way", LAID)
def test_annotations_may_lie_in_any_way(way: str, tmp_path: Path) -> None:
    quotes = LAID[way]
    sidecar = HEAD + "actors:\n"
    sidecar += "".join(f"  - {{id: a{n}, quotes: [{{exact: {q!r}}}]}}\n" for n, q in enumerate(quotes))
    sidecar += "events:\n" + "".join(f"  - {{id: e{n}, quote: {q!r}}}\n" for n, q in enumerate(quotes))
    sidecar += "claims:\n" + "".join(f"  - {{quote: {q!r}}}\n" for q in quotes)
    root = write(tmp_path, {"content/articles/a.md": EXAMPLE, "content/articles/a.yaml": sidecar})
    ran = sitrep(root, "build", "--quiet")
    assert ran.code == 0, ran.out
    prose, _ = markdown.render(EXAMPLE, "f")
    assert prose is not None
    page = (root / "site/articles/a.html").read_text("utf-8")
    data = json.loads((root / "site/articles/a.json").read_bytes())
    check_page(page, data, prose)
    wanted = Counter((kind, q) for kind in ("actor", "event", "claim") for q in quotes)
    assert Counter((a["kind"], " ".join(a["exact"].split())) for a in data["annotations"]) == wanted


@pytest.mark.parametrize("quote", ["One two", "two three", "three", "three four", "hre", "One two three four five."])
def test_the_number_of_each_statement_follows_its_words(quote: str, tmp_path: Path) -> None:
    sidecar = HEAD + f"events: [{{id: e, quote: {quote!r}}}]\nclaims: [{{quote: {quote!r}}}, {{quote: One}}]\n"
    root = write(tmp_path, {"content/articles/a.md": EXAMPLE, "content/articles/a.yaml": sidecar})
    assert sitrep(root, "build", "--quiet").code == 0
    page = (root / "site/articles/a.html").read_text("utf-8")
    numbers = re.findall(r'<a class="n" href="#(note-(?:event|claim)-\d+)"', page)
    assert sorted(numbers) == ["note-claim-1", "note-claim-2", "note-event-1"]
    plain = re.sub(r"<(?!a class=.n)[^>]*>", "", re.sub(r'<a class="n" href="#note-claim-2"[^>]*>', "", page))
    assert re.search(re.escape(quote) + r'\w*(<a class="n" [^>]*>){2}', plain)
