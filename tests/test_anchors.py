"""Anchors are their words; marking adds nothing to a text and loses none of it."""

from __future__ import annotations

import re
import unicodedata

import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st

from sitrep.pages.annotated import Marks, woven
from sitrep.read import markdown
from sitrep.read.anchors import (
    Fault,
    Matchable,
    find,
    normal,
    occurrences,
    sentence_span,
    sentences,
    stands_alone,
    whole_words,
)
from sitrep.records import Anchor, Prose, Quote

PIECES = st.sampled_from(
    [
        "a",
        "B",
        "word",
        "don’t",
        "“quoted”",
        "–",
        "—",
        "-",
        " ",
        "  ",
        "\n",
        "\u00a0",
        "\u200b",
        "\u202e",
        "e\u0301",
        "é",
        "7",
    ]
    + ["東京", "한국", "\ufffd", "😀", "👍🏽", "&", "<tweet>", "…", ".", "'", '"', "o\u0308\u0304"]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=40).map("".join)


def is_boundary(text: str, at: int) -> bool:
    """Whether a cut here parts no letter from its marks."""
    return at in (0, len(text)) or not (unicodedata.combining(text[at]) or "\U0001f3fb" <= text[at] <= "\U0001f3ff")


@given(TEXTS, st.data())
@settings(max_examples=300, deadline=None)
def test_a_quote_with_its_ordinal_anchors_to_its_own_words(text: str, data: st.DataObject) -> None:
    cuts = [n for n in range(len(text) + 1) if is_boundary(text, n)]
    start = data.draw(st.sampled_from(cuts[:-1] or [0]))
    end = data.draw(st.sampled_from([n for n in cuts if n > start] or [len(text)]))
    words = text[start:end]
    if not normal(words):
        return
    ready = Matchable(text)
    spans = occurrences(ready, normal(words))
    assert spans
    for n, span in enumerate(spans, 1):
        assert find(ready, Quote(exact=words, occurrence=n)) == span
        assert normal(text[slice(*span)]) == normal(words)
        assert is_boundary(text, span[0])
        assert is_boundary(text, span[1])
    assert find(ready, Quote(exact=words, occurrence=len(spans) + 1)) == Fault("gone", words, places=len(spans))


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_what_is_found_is_what_was_sought(text: str, words: str) -> None:
    place = find(Matchable(text), Quote(exact=words))
    if isinstance(place, tuple):
        assert normal(text[slice(*place)]) == normal(words)


def test_context_narrows_and_never_guesses() -> None:
    ready = Matchable("The cat sat. The cat ran. The dog ran.")
    assert find(ready, Quote(exact="The cat", suffix="ran")) == (13, 20)
    assert find(ready, Quote(exact="ran", prefix="dog ")) == (34, 37)
    assert find(ready, Quote(exact="The cat")) == Fault("ambiguous", "The cat", places=2)
    gone = find(ready, Quote(exact="The cat slept"))
    assert isinstance(gone, Fault)
    assert gone.nearest == "The cat sat."


def test_pieces_anchor_one_after_the_other() -> None:
    ready = Matchable("She checked in the bag and checked herself in.")
    first = find(ready, Quote(exact="checked", occurrence=2))
    assert isinstance(first, tuple)
    assert find(ready, Quote(exact="in"), after=first[1]) == (43, 45)


def test_written_otherwise_is_the_same_word() -> None:
    ready = Matchable("He said: “It’s\u00a0done — cafe\u0301\u200b!”")
    assert find(ready, Quote(exact='"It\'s done - café!"')) == (9, len(ready.text))
    assert isinstance(find(ready, Quote(exact="cafe")), Fault)


def test_whole_words_and_the_longest() -> None:
    text = "South Korea, Korea; Koreans. 東京都 Putin's _Putin_ rePutin"
    found = whole_words(Matchable(text), ["Korea", "South Korea", "東京", "Putin"])
    assert [(text[slice(*span)], name) for span, name in found] == [
        ("South Korea", "South Korea"),
        ("Korea", "Korea"),
        ("東京", "東京"),
        ("Putin", "Putin"),
    ]


