"""Quotes are located in the text verbatim or not at all.

Matching ignores how white space, quotation marks and dashes are written, invisible format characters, and composed
against decomposed letters; offsets are mapped back into the original text, and a match never splits a grapheme cluster.
Nothing is ever re-anchored: no match, or more than one where one was meant, is a fault with its candidates.

"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import msgspec

from sitrep.anchoring.text import unusual
from sitrep.model.records import Quote

Span = tuple[int, int]
"""Half open, in code points of the text."""

_SPACES = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_ALIKE = ((" ", _SPACES), ("'", "‘’‚‛′`´ʼ＇"), ('"', "“”„‟«»″〝〞＂"), ("-", "‐‑‒–—―−﹘﹣－"))
"""Characters that count as equal in a comparison, each mapped to its ASCII form, one for one."""
_PLAIN = {other: plain for plain, others in _ALIKE for other in others}
_RUNS = re.compile("  +")


class AnchorFault(msgspec.Struct, frozen=True):
    """Why a quote has no anchor: `gone` (with the nearest words) or `ambiguous` (with how many places)."""

    kind: Literal["gone", "ambiguous"]
    exact: str
    places: int = 0
    nearest: str = ""


class Matchable:
    """A text prepared for matching: its normal form, and the mapping back to the original."""

    __slots__ = ("_ends", "_norm_starts", "_starts", "norm", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] = []
        signs = set(unusual(text))
        plain = alike(text, signs)
        if any(map(_is_odd, signs)):
            self._lay(_clusters(text))
        elif "  " in plain:
            self._lay(_stretches(plain))
        else:
            self.norm = plain

    def _lay(self, pieces: Iterable[tuple[int, int, str, bool]]) -> None:
        """Lay the normal form out in runs, each with its start in both texts.

        A piece is (start, end, normal form, whether that is the same character for character). A run is one piece that
        is not (its `end` is known), or consecutive pieces that are (-1).

        """
        out: list[str] = []
        norm_starts: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        length = 0
        blank = straight = False
        for start, end, new, same in pieces:
            if new == " " and blank:
                new = ""
            if new:
                if not (same and straight):
                    norm_starts.append(length)
                    starts.append(start)
                    ends.append(-1 if same else end)
                out.append(new)
                length += len(new)
                blank = new[-1] == " "
            straight = same and bool(new)
        self.norm = "".join(out)
        self._norm_starts, self._starts, self._ends = norm_starts, starts, ends

    def back(self, start: int, end: int) -> Span | None:
        """A span of the normal form as a span of the text; None when it would split a grapheme cluster."""
        if not self._starts:
            return start, end
        first = bisect_right(self._norm_starts, start) - 1
        last = bisect_right(self._norm_starts, end - 1) - 1
        if self._ends[first] >= 0:
            if start != self._norm_starts[first]:
                return None
            begin = self._starts[first]
        else:
            begin = self._starts[first] + start - self._norm_starts[first]
        if self._ends[last] >= 0:
            following = self._norm_starts[last + 1] if last + 1 < len(self._norm_starts) else len(self.norm)
            if end != following:
                return None
            return begin, self._ends[last]
        stop = self._starts[last] + end - self._norm_starts[last]
        return begin, stop


def alike(text: str, signs: set[str]) -> str:
    """The text with white space as spaces, and quotation marks and dashes in ASCII, one for one."""
    for sign in signs & _PLAIN.keys():
        text = text.replace(sign, _PLAIN[sign])
    return text


@lru_cache(maxsize=16384)
def _is_odd(c: str) -> bool:
    """Whether a character may extend a cluster, is invisible, or is not in composed form."""
    if c < "\u00ad":
        return False
    o = ord(c)
    joins = (
        0x1100 <= o <= 0x11FF  # jamo, as the next two
        or 0xA960 <= o <= 0xA97F
        or 0xD7B0 <= o <= 0xD7FF
        or 0x1F1E6 <= o <= 0x1F1FF  # letters of flags
        or 0x1F3FB <= o <= 0x1F3FF  # skin tones
        or o in (0x0E33, 0x0EB3)
    )
    return joins or unicodedata.category(c) in ("Mn", "Mc", "Me", "Cf") or unicodedata.normalize("NFC", c) != c


@lru_cache(maxsize=16384)
def _written(cluster: str) -> str:
    """A cluster in its normal form: `alike`, composed, without invisible characters (except the tags of flags)."""
    if len(cluster) == 1 and not _is_odd(cluster):
        return _PLAIN.get(cluster, cluster)
    if cluster == "\r\n":
        return " "
    visible = "".join(c for c in cluster if unicodedata.category(c) != "Cf" or "\U000e0020" <= c <= "\U000e007f")
    return unicodedata.normalize("NFC", alike(visible, set(visible)))


def _clusters(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Extended grapheme clusters (Unicode Standard Annex 29): what a reader takes for one character."""
    import regex  # imported here: it loads slowly, and few texts need it

    for match in regex.finditer(r"\X", text):
        new = _written(match[0])
        yield match.start(), match.end(), new, match.end() - match.start() == 1 == len(new)


