"""Quote drift: what has happened to an article's quotes since their positions were recorded in `at:`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Literal, NamedTuple

import msgspec

from sitrep.anchoring import quotes as anchors
from sitrep.anchoring.quotes import AnchorFault, Matchable, Span, normal
from sitrep.model.entries import Anchor, Entry
from sitrep.model.records import Annotation, Article, Assertion, Mention, Quote
from sitrep.problems import Path

State = Literal["exact", "moved", "altered", "gone", "ambiguous"]
"""`exact`: found where it was recorded, or never recorded. `moved`: found in one other place. `altered`: not found as
written, but near words stand about the recorded place. `ambiguous`: in several places. `gone`: none of these."""

NEAR = 240
"""Distance, in characters, from the expected position within which altered words are searched for; the quote's length
if that is more."""
ALIKE = 0.4
"""Share of a quote's words that may differ."""


Group = Literal["actors", "events", "claims"]
_ORDER: tuple[Group, ...] = ("actors", "events", "claims")


class Drift(NamedTuple):
    """The state of one quote of one annotation; or, where `quote` is None, of the places of a mention's names."""

    list: Group
    n: int
    quote: int | None
    state: State
    recorded: tuple[Span, ...] = ()
    now: tuple[Span, ...] = ()
    """Its span; where altered or ambiguous, the place most likely meant according to the record, or None."""
    places: int = 0
    """Where ambiguous, the number of places."""

    @property
    def at(self) -> Path:
        """Its path in the record."""
        if self.quote is None:
            return (self.list, self.n)
        return (self.list, self.n, "quotes" if self.list == "actors" else "quote", self.quote)


def drifts(entry: Entry) -> list[Drift]:
    """The state of each quote, and of each mention's names, in the order of the sidecar. A function of the entry."""
    article = entry.record
    text = entry.prose.text
    if not isinstance(article, Article) or not text:
        return []
    standing: dict[tuple[str, int], list[Anchor]] = {}
    for anchor in entry.anchors:
        standing.setdefault((anchor.kind, anchor.n), []).append(anchor)
    drifted: list[Drift] = []
    lost: list[tuple[Group, int, Assertion]] = []
    for n, mention in enumerate(article.actors):
        now = tuple((a.start, a.end) for a in standing.get(("actor", n + 1), ()))
        drifted.append(_names(n, recorded(mention), now))
    for group in _ORDER[1:]:
        for n, assertion in enumerate(getattr(article, group)):
            places = sorted(standing.get((group[:-1], n + 1), ()), key=lambda anchor: anchor.k)
            if places:
                spans = [(a.start, a.end) for a in places]
                known = _each(recorded(assertion), len(spans))
                drifted += [_drift(group, n, m, known[m], span) for m, span in enumerate(spans)]
            elif assertion.quote:
                lost.append((group, n, assertion))
    if lost or any(mention.quotes for mention in article.actors):
        sought = _Search(Matchable(text), drifted)
        for group, n, assertion in lost:
            drifted += sought.pieces(group, n, assertion)
        quotes = [drift for n, mention in enumerate(article.actors) for drift in sought.quotes(n, mention)]
        reported = {drift.n for drift in quotes}
        drifted = [d for d in drifted if d.list != "actors" or d.n not in reported] + quotes
    return sorted(drifted, key=lambda d: (_ORDER.index(d.list), d.n, -1 if d.quote is None else d.quote))


def recorded(annotation: Annotation) -> tuple[Span, ...]:
    """The spans recorded in `at:`; none when one of them is outside any possible text."""
    spans = []
    for written in annotation.at:
        match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", written, re.ASCII)
        if not match or int(match[1]) >= int(match[2]):
            return ()
        spans.append((int(match[1]), int(match[2])))
    return tuple(spans)


def _each(was: tuple[Span, ...], pieces: int) -> Sequence[Span | None]:
    """The recorded span of each piece, where each has one."""
    return was if len(was) == pieces else [None] * pieces


def _names(n: int, was: tuple[Span, ...], now: tuple[Span, ...]) -> Drift:
    """Names may occur anywhere: new places are no drift, lost ones are."""
    if set(was) <= set(now):
        return Drift("actors", n, None, "exact", was, now)
    return Drift("actors", n, None, "moved" if now else "gone", was, now)


def _drift(group: Group, n: int, m: int, was: Span | None, now: Span) -> Drift:
    state: State = "exact" if was in (None, now) else "moved"
    return Drift(group, n, m, state, (was,) if was else (), (now,))


