"""Anchors are their words; marking adds nothing to a text and loses none of it."""

from __future__ import annotations

import json
import re
import unicodedata

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitrep.anchoring.quotes import (
    AnchorFault,
    Matchable,
    find,
    normal,
    occurrences,
    sentence_span,
    sentences,
    stands_alone,
    whole_words,
)
from sitrep.model.entries import Anchor, Prose
from sitrep.model.records import Quote
from sitrep.pages.parts.annotated_text import Marks, woven
from sitrep.parse import entry as items
from sitrep.parse import markdown

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
    assert find(ready, Quote(exact=words, occurrence=len(spans) + 1)) == AnchorFault("gone", words, places=len(spans))


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
    assert find(ready, Quote(exact="The cat")) == AnchorFault("ambiguous", "The cat", places=2)
    gone = find(ready, Quote(exact="The cat slept"))
    assert isinstance(gone, AnchorFault)
    assert gone.nearest == "The cat sat."


def test_pieces_anchor_one_after_the_other() -> None:
    ready = Matchable("She checked in the bag and checked herself in.")
    first = find(ready, Quote(exact="checked", occurrence=2))
    assert isinstance(first, tuple)
    assert find(ready, Quote(exact="in"), after=first[1]) == (43, 45)


def test_written_otherwise_is_the_same_word() -> None:
    ready = Matchable("He said: “It’s\u00a0done — cafe\u0301\u200b!”")
    assert find(ready, Quote(exact='"It\'s done - café!"')) == (9, len(ready.text))
    assert isinstance(find(ready, Quote(exact="cafe")), AnchorFault)


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
    prose, problems = markdown.render(source, "f")
    if prose is None:  # Markdown loses words of some, and we say so
        assert [problem.code for problem in problems] == ["lost-words"]
        return
    assert content(prose.html) == prose.text


@given(st.one_of(MARKUP, TEXTS), st.data())
@settings(max_examples=300, deadline=None)
def test_marking_changes_no_word_and_every_anchor_is_its_words(source: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["markdown", "text"]))
    prose, problems = markdown.render(source, "f", form=form)
    if prose is None:  # Markdown loses words of some, and we say so
        assert [problem.code for problem in problems] == ["lost-words"]
        return
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


# -- against a second way of looking ----------------------------------------------------------------------------------

COMMON = [
    "a",
    "B",
    "word",
    " ",
    "  ",
    "\n",
    "\u00a0",
    "\u200b",
    "\u202e",
    ".",
    "7",
    "“",
    '"',
    "’",
    "'",
    "–",
    "-",
    "\ufffd",
]
FAMILIES = {
    "Latin": ["e\u0301", "é", "e", "o\u0308\u0304", "n\u0303"],
    "Han and Hangul": ["東", "京", "한", "국", "は", "ー"],
    "Hangul in jamo": ["\u1112\u1161\u11ab", "한", "\u1100\u1161", "가", "국"],
    "Indic": ["\u0995\u09be", "\u0995", "\u0995\u09cb", "\u0995\u09c7\u09be", "\u0b95\u0bcd", "\u0b95"],
    "Arabic and Hebrew": ["\u0628\u064e", "\u0628", "\u05e9\u05b8", "\u05e9"],
    "emoji": ["😀", "👍🏽", "👍", "👩\u200d🚀", "👩", "❤\ufe0f"],
    "flags": ["🇺🇸", "🇸🇺", "🏴\U000e0067\U000e0062\U000e007f", "🏴"],
    "singletons": ["\u212b", "\u00c5", "A\u030a", "\u2126", "\u03a9", "\uf900", "\u8c48"],
}
"""Whole grapheme clusters, none of which grows or merges beside another."""
INVISIBLE = {"\u200b", "\u202e"}


def clustered(family: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([*(FAMILIES[family] * 4), *COMMON]), min_size=1, max_size=30)


def tokens(clusters: list[str]) -> list[tuple[str, int, int]]:
    """Each cluster as it is compared, with its place; the invisible ones left out, spaces run together."""
    found: list[tuple[str, int, int]] = []
    at = 0
    for cluster in clusters:
        for part in [cluster] if len(cluster) > 1 and not cluster.isascii() else list(cluster):
            plain = unicodedata.normalize("NFC", part.replace("\u200d", ""))
            plain = " " if part.isspace() else {"“": '"', "’": "'", "–": "-"}.get(plain, plain)
            if part not in INVISIBLE and not (plain == " " and found and found[-1][0] == " "):
                found.append((plain, at, at + len(part)))
            at += len(part)
    return found