def _stretches(plain: str) -> Iterator[tuple[int, int, str, bool]]:
    """Pieces of a text in which only runs of white space differ from the normal form."""
    at = 0
    for match in _RUNS.finditer(plain):
        if match.start() > at:
            yield at, match.start(), plain[at : match.start()], True
        yield match.start(), match.end(), " ", False
        at = match.end()
    if at < len(plain):
        yield at, len(plain), plain[at:], True


@lru_cache(maxsize=65536)
def normal(words: str) -> str:
    """The normal form of words."""
    if not unusual(words) and "  " not in words:
        return words.strip(" ")
    return Matchable(words).norm.strip(" ")


def find(text: Matchable, quote: Quote, after: int = 0) -> Span | AnchorFault:
    """The one place a quote means, at or after an offset (for later pieces of one quotation).

    `occurrence` counts from 1 through the whole text, non-overlapping.

    """
    wanted = normal(quote.exact)
    if not wanted:
        return AnchorFault("gone", quote.exact)
    at = text.norm.find(wanted)
    if at >= 0 and text.norm.find(wanted, at + 1) < 0 and quote.occurrence in (None, 1):
        only = text.back(at, at + len(wanted))  # nearly always: the words occur once, and there is nothing to choose
        if only and only[0] >= after and not (quote.prefix or quote.suffix):
            return only
    places = _places(text, wanted, overlapping=quote.occurrence is None and bool(quote.prefix or quote.suffix))
    if quote.occurrence is not None:
        if quote.occurrence > len(places):
            return AnchorFault("gone", quote.exact, places=len(places), nearest="" if places else nearest(text, wanted))
        places = places[quote.occurrence - 1 : quote.occurrence]
    if quote.prefix or quote.suffix:
        places = [place for place in places if _between(text.norm, place[0], len(wanted), quote.prefix, quote.suffix)]
    spans = [span for _, span in places]
    spans = [span for span in spans if span[0] >= after]
    if after and len(spans) > 1 and quote.occurrence is None:
        spans = spans[:1]
    if len(spans) == 1:
        return spans[0]
    if spans:
        return AnchorFault("ambiguous", quote.exact, places=len(spans))
    return AnchorFault("gone", quote.exact, nearest=nearest(text, wanted))


def occurrences(text: Matchable, wanted: str, *, overlapping: bool = False) -> list[Span]:
    """Places of a normal form in the text, except those that would split a grapheme cluster."""
    return [span for _, span in _places(text, wanted, overlapping=overlapping)]


def _places(text: Matchable, wanted: str, *, overlapping: bool) -> list[tuple[int, Span]]:
    """The occurrences, each with its offset in the normal form."""
    norm, step = text.norm, 1 if overlapping else len(wanted)
    spans = []
    at = norm.find(wanted)
    while at >= 0:
        span = text.back(at, at + len(wanted))
        if span:
            spans.append((at, span))
        at = norm.find(wanted, at + (step if span else 1))
    return spans


def _between(norm: str, at: int, length: int, prefix: str, suffix: str) -> bool:
    """Whether these words stand directly before and after a place in a normal form, with at most a space between."""
    before, behind = normal(prefix), normal(suffix)
    left = norm[max(0, at - len(before) - 1) : at].rstrip(" ")
    right = norm[at + length : at + length + len(behind) + 1].lstrip(" ")
    return left.endswith(before) and right.startswith(behind)


def whole_words(text: Matchable, names: Iterable[str]) -> list[tuple[Span, str]]:
    """Each place where one of the names stands as whole words, the longest at each place, none overlapping.

    Scripts written without spaces have no word boundaries to respect.

    """
    wanted = {normal(name): name for name in names}
    wanted.pop("", None)
    hits: list[tuple[int, int, Span, str]] = []
    for norm, name in wanted.items():
        for span in occurrences(text, norm):
            if stands_alone(text.text, span):
                hits.append((span[0], span[0] - span[1], span, name))
    return longest(hits)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that touch or overlap are one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def longest(hits: list[tuple[int, int, Span, str]]) -> list[tuple[Span, str]]:
    """Of hits (start, minus length, span, value), those that remain when longer ones are preferred to overlapping
    shorter ones."""
    hits.sort()
    if all(one[2][1] <= other[0] for one, other in pairwise(hits)):
        return [(span, name) for _, _, span, name in hits]  # usually nothing overlaps
    hits.sort(key=lambda hit: (hit[1], hit[0], hit[3]))
    taken: list[tuple[Span, str]] = []
    starts: list[int] = []
    selected: list[Span] = []
    for _, _, span, name in hits:
        at = bisect_right(starts, span[0])
        if (at and selected[at - 1][1] > span[0]) or (at < len(selected) and selected[at][0] < span[1]):
            continue
        starts.insert(at, span[0])
        selected.insert(at, span)
        taken.append((span, name))
    return sorted(taken)