@given(TEXTS, st.lists(TEXTS.filter(lambda t: normal(t) != ""), min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_names_never_begin_or_end_inside_a_word_and_never_overlap(text: str, names: list[str]) -> None:
    end = 0
    for span, name in whole_words(Matchable(text), names):
        assert stands_alone(text, span)
        assert normal(text[slice(*span)]) == normal(name)
        assert span[0] >= end
        end = span[1]


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_sentences_cover_the_text(text: str) -> None:
    starts = sentences(text)
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    for at in range(len(text)):
        first, last = sentence_span(starts, text, (at, at + 1))
        assert first <= at < last


def test_abbreviations_end_no_sentence() -> None:
    text = "Mr. Kim met Gen. Lee of the U.S. Army. They agreed! “Yes.” Then they left.\nA new line"
    starts = sentences(text)
    parts = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert parts == [
        "Mr. Kim met Gen. Lee of the U.S. Army.",
        "They agreed!",
        "“Yes.”",
        "Then they left.",
        "A new line",
    ]


MARKUP = st.lists(
    st.sampled_from(
        [
            "word",
            " ",
            "*em*",
            "**strong**",
            "[link](https://example.org/a)",
            "`code`",
            "\n\n",
            "\n\n- item",
            "\n\n> quote",
        ]
        + ["\n\n# Head\n\n", "&amp;", "<b>", "e\u0301", "“x”", "  \n", "![i](assets/i.png)", "[^1]"]
    ),
    min_size=1,
    max_size=25,
).map("".join)


def content(html: str) -> str:
    tree = html5lib.parseFragment(html, container="div", treebuilder="etree", namespaceHTMLElements=False)
    return "".join(tree.itertext())


@given(MARKUP)
@settings(max_examples=200, deadline=None)
def test_the_text_is_what_a_browser_reads(source: str) -> None:
    prose, _ = markdown.render(source, "f")
    assert prose is not None
    assert content(prose.html) == prose.text


@given(st.one_of(MARKUP, TEXTS), st.data())
@settings(max_examples=300, deadline=None)
def test_marking_changes_no_word_and_every_anchor_is_its_words(source: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["markdown", "text"]))
    prose, _ = markdown.render(source, "f", form=form)
    assert prose is not None
    size = len(prose.text)
    pairs = st.tuples(st.integers(0, size), st.integers(0, size)).filter(lambda p: p[0] < p[1])
    spans = data.draw(st.lists(pairs, max_size=8)) if size else []
    kinds = ("actor", "event", "claim")
    anchors = tuple(Anchor(kinds[n % 3], n + 1, 1, *span) for n, span in enumerate(spans))  # type: ignore[arg-type]
    marks = {
        a: Marks(
            f'<mark data-a="{a.n}" id="{a.fragment}">',
            f'<mark data-a="{a.n}">',
            "</mark>",
            link_first=f'<a data-a="{a.n}" id="{a.fragment}" href="x">' if a.kind == "actor" else "",
            link_rest=f'<a data-a="{a.n}" href="x">' if a.kind == "actor" else "",
        )
        for a in anchors
    }
    html = woven(prose, anchors, marks, ((0, size),))
    assert content(html) == prose.text
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parseFragment(html, container="div")
    for anchor in anchors:
        words = prose.text[anchor.start : anchor.end]
        own = [e for e in tree.iter() if isinstance(e.tag, str) and e.get("data-a") == str(anchor.n)]
        found = "".join("".join(e.itertext()) for e in own)
        assert re.sub(r"\s", "", found) == re.sub(r"\s", "", words)
        if words.strip(" \n"):
            assert [e.get("id") for e in own if e.get("id")] == [anchor.fragment]
    for link in tree.iter("a"):
        assert not [inner for inner in link.iter("a") if inner is not link]


def test_only_what_may_be_shown_is_woven() -> None:
    prose = Prose(html="<p>One two. Three four.</p>\n<p>Five six.</p>", text="One two. Three four.\nFive six.")
    anchor = Anchor("claim", 1, 1, 9, 14)
    html = woven(prose, (anchor,), {anchor: Marks('<mark id="claim-1">', "<mark>", "</mark>")}, ((9, 20),))
    assert (
        html == '<p><span class="gap">[…]</span> <mark id="claim-1">Three</mark> four. <span class="gap">[…]</span></p>'
    )