def stripped(found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    while found and found[0][0] == " ":
        found = found[1:]
    while found and found[-1][0] == " ":
        found = found[:-1]
    return found


def places(clusters: list[str], words: list[str], *, overlapping: bool = False) -> list[tuple[int, int]]:
    """Where words stand, cluster by cluster."""
    text, wanted = tokens(clusters), [plain for plain, _, _ in stripped(tokens(words))]
    found, n = [], 0
    while wanted and n + len(wanted) <= len(text):
        here = [plain for plain, _, _ in text[n : n + len(wanted)]] == wanted
        if here:
            found.append((text[n][1], text[n + len(wanted) - 1][2]))
        n += len(wanted) if here and not overlapping else 1
    return found


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_quote_stands_where_its_clusters_do_and_nowhere_else(family: str, data: st.DataObject) -> None:
    clusters = data.draw(clustered(family))
    first = data.draw(st.integers(0, len(clusters) - 1))
    words = clusters[first : data.draw(st.integers(first + 1, len(clusters)))]
    ready, exact, expected = Matchable("".join(clusters)), "".join(words), places(clusters, words)
    for n, span in enumerate(expected, 1):
        assert find(ready, Quote(exact=exact, occurrence=n)) == span
    assert isinstance(find(ready, Quote(exact=exact, occurrence=len(expected) + 1)), AnchorFault)
    if len(expected) == 1:
        assert find(ready, Quote(exact=exact)) == expected[0]
    elif expected:
        assert find(ready, Quote(exact=exact)) == AnchorFault("ambiguous", exact, places=len(expected))


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_not_there_cluster_by_cluster_is_gone(family: str, data: st.DataObject) -> None:
    clusters, words = data.draw(clustered(family)), data.draw(clustered(family).map(lambda made: made[:3]))
    place, expected = find(Matchable("".join(clusters)), Quote(exact="".join(words))), places(clusters, words)
    assert isinstance(place, tuple) == (len(expected) == 1)
    assert place in expected or not isinstance(place, tuple)


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_context_finds_the_one_place_and_ambiguity_is_counted(family: str, data: st.DataObject) -> None:
    clusters = data.draw(clustered(family))
    first = data.draw(st.integers(0, len(clusters) - 1))
    last = data.draw(st.integers(first + 1, len(clusters)))
    words, before, behind = clusters[first:last], clusters[:first], clusters[last:]
    inside = stripped(tokens(words))
    if not inside:
        return
    offset = len("".join(before))
    span = (offset + inside[0][1], offset + inside[-1][2])
    ready, exact = Matchable("".join(clusters)), "".join(words)
    whole = Quote(exact=exact, prefix="".join(before), suffix="".join(behind))
    if whole.prefix or whole.suffix:
        assert find(ready, whole) == span
    near = before[-2:]
    wanted = [plain for plain, _, _ in stripped(tokens(near))]
    if wanted:
        candidates = []
        for start, end in places(clusters, words, overlapping=True):
            earlier = stripped([t for t in tokens(clusters) if t[2] <= start])
            if [plain for plain, _, _ in earlier[-len(wanted) :]] == wanted:
                candidates.append((start, end))
        place = find(ready, Quote(exact=exact, prefix="".join(near)))
        assert span in candidates
        assert place == (span if len(candidates) == 1 else AnchorFault("ambiguous", exact, places=len(candidates)))


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_however_a_quote_is_written_it_is_the_same_quote(family: str, data: st.DataObject) -> None:
    clusters = data.draw(clustered(family))
    words = "".join(clusters)
    assert normal(normal(words)) == normal(words)
    for form in ("NFC", "NFD"):
        assert normal(unicodedata.normalize(form, words)) == normal(words)
    other = words.translate(str.maketrans({"“": "„", '"': "”", "’": "‘", "–": "—", " ": "\u2003", "\n": "\t"}))
    assert normal(other) == normal(words)


@pytest.mark.parametrize(
    ("text", "words", "starts"),
    [
        ("aaaaa", "aa", [0, 2]),
        ("anana anana", "ana", [0, 6]),
        ("no no no no", "no no", [0, 6]),
        ("no  no\nno\u00a0\u200bno", "no no", [0, 7]),
        ("e\u0301e\u0301e\u0301", "éé", [0]),
    ],
)
def test_occurrences_are_counted_without_overlap(text: str, words: str, starts: list[int]) -> None:
    ready = Matchable(text)
    assert [span[0] for span in occurrences(ready, normal(words))] == starts
    for n, start in enumerate(starts, 1):
        place = find(ready, Quote(exact=words, occurrence=n))
        assert isinstance(place, tuple)
        assert place[0] == start
    assert find(ready, Quote(exact=words, occurrence=len(starts) + 1)) == AnchorFault("gone", words, places=len(starts))


def test_no_word_is_left_out_of_a_match() -> None:
    jamo = unicodedata.normalize("NFD", "한국")
    text = f"Seoul said {jamo}은 agreed"
    ready = Matchable(text)
    assert isinstance(find(ready, Quote(exact="said 은 agreed")), AnchorFault)
    assert find(ready, Quote(exact="한국")) == (11, 11 + len(jamo))
    assert find(Matchable("Kim" + unicodedata.normalize("NFD", "은")), Quote(exact="Kim")) == (0, 3)
    assert isinstance(find(Matchable("a \u0301x"), Quote(exact="a x")), AnchorFault)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("e\u0301", "e"),
        ("e\u200d\u0301", "e"),
        ("\u0995\u09be", "\u0995"),
        ("\u0b95\u0bcd", "\u0b95"),
        ("\u0c15\u0c3f", "\u0c15"),
        ("\u0e01\u0e33", "\u0e01"),
        ("\u1112\u1161\u11ab", "\u1112\u1161"),
        ("\U00011013\U00011038", "\U00011013"),
        ("👍🏽", "👍"),
        ("👩\u200d🚀", "👩"),
        ("👩\u200d🚀", "🚀"),
        ("🇺🇸🇺🇸", "🇸🇺"),
        ("🏴\U000e0067\U000e007f", "🏴"),
    ],
)
def test_a_match_never_splits_a_cluster(text: str, part: str) -> None:
    for around in ("{}", "a {} b", "“{}”"):
        whole = Matchable(around.format(text))
        fault = find(whole, Quote(exact=part))
        assert isinstance(fault, AnchorFault)
        assert fault.kind == "gone"
        assert find(whole, Quote(exact=text)) == (around.index("{"), around.index("{") + len(text))