def stands_alone(text: str, span: Span) -> bool:
    """Whether a span begins and ends at word boundaries."""
    start, end = span
    return (text[start - 1 : start] in _APART or not _joined(text[start - 1], text[start])) and (
        text[end : end + 1] in _APART or not _joined(text[end - 1], text[end])
    )


def _joined(left: str, right: str) -> bool:
    return _in_word(left) and _in_word(right) and not (_unspaced(left) or _unspaced(right))


def _in_word(c: str) -> bool:
    return c.isalnum() or c == "_" or (not c.isascii() and unicodedata.category(c)[0] == "M")


_APART = {"", *(c for c in map(chr, range(128)) if not _in_word(c))}
"""The end of the text, and characters that are part of no word in any script: tested first, since nearly all names are
followed by one."""


def _unspaced(c: str) -> bool:
    """Han, kana, Thai, Lao, Khmer, Burmese, Tibetan: scripts written without spaces between words."""
    o = ord(c)
    return o >= 0x0E00 and (
        0x0E00 <= o <= 0x0FFF
        or 0x1000 <= o <= 0x109F
        or 0x1780 <= o <= 0x17FF
        or 0x2E80 <= o <= 0x312F
        or 0x31A0 <= o <= 0x9FFF
        or 0xF900 <= o <= 0xFAFF
        or 0xFF66 <= o <= 0xFF9F
        or 0x20000 <= o <= 0x3FFFF
    )


def nearest(text: Matchable, wanted: str) -> str:
    """The words of the text most similar to those wanted, or the empty string."""
    norm = text.norm[:200_000]
    wanted = wanted[:600]
    folded = norm.casefold()
    if len(folded) == len(norm) and (at := folded.find(wanted.casefold())) >= 0:
        return norm[at : at + len(wanted)]
    words = list(re.finditer(r"\S+", norm))
    sought = wanted.casefold().split()
    if not words or not sought:
        return ""
    seen = [m.group().casefold().strip(".,;:!?\"'()") for m in words]
    want = [w.strip(".,;:!?\"'()") for w in sought]
    from difflib import SequenceMatcher  # imported here, since few quotes are missing

    match = SequenceMatcher(None, seen, want, autojunk=False).find_longest_match(0, len(seen), 0, len(want))
    if match.size == 0 or match.size * 3 < len(want):
        return ""
    first = max(0, match.a - match.b)
    last = min(len(words), first + len(want))
    return norm[words[first].start() : words[last - 1].end()]


def sentences(text: str) -> list[int]:
    """The offsets at which sentences begin. A line break always ends a sentence; common abbreviations do not."""
    starts = [0]
    for match in _STOP.finditer(text):
        at = match.start()
        ending = text[at - 2 : at] if at > 1 else ""
        if text[at] == "." and (ending.lower() in _ENDINGS or not ending.isalnum()) and "\n" not in match[0]:
            word = text[max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1 : at + 1]
            word = word.lstrip("(“\"'‘[")
            if word.lower() in _ABBREVIATIONS or _INITIAL.fullmatch(word):
                continue
        starts.append(match.end())
    if starts[-1] == len(text) and len(starts) > 1:
        starts.pop()
    return starts


_STOP = re.compile(
    "[.!?…\n。！？](?:"
    "(?<=[.!?…])[.!?…]*[\"'”’»)\\]]*\\s+(?=[\"'“‘«(\\[]*[A-Z0-9À-ÖØ-ÞА-ЯΑ-Ω\u0590-\u08ff\uac00-\ud7a3])"
    "|(?<=\n)\\s*"
    "|(?<=[。！？])[。！？]*[」』”’]*\\s*)"
)
"""The first character as a set of its own: `re` then scans for that alone."""
_INITIAL = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]?\.?")
_ABBREVIATIONS = {
    *("mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "gen.", "col.", "lt.", "capt.", "sgt.", "adm.", "sen.", "rep."),
    *("gov.", "pres.", "vs.", "no.", "nos.", "vol.", "art.", "jan.", "feb.", "mar.", "apr.", "jun.", "jul.", "aug."),
    *(
        "sep.",
        "sept.",
        "oct.",
        "nov.",
        "dec.",
        "inc.",
        "ltd.",
        "co.",
        "corp.",
        "e.g.",
        "i.e.",
        "approx.",
        "maj.",
        "brig.",
    ),
}
_ENDINGS = {word[-3:-1] for word in _ABBREVIATIONS}
"""The last two letters of abbreviations: most words before a full stop have others and need no further test."""


def sentence_span(starts: Sequence[int], text: str, span: Span) -> Span:
    """The sentence or sentences that a span lies in, without surrounding white space."""
    first = starts[bisect_right(starts, span[0]) - 1]
    after = bisect_right(starts, max(span[0], span[1] - 1))
    last = starts[after] if after < len(starts) else len(text)
    while last > first and text[last - 1].isspace():
        last -= 1
    return first, max(last, span[1])
