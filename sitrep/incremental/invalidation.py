"""Former results with what they were made of, and what of a former corpus is not the same in the one of now.

A result holds the numbers of what was looked at for it (`trace.py`). Marks of two corpora tell which of them mean
something else now, and a result for which none of those was looked at is what would come of the same computation.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import msgspec

from sitrep.corpus.corpus import WIDTH, Fingerprints
from sitrep.model.records import KINDS
from sitrep.model.tracking import ABSENT, Recorder, bucket, room
from sitrep.problems import Problem

FEW = 8
"""Changes that are looked for one by one in a trace, which is quicker than reading it all."""


class CheckResult(msgspec.Struct, array_like=True, frozen=True):
    """What a unit of checks found, and what it looked at: numbers of a corpus, as an array of unsigned integers."""

    given: bytes
    trace: bytes
    problems: tuple[Problem, ...]


class PageResult(msgspec.Struct, array_like=True, frozen=True):
    """The files (path, digest) of one output: what decided what they are, and what was looked at for them."""

    given: bytes
    trace: bytes
    files: tuple[tuple[str, str], ...]


class CachedValue(msgspec.Struct, array_like=True, frozen=True):
    """Something that plans draw on and that costs time, packed, and what was looked at for it."""

    given: bytes
    trace: bytes
    value: bytes


T = TypeVar("T")
R = TypeVar("R", CheckResult, PageResult, CachedValue)


class Invalidation(NamedTuple):
    """What changed between a corpus and a former one, told by the former one's numbers."""

    changed: frozenset[int]
    """Numbers whose meaning is not the same now."""
    renumbered: Sequence[int] | None
    """Former number → number now, of what has not changed; None when the numbers are the same."""
    former: Fingerprints
    few: tuple[int, ...]
    """The changed numbers, where they are few."""
    worded: dict[int, str]

    def touches(self, trace: bytes) -> bool:
        """Whether anything has changed that was looked at."""
        if self.few:
            return _holds(trace, self.few)
        return bool(self.changed) and not self.changed.isdisjoint(array("I", trace))

    def among(self, trace: bytes) -> list[int]:
        """What changed of what was looked at."""
        return [number for number in array("I", trace) if number in self.changed]

    def touching(self, results: Mapping[str, CheckResult] | Mapping[str, PageResult]) -> set[str]:
        """The names of those results for which something was looked at that has changed."""
        if not self.changed:
            return set()
        if self.few:
            return {name for name, found in results.items() if _holds(found.trace, self.few)}
        return {name for name, found in results.items() if not self.changed.isdisjoint(array("I", found.trace))}

    def words(self, number: int) -> str:
        """What a number stands for, in words: the same few are what most results are made again for."""
        if number not in self.worded:
            self.worded[number] = worded(self.former, number)
        return self.worded[number]


def _holds(trace: bytes, sought: Iterable[int]) -> bool:
    """Whether any of these is among the numbers of a trace."""
    numbers = memoryview(trace).cast("I")
    end = len(numbers)
    for number in sought:
        at = bisect_left(numbers, number)
        if at < end and numbers[at] == number:
            return True
    return False


def layout(marks: Fingerprints) -> list[tuple[str, Mapping[Any, Any], int]]:
    """The indexes of a corpus in the order of their numbers, and how many each key has (see `corpus.py`)."""
    return [(name, held, WIDTH if name in ENTRIES else 1) for name, held in marks.items()]


ENTRIES = frozenset(f"{kind}/" for kind in KINDS)


def invalidation(old: Fingerprints, new: Fingerprints) -> Invalidation:
    """What of a former corpus is not the same in this one."""
    changed: set[int] = set()
    orders = {name: held is new.get(name) or list(held) == list(new.get(name, ())) for name, held in old.items()}
    stand = list(old) == list(new) and all(
        same or _stand(list(old[name]), list(new[name])) for name, same in orders.items()
    )
    first = 0
    for name, held, width in layout(old):
        now = new.get(name, {})
        start = first + 1 + ABSENT
        if held is not now:
            if not orders[name]:
                changed.add(first)
                changed.update(first + 1 + bucket(key) for key in held.keys() ^ now.keys())
            for n, (key, mark) in enumerate(held.items()):
                found = now.get(key)
                if found != mark:
                    here = start + n * width
                    parts = [k for k in range(width) if found is None or width == 1 or found[k] != mark[k]]
                    changed.update(here + k for k in parts)
        first = start + room(len(held)) * width
    few = tuple(sorted(changed)) if len(changed) <= FEW else ()
    return Invalidation(frozenset(changed), None if stand else _renumbered(old, new), old, few, {})