@pytest.mark.parametrize("room", ["\n" * 200, " " * 200, "\u200b" * 200])
def test_context_is_seen_past_long_white_space(room: str) -> None:
    text = f"an end. word{room}end"
    place = (len(text) - 3, len(text))
    assert find(Matchable(text), Quote(exact="end", prefix="word")) == place
    assert find(Matchable(f"end{room}word, end"), Quote(exact="end", suffix="word")) == (0, 3)


@pytest.mark.parametrize(
    ("quote", "nearest"),
    [
        ("the treaty was singed in June", "the treaty was signed in June"),
        ("THE TREATY WAS SIGNED", "The treaty was signed"),
        ("treaty was never signed", "treaty was signed in"),
        ("quite another thing", ""),
    ],
)
def test_what_is_gone_has_the_nearest_words_that_stand_there(quote: str, nearest: str) -> None:
    text = "On Tuesday The treaty was signed in June, KCNA said."
    fault = find(Matchable(text), Quote(exact=quote))
    assert isinstance(fault, AnchorFault)
    assert (fault.kind, fault.places) == ("gone", 0)
    assert fault.nearest.casefold().rstrip(",") == nearest.casefold()
    assert fault.nearest in text


# -- names ------------------------------------------------------------------------------------------------------------


def in_one_word(left: str, right: str) -> bool:
    """Whether two characters side by side are of one word; Han, kana and Thai have none to cut."""
    signs = [re.fullmatch(r"\w", c) or unicodedata.category(c)[0] == "M" for c in (left, right)]
    free = any(re.search(r"CJK|HIRAGANA|KATAKANA|THAI", unicodedata.name(c, "")) for c in (left, right))
    return all(signs) and not free


PARTS = st.sampled_from(
    ["Kim", "Korea", "South", "Putin", "Un", "s", "東京", "都", "한국", "은", "é", "e\u0301"]
    + [" ", " ", " ", " ", " ", "-", ", ", "’", "'s ", ".", "\n", "\u00a0", "\u200b", "_", "7"]
)


@given(st.lists(PARTS, min_size=1, max_size=25), st.data())
@settings(max_examples=250, deadline=None)
def test_names_are_all_the_whole_words_there_are_the_longest_first(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = st.tuples(st.integers(0, len(parts)), st.integers(1, 4))
    drawn = data.draw(st.lists(cuts.map(lambda cut: "".join(parts[cut[0] : cut[0] + cut[1]])), max_size=8))
    names = list({normal(name): name for name in drawn if normal(name)}.values())
    ready = Matchable(text)
    hits = [
        span
        for name in names
        for span in occurrences(ready, normal(name))
        if not (span[0] and in_one_word(text[span[0] - 1], text[span[0]]))
        and not (span[1] < len(text) and in_one_word(text[span[1] - 1], text[span[1]]))
    ]
    expected: list[tuple[int, int]] = []
    for start, end in sorted(hits, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= other[0] or other[1] <= start for other in expected):
            expected.append((start, end))
    assert [span for span, _ in whole_words(ready, names)] == sorted(expected)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kim’s aide", True),
        ("Kim's", True),
        ("anti-Kim", True),
        ("“Kim”", True),
        ("Kim\u200b, he said", True),
        ("Kims", False),
        ("Kimé", False),
        ("Kime\u0301", False),
        ("Kim7", False),
        ("unKim", False),
        ("Kim\u0301", False),
        ("김Kim", False),
        ("東京Kimは", True),
    ],
)
def test_a_name_is_found_as_a_word_of_its_own(text: str, found: bool) -> None:
    assert bool(whole_words(Matchable(text), ["Kim"])) == found