class _Search:
    """Searches for quotes that do not occur as written, near where the record and neighbouring quotes' moves
    suggest."""

    def __init__(self, ready: Matchable, drifts: Iterable[Drift]) -> None:
        self.ready = ready
        pairs = [
            (was[0], now[0] - was[0])
            for drift in drifts
            if len(drift.recorded) == len(drift.now)
            for was, now in zip(drift.recorded, drift.now, strict=True)
        ]
        self._starts = sorted({start for start, _ in pairs})
        self._shifts = dict(pairs)

    def pieces(self, group: Group, n: int, assertion: Assertion) -> Iterator[Drift]:
        known = _each(recorded(assertion), len(assertion.quote))
        after = 0
        for m, quote in enumerate(assertion.quote):
            place = anchors.find(self.ready, quote, after)
            was = known[m]
            if isinstance(place, AnchorFault):
                drift = self._lost(group, n, m, quote, place, (was,) if was else (), after)
            else:
                drift = _drift(group, n, m, was, place)
            yield drift
            after = max([after, *(span[1] for span in drift.now)])

    def quotes(self, n: int, mention: Mention) -> Iterator[Drift]:
        """The quotes of a mention that do not occur. Recorded spans belong to the whole mention: they are matched by
        length."""
        places = recorded(mention)
        for m, quote in enumerate(mention.quotes):
            was = tuple(p for p in places if abs(p[1] - p[0] - len(quote.exact)) <= 2) or places
            if quote.bare:
                if not anchors.whole_words(self.ready, [quote.exact]):
                    yield self._lost("actors", n, m, quote, AnchorFault("gone", quote.exact), was, 0)
            elif isinstance(place := anchors.find(self.ready, quote), AnchorFault):
                yield self._lost("actors", n, m, quote, place, was, 0)

    def _lost(
        self, group: Group, n: int, m: int, quote: Quote, fault: AnchorFault, was: tuple[Span, ...], after: int
    ) -> Drift:
        wanted = normal(quote.exact)
        if fault.kind == "ambiguous":
            meant = self._meant(self._candidates(quote), was)
            return Drift(group, n, m, "ambiguous", was, meant, fault.places)
        same = [span for span in anchors.occurrences(self.ready, wanted) if span[0] >= after] if wanted else []
        for expected in self._expected(was) if wanted else ():
            reach = max(NEAR, expected[1] - expected[0])
            close = [span for span in same if abs(span[0] - expected[0]) <= reach]
            now = min(close, key=lambda span: abs(span[0] - expected[0]), default=None)
            now = now or closest(self.ready.text, quote.exact, expected, reach, after)
            if now:
                return Drift(group, n, m, "altered", was, (now,))
        return Drift(group, n, m, "gone", was)

    def _candidates(self, quote: Quote) -> set[Span]:
        """The places that an ambiguous quote may mean."""
        candidates = set()
        for n in range(len(anchors.occurrences(self.ready, normal(quote.exact)))):
            place = anchors.find(self.ready, msgspec.structs.replace(quote, occurrence=n + 1))
            if not isinstance(place, AnchorFault):
                candidates.add(place)
        return candidates

    def _expected(self, was: tuple[Span, ...]) -> Iterator[Span]:
        """Where a recorded span should be now, if it moved with the text before it, or with the text behind it."""
        for start, end in was:
            at = bisect_right(self._starts, start)
            neighbours = self._starts[max(0, at - 1) : at + 1]
            for shift in dict.fromkeys(self._shifts[neighbour] for neighbour in neighbours) or (0,):
                yield max(0, start + shift), max(1, end + shift)

    def _meant(self, candidates: set[Span], was: tuple[Span, ...]) -> tuple[Span, ...]:
        """The candidate that the record points to, if it points to one."""
        hits = set(self._expected(was)) & candidates
        return tuple(hits) if len(hits) == 1 else ()


# -- near words -------------------------------------------------------------------------------------------------------

_UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


@cache
def _token() -> re.Pattern[str]:
    """Words and punctuation. Compiled on use, since few builds need it."""
    return re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")


@cache
def _chunk() -> re.Pattern[str]:
    """Words with adjacent punctuation."""
    return re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")


_MARK = 0.25
"""Weight of a punctuation mark, where a word weighs one."""