def _stand(old: list[Any], new: list[Any]) -> bool:
    """Whether keys have the numbers that they had, in as much room, however many there are more."""
    return room(len(old)) == room(len(new)) and new[: len(old)] == old


def _renumbered(old: Fingerprints, new: Fingerprints) -> Sequence[int]:
    """Each former number's number now; 0 for what is gone."""
    numbers = array("I")
    starts = {}
    after = 0
    for name, held, width in layout(new):
        starts[name] = after
        after += 1 + ABSENT + room(len(held)) * width
    for name, held, width in layout(old):
        begin = starts.get(name, 0)
        numbers.extend(range(begin, begin + 1 + ABSENT))
        place = {key: n for n, key in enumerate(new.get(name, {}))}
        for key in held:
            at = begin + 1 + ABSENT + place[key] * width if key in place else 0
            numbers.extend(range(at, at + width) if at else [0] * width)
        numbers.extend([0] * (room(len(held)) - len(held)) * width)
    return numbers


def worded(marks: Fingerprints, number: int) -> str:
    """What a number stands for, in words."""
    first = 0
    for name, held, width in layout(marks):
        end = first + 1 + ABSENT + room(len(held)) * width
        if number < end:
            if number == first:
                return f"which {name.rstrip('/')} there are, or their order"
            if number <= first + ABSENT:
                return f"{name.rstrip('/')} that are not there"
            place, part = divmod(number - first - 1 - ABSENT, width)
            key = next(islice(held, place, None))
            what = key if isinstance(key, str) else "/".join(key)
            if name in ENTRIES:
                return f"{name}{what}: {_PARTS[part]}"
            return f"{_WORDS.get(name, name)} {what}"
        first = end
    return "?"


_PARTS = ("its data", "its text", "where names stand in its text", "whether it has a file")
_WORDS = {
    "mentions": "mentions of",
    "asserted": "statements about",
    "spoken": "statements by",
    "relayed": "statements through",
    "inputs": "articles with inputs from",
    "updated": "updates of",
    "published": "articles published by",
    "tied": "ties to",
    "linked": "links to",
    "roles": "roles of",
    "named": "who is named in",
    "tagged": "things on",
    "dates": "the dates of",
    "former": "the old id",
    "looked_for": "names looked for in",
    "standing": "where texts name",
    "withheld": "why it is withheld:",
}


def usable(found: R, given: bytes, how: Invalidation) -> bool:
    """Whether a former result is what would come of the same computation now."""
    return found.given == given and not how.touches(found.trace)


def carried(found: R, how: Invalidation) -> R:
    """A former result with the numbers of the corpus now."""
    if how.renumbered is None:
        return found
    numbers = how.renumbered
    return msgspec.structs.replace(found, trace=traced([numbers[n] for n in array("I", found.trace)]))


class CachedValues:
    """What plans draw on: taken over from a former build where nothing that it was made of has changed."""

    def __init__(self, former: Mapping[str, CachedValue], how: Invalidation | None, trace: Recorder) -> None:
        self.held: dict[str, CachedValue] = {}
        self._former, self._how, self._trace = former, how, trace

    def get(self, name: str, make: Callable[[], T], shape: type[T]) -> T:
        """The piece of this name, which is plain data of this shape."""
        was = self._former.get(name)
        if was and self._how and usable(was, b"", self._how):
            was = self.held[name] = carried(was, self._how)
            self._trace.again(set(array("I", was.trace)))
            return msgspec.msgpack.decode(was.value, type=shape)
        made, seen = self._trace.of(make)
        self.held[name] = CachedValue(b"", traced(seen), _ENCODE(made))
        return made


def traced(seen: Iterable[int]) -> bytes:
    """The numbers of what was looked at, as they are kept: in order."""
    return array("I", sorted(seen)).tobytes()


_ENCODE = msgspec.msgpack.Encoder().encode