# -- what a sidecar says of them --------------------------------------------------------------------------------------


def anchored(text: str, **sidecar: object) -> tuple[list[tuple[str, int, int, int, int]], list[str]]:
    """The anchors of an article in plain text, and the codes of its problems."""
    data = json.dumps({"format": "text", **sidecar}, ensure_ascii=False).encode()
    entry, problems = items.read("articles", "a", data, text.encode(), ("a.yaml", "a.md"))
    return [(a.kind, a.n, a.k, a.start, a.end) for a in entry.anchors], [problem.code for problem in problems]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_pieces_of_a_quotation_stand_in_its_order(data: st.DataObject) -> None:
    words = st.sampled_from(["checked", "herself", "in", "e\u0301", "“so”", "東京", "-", "in"])
    text = " ".join(data.draw(st.lists(words, min_size=2, max_size=12)))
    found = [m.span() for m in re.finditer(r"\S+", text)]
    chosen = sorted(data.draw(st.sets(st.sampled_from(found), min_size=2, max_size=4)))
    clusters = re.findall(r"e\u0301|.", text)
    pieces = []
    for start, end in chosen:
        spans = places(clusters, re.findall(r"e\u0301|.", text[start:end]))
        pieces.append({"exact": text[start:end], "occurrence": spans.index((start, end)) + 1})
    for kind, more in (("claims", {}), ("events", {"id": "x"})):
        anchors, codes = anchored(text, **{kind: [{**more, "quote": pieces}]})
        assert not codes
        assert anchors == [(kind[:-1], 1, k, start, end) for k, (start, end) in enumerate(chosen, 1)]
        anchors, codes = anchored(text, **{kind: [{**more, "quote": pieces[::-1]}]})
        assert (anchors, codes) == ([], ["quote-gone"])


def test_a_later_piece_is_the_next_of_its_words() -> None:
    anchors, codes = anchored("in, she checked the bag in, then in.", claims=[{"quote": ["checked", "in"]}])
    assert not codes
    assert anchors == [("claim", 1, 1, 8, 15), ("claim", 1, 2, 24, 26)]


def test_annotations_of_the_same_extent_all_stand() -> None:
    quote = "Kim spoke"
    anchors, codes = anchored(
        "Then Kim spoke.",
        actors=[{"id": "a", "quotes": [quote]}, {"id": "b", "quotes": [quote]}, {"id": "kim"}],
        events=[{"id": "x", "quote": quote}, {"id": "y", "quote": quote}],
        claims=[{"quote": quote}, {"quote": {"exact": quote, "prefix": "Then"}}],
    )
    assert not codes
    assert {(kind, n) for kind, n, _, start, end in anchors if (start, end) == (5, 14)} == {
        *(("actor", 1), ("actor", 2), ("event", 1), ("event", 2), ("claim", 1), ("claim", 2))
    }
    assert ("actor", 3, 1, 5, 8) in anchors


def test_an_actor_s_plain_quotes_mean_every_place_and_narrowed_ones_one() -> None:
    text = "The delegation met a delegation; the delegations left. The Delegation"
    anchors, codes = anchored(
        text,
        actors=[
            {"id": "x", "quotes": ["delegation"]},
            {"id": "y", "quotes": [{"exact": "delegation", "prefix": "a "}]},
            {"id": "z", "quotes": [{"exact": "delegation", "occurrence": 3}]},
        ],
    )
    assert not codes
    assert [(n, text[start:end], start) for _, n, _, start, end in sorted(anchors)] == [
        (1, "delegation", 4),
        (1, "delegation", 21),
        (2, "delegation", 21),
        (3, "delegation", 37),
    ]


@given(TEXTS, st.data())
@settings(max_examples=150, deadline=None)
def test_the_sentences_of_a_span_hold_it_and_cut_no_letter(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    starts = sentences(text)
    first, last = sentence_span(starts, text, (start, end))
    assert first in starts
    assert first <= start < end <= last <= len(text)
    assert last == end or not text[last - 1].isspace()
    assert all(is_boundary(text, at) for at in starts if at < len(text))
