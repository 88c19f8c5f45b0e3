"""Quotes are found in the text: verbatim or not at all.

Matching ignores how white space, quotation marks and dashes are written, invisible format characters, and composed
against decomposed letters; offsets are mapped back into the text as it stands, and a match never splits a grapheme
cluster. Nothing is ever re-anchored: no match, or more than one where one was meant, is a fault with its candidates.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from sitrep.records import Quote

Span = tuple[int, int]
"""Half open, in code points of the text."""

_SPACES = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_ALIKE = ((" ", _SPACES), ("'", "‘’‚‛′`´ʼ＇"), ('"', "“”„‟«»″〝〞＂"), ("-", "‐‑‒–—―−﹘﹣－"))
"""What counts as the same when words are compared: written one for one as the first."""
_PLAIN = {other: plain for plain, others in _ALIKE for other in others}
_FORMAT = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903"
    "\u093a-\u094f\u0e31\u0e34-\u0e4e\u1100-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f"
    "\ufe20-\ufe2f\U0001f3fb-\U0001f3ff"
)
_IRREGULAR = re.compile(f"  +|[{_FORMAT}]+|[^{_MARKS}]?[{_MARKS}]+")
"""Runs of spaces; invisible characters; a letter with its combining marks, or conjoining jamo: what NFC may change, and
what a match may not split."""
_RUNS = re.compile("  +")
_IS_IRREGULAR = re.compile(f"[{_FORMAT}{_MARKS}]")
_INVISIBLE = re.compile(f"[{_FORMAT}]")


class Fault(msgspec.Struct, frozen=True):
    """Why a quote has no anchor: `gone` (with the nearest words) or `ambiguous` (with how many places)."""

    kind: Literal["gone", "ambiguous"]
    exact: str
    places: int = 0
    nearest: str = ""


class Matchable:
    """A text made ready for matching: its normal form, and the way back."""

    __slots__ = ("_ends", "_norm_starts", "_starts", "norm", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] = []
        signs = set(text)
        plain = alike(text, signs)
        odd = not text.isascii() and _IS_IRREGULAR.search("".join(signs))
        if odd or "  " in plain:
            pattern = _IRREGULAR if odd else _RUNS
            self._irregular(plain, [(m.start(), m.end()) for m in pattern.finditer(plain)])
        else:
            self.norm = plain

    def _irregular(self, plain: str, pieces: list[Span]) -> None:
        """Lay the normal form out in runs; each run knows where it begins in both."""
        out: list[str] = []
        norm_starts: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        at = length = 0

        def run(start: int, end: int) -> None:
            norm_starts.append(length)
            starts.append(start)
            ends.append(end)

        for start, end in pieces:
            if start < at:
                continue
            if start > at:
                run(at, -1)
                out.append(plain[at:start])
                length += start - at
            piece = plain[start:end]
            if piece[0] == " ":
                new = "" if out and out[-1].endswith(" ") else " "
            elif _INVISIBLE.match(piece):
                new = ""
            else:
                new = unicodedata.normalize("NFC", piece)
            if new:
                run(start, end)
                out.append(new)
                length += len(new)
            at = end
        if at < len(plain):
            run(at, -1)
            out.append(plain[at:])
        self.norm = "".join(out)
        self._norm_starts, self._starts, self._ends = norm_starts, starts, ends

    def back(self, start: int, end: int) -> Span | None:
        """A span of the normal form in the text itself; None when it would split a grapheme cluster."""
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
    """The text with every white space a space and quotation marks and dashes in their ASCII form, one for one."""
    for sign in signs & _PLAIN.keys():
        text = text.replace(sign, _PLAIN[sign])
    return text


@lru_cache(maxsize=65536)
def normal(words: str) -> str:
    """Words in the form they are matched in."""
    return Matchable(words).norm.strip(" ")


def find(text: Matchable, quote: Quote, after: int = 0) -> Span | Fault:
    """The one place a quote means, at or after an offset of the text (for the later pieces of one quotation).

    `occurrence` counts from 1 through the whole text, non-overlapping.
    """
    wanted = normal(quote.exact)
    if not wanted:
        return Fault("gone", quote.exact)
    if quote.occurrence is not None:
        spans = occurrences(text, wanted)
        if quote.occurrence > len(spans):
            return Fault("gone", quote.exact, places=len(spans), nearest="" if spans else nearest(text, wanted))
        spans = spans[quote.occurrence - 1 : quote.occurrence]
    elif quote.prefix or quote.suffix:
        spans = occurrences(text, wanted, overlapping=True)
    else:
        spans = occurrences(text, wanted)
    if quote.prefix or quote.suffix:
        spans = [span for span in spans if _between(text, span, quote.prefix, quote.suffix)]
    spans = [span for span in spans if span[0] >= after]
    if after and len(spans) > 1 and quote.occurrence is None:
        spans = spans[:1]
    if len(spans) == 1:
        return spans[0]
    if spans:
        return Fault("ambiguous", quote.exact, places=len(spans))
    return Fault("gone", quote.exact, nearest=nearest(text, wanted))


def occurrences(text: Matchable, wanted: str, *, overlapping: bool = False) -> list[Span]:
    """Where a normal form stands in the text; occurrences that would split a grapheme cluster are none."""
    norm, step = text.norm, 1 if overlapping else len(wanted)
    found = []
    at = norm.find(wanted)
    while at >= 0:
        span = text.back(at, at + len(wanted))
        if span:
            found.append(span)
        at = norm.find(wanted, at + (step if span else 1))
    return found


def _between(text: Matchable, span: Span, prefix: str, suffix: str) -> bool:
    room = 2 * (len(prefix) + len(suffix)) + 64
    before = Matchable(text.text[max(0, span[0] - room) : span[0]]).norm.rstrip(" ")
    behind = Matchable(text.text[span[1] : span[1] + room]).norm.lstrip(" ")
    return before.endswith(normal(prefix)) and behind.startswith(normal(suffix))


def whole_words(text: Matchable, names: Iterable[str]) -> list[tuple[Span, str]]:
    """Each place where one of the names stands as whole words, the longest at each place, none overlapping.

    Scripts written without spaces have no word ends to respect.
    """
    wanted = {normal(name): name for name in names}
    wanted.pop("", None)
    hits: list[tuple[int, int, Span, str]] = []
    for norm, name in wanted.items():
        for span in occurrences(text, norm):
            if stands_alone(text.text, span):
                hits.append((span[0], span[0] - span[1], span, name))
    return longest(hits)


def longest(hits: list[tuple[int, int, Span, str]]) -> list[tuple[Span, str]]:
    """Of (start, minus length, span, value) hits, those left when the longest is taken first."""
    hits.sort(key=lambda hit: (hit[1], hit[0], hit[3]))
    taken: list[tuple[Span, str]] = []
    starts: list[int] = []
    kept: list[Span] = []
    for _, _, span, name in hits:
        at = bisect_right(starts, span[0])
        if (at and kept[at - 1][1] > span[0]) or (at < len(kept) and kept[at][0] < span[1]):
            continue
        starts.insert(at, span[0])
        kept.insert(at, span)
        taken.append((span, name))
    return sorted(taken)


def stands_alone(text: str, span: Span) -> bool:
    """Whether a span neither begins nor ends inside a word."""
    start, end = span
    return not (start > 0 and _joined(text[start - 1], text[start])) and not (
        end < len(text) and _joined(text[end - 1], text[end])
    )


def _joined(left: str, right: str) -> bool:
    return _in_word(left) and _in_word(right) and not (_unspaced(left) or _unspaced(right))


def _in_word(c: str) -> bool:
    return c.isalnum() or c == "_" or (not c.isascii() and unicodedata.category(c)[0] == "M")


def _unspaced(c: str) -> bool:
    """Han, kana, Thai, Lao, Khmer, Burmese, Tibetan: written without spaces between words."""
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
    """The words of the text that look most like those wanted, or the empty string when nothing does."""
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
    match = difflib.SequenceMatcher(None, seen, want, autojunk=False).find_longest_match(0, len(seen), 0, len(want))
    if match.size == 0 or match.size * 3 < len(want):
        return ""
    first = max(0, match.a - match.b)
    last = min(len(words), first + len(want))
    return norm[words[first].start() : words[last - 1].end()]


def sentences(text: str) -> list[int]:
    """The offsets at which sentences begin. A line break always ends one; common abbreviations do not."""
    starts = [0]
    for match in _STOP.finditer(text):
        if match[0][0] == "." and "\n" not in match[0]:
            word = text[
                max(text.rfind(" ", 0, match.start()), text.rfind("\n", 0, match.start())) + 1 : match.start() + 1
            ]
            word = word.lstrip("(“\"'‘[")
            if word.lower() in _ABBREVIATIONS or _INITIAL.fullmatch(word):
                continue
        starts.append(match.end())
    if starts[-1] == len(text) and len(starts) > 1:
        starts.pop()
    return starts


_STOP = re.compile(
    "[.!?…]+[\"'”’»)\\]]*\\s+(?=[\"'“‘«(\\[]*[A-Z0-9À-ÖØ-ÞА-ЯΑ-Ω\u0590-\u08ff\uac00-\ud7a3])|\n\\s*|[。！？]+[」』”’]*\\s*"
)
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


def sentence_span(starts: Sequence[int], text: str, span: Span) -> Span:
    """The sentence, or the run of them, that a span stands in, without the white space around it."""
    first = starts[bisect_right(starts, span[0]) - 1]
    after = bisect_right(starts, max(span[0], span[1] - 1))
    last = starts[after] if after < len(starts) else len(text)
    while last > first and text[last - 1].isspace():
        last -= 1
    return first, max(last, span[1])