def closest(text: str, words: str, expected: Span, reach: int, after: int = 0) -> Span | None:
    """The run of words near a position that differs least from the wanted words, if the difference is small enough."""
    want = [_plain(match.group()) for match in _token().finditer(words)][:300]
    low, high = max(after, expected[0] - reach), min(len(text), expected[1] + reach)
    seen = list(_token().finditer(text, low, high))
    if not want or not seen:
        return None
    cost, first, last = _aligned(want, [_plain(match.group()) for match in seen], seen, expected[0])
    if last <= first or cost > ALIKE * sum(map(_weight, want)):
        return None
    return seen[first].start(), seen[last - 1].end()


def _plain(token: str) -> str:
    return normal(token).casefold() or token


def _aligned(want: list[str], seen: list[str], at: list[re.Match[str]], near: int) -> tuple[float, int, int]:
    """Cost and bounds of the run of `seen` that is cheapest to turn into `want` (Sellers 1980)."""
    row = [(0.0, j) for j in range(len(seen) + 1)]
    for word in want:
        weight = _weight(word)
        new = [(row[0][0] + weight, row[0][1])]
        for j, other in enumerate(seen, 1):
            replaced = (row[j - 1][0] + _difference(word, other), row[j - 1][1])
            left_out = (row[j][0] + weight, row[j][1])
            put_in = (new[j - 1][0] + _weight(other), new[j - 1][1])
            new.append(min(replaced, left_out, put_in))
        row = new

    def rank(j: int) -> tuple[float, int, int]:
        cost, first = row[j]
        return cost, abs(at[min(first, len(at) - 1)].start() - near), -j

    last = min(range(1, len(seen) + 1), key=rank)
    return row[last][0], row[last][1], last


def _weight(token: str) -> float:
    return 1.0 if token[:1].isalnum() or token[:1] == "_" else _MARK


def _difference(a: str, b: str) -> float:
    """0 for the same word, 1 for another; inflections and corrected spellings lie between."""
    if a == b:
        return 0.0
    if _weight(a) != 1.0 or _weight(b) != 1.0:
        return _weight(a) + _weight(b)
    shorter = min(len(a), len(b))
    head = next((n for n in range(shorter) if a[n] != b[n]), shorter)
    tail = next((n for n in range(shorter - head) if a[-1 - n] != b[-1 - n]), shorter - head)
    return 1.0 - 2.0 * (head + tail) / (len(a) + len(b))


# -- narrowing --------------------------------------------------------------------------------------------------------


def narrowed(ready: Matchable, quote: Quote, span: Span) -> Quote:
    """The quote with the shortest prefix or suffix that makes it unique, else with its occurrence.

    An existing prefix or suffix is rewritten for this place and kept.

    """
    text = ready.text
    before = list(_chunk().finditer(text, max(0, span[0] - NEAR), span[0]))[::-1]
    behind = list(_chunk().finditer(text, span[1], min(len(text), span[1] + NEAR)))
    heads = [" ".join(text[match.start() : span[0]].split()) for match in before[:12]]
    tails = [" ".join(text[span[1] : match.end()].split()) for match in behind[:12]]
    plain = Quote(exact=quote.exact)
    if quote.prefix or quote.suffix or quote.occurrence is not None:
        spans = anchors.occurrences(ready, normal(quote.exact))
        number = spans.index(span) + 1 if span in spans else None
        selected = {
            "prefix": heads[min(len(_chunk().findall(quote.prefix)), len(heads)) - 1] if quote.prefix and heads else "",
            "suffix": tails[min(len(_chunk().findall(quote.suffix)), len(tails)) - 1] if quote.suffix and tails else "",
            "occurrence": number if quote.occurrence is not None else None,
        }
        plain = msgspec.structs.replace(plain, **selected)
        if anchors.find(ready, plain) == span:
            return plain
    tries = []
    for n in range(max(len(heads), len(tails))):
        tries += [{"prefix": heads[n]}] if n < len(heads) and len(heads[n]) > len(plain.prefix) else []
        tries += [{"suffix": tails[n]}] if n < len(tails) and len(tails[n]) > len(plain.suffix) else []
    for more in sorted(tries, key=lambda more: len(next(iter(more.values())).split())):
        new = msgspec.structs.replace(plain, **more)
        if anchors.find(ready, new) == span:
            return new
    spans = anchors.occurrences(ready, normal(quote.exact))
    return msgspec.structs.replace(plain, occurrence=spans.index(span) + 1) if span in spans else plain
