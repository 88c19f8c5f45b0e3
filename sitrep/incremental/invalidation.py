"""What a change of the content invalidates: cached results with their dependencies, and the changes of a corpus.

A result is cached with the numbers of what was looked at for it (`model/tracking.py`). The fingerprints of two corpora
say which keys have changed; a result that depends on none of these is what the same computation would give now.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from sitrep.corpus.corpus import WIDTH, Fingerprints
from sitrep.model.records import KINDS
from sitrep.model.tracking import Recorder, key_dependency, order_dependency
from sitrep.problems import Problem

FEW = 8
"""Up to so many changes are looked up one by one in a set of dependencies, which is faster than unpacking it."""


class CheckResult(msgspec.Struct, array_like=True, frozen=True):
    """The problems that one check found in one entry, or in the corpus as a whole."""

    inputs: bytes
    """The digest of what decides the result apart from the corpus."""
    dependencies: bytes
    """Of the corpus: unsigned integers of 32 bits, ascending."""
    problems: tuple[Problem, ...]


class PageResult(msgspec.Struct, array_like=True, frozen=True):
    """The files (path, digest) that were written for one output; the other fields as in `CheckResult`."""

    inputs: bytes
    dependencies: bytes
    files: tuple[tuple[str, str], ...]


class CachedValue(msgspec.Struct, array_like=True, frozen=True):
    """A value that plans need and that costs time, packed; the other fields as in `CheckResult`."""

    inputs: bytes
    dependencies: bytes
    value: bytes


T = TypeVar("T")
Cause = tuple[str, Any, int | None]
"""A changed key: the name of its index, the key, and which part of an entry; no part: the keys or their order."""


class Invalidation(NamedTuple):
    """What changed between two corpora."""

    changed: Mapping[int, Cause]
    """Dependencies that mean something else now."""
    few: tuple[int, ...]
    """The same numbers, where they are few."""

    def touches(self, dependencies: bytes) -> bool:
        """Whether something has changed that was looked at."""
        if self.few:
            return _contains_any(dependencies, self.few)
        return bool(self.changed) and not self.changed.keys().isdisjoint(array("I", dependencies))

    def among(self, dependencies: bytes) -> list[int]:
        """The changed ones of these dependencies."""
        return [number for number in array("I", dependencies) if number in self.changed]

    def touching(self, results: Mapping[str, CheckResult] | Mapping[str, PageResult]) -> set[str]:
        """The names of the results that are invalidated."""
        if not self.changed:
            return set()
        return {name for name, result in results.items() if self.touches(result.dependencies)}

    def describe(self, number: int) -> str:
        """What has changed, in words."""
        return _described(*self.changed[number])


def _contains_any(dependencies: bytes, numbers: Iterable[int]) -> bool:
    """Whether a recorded dependency set contains any of `numbers`."""
    recorded = memoryview(dependencies).cast("I")
    end = len(recorded)
    for number in numbers:
        at = bisect_left(recorded, number)
        if at < end and recorded[at] == number:
            return True
    return False


ENTRIES = frozenset(f"{kind}/" for kind in KINDS)
"""The indexes that hold entries: their fingerprints have a part for each part of an entry."""


def invalidation(old: Fingerprints, new: Fingerprints) -> Invalidation:
    """What changed between two corpora, by their fingerprints."""
    changed: dict[int, Cause] = {}
    for name in old.keys() | new.keys():
        before, after = old.get(name, {}), new.get(name, {})
        if before is after:
            continue
        salt = crc32(name.encode())
        if list(before) != list(after):
            changed[order_dependency(salt)] = (name, None, None)
        width = WIDTH if name in ENTRIES else 1
        for key, fingerprint in before.items():
            now = after.get(key)
            if now != fingerprint:
                number = key_dependency(salt, key)
                for part in range(width):
                    if now is None or width == 1 or now[part] != fingerprint[part]:
                        changed[number + part] = (name, key, part)
        for key in after.keys() - before.keys():
            number = key_dependency(salt, key)
            changed |= {number + part: (name, key, part) for part in range(width)}
    return Invalidation(changed, tuple(sorted(changed)) if len(changed) <= FEW else ())


def described(dependencies: bytes, fingerprints: Fingerprints) -> list[str]:
    """Recorded dependencies in words, in the order of the indexes; of keys that are not there nothing is said."""
    recorded = set(array("I", dependencies))
    words = []
    for name, values in fingerprints.items():
        salt = crc32(name.encode())
        if order_dependency(salt) in recorded:
            words.append(_described(name, None, None))
        parts = range(WIDTH if name in ENTRIES else 1)
        for key in values:
            number = key_dependency(salt, key)
            words += [_described(name, key, part) for part in parts if number + part in recorded]
    return words


def _described(name: str, key: Any, part: int | None) -> str:
    if part is None:
        all_of = name.rstrip("/") if name in ENTRIES else f"{_WORDS.get(name, name)} …"
        return f"which {all_of} there are, or their order"
    words = key if isinstance(key, str) else "/".join(key)
    return f"{name}{words}: {_PARTS[part]}" if name in ENTRIES else f"{_WORDS.get(name, name)} {words}"


_PARTS = ("its data", "its text", "where names stand in its text", "whether it has a file")
_WORDS = {
    "mentions": "mentions of",
    "statements": "statements about",
    "statements_by": "statements by",
    "statements_via": "statements through",
    "articles_via": "articles with inputs from",
    "updates": "updates of",
    "articles_of": "articles published by",
    "backlinks": "ties to",
    "prose_links": "links to",
    "roles": "roles of",
    "named_parties": "who is named in",
    "tagged": "things on",
    "dates": "the dates of",
    "redirects": "the old id",
    "sought_names": "names looked for in",
    "mention_fingerprints": "where texts name",
    "withheld": "why it is withheld:",
}


class CachedValues:
    """Values that plans need, taken over from the last build where nothing they depend on has changed."""

    def __init__(
        self, former: Mapping[str, CachedValue], invalidation: Invalidation | None, recorder: Recorder
    ) -> None:
        self.current: dict[str, CachedValue] = {}
        self._former, self._invalidation, self._recorder = former, invalidation, recorder

    def get(self, name: str, compute: Callable[[], T], shape: type[T]) -> T:
        """The value of this name, which is plain data of this shape."""
        cached = self._former.get(name)
        if cached and self._invalidation and not self._invalidation.touches(cached.dependencies):
            self.current[name] = cached
            self._recorder.reuse(set(array("I", cached.dependencies)))
            return msgspec.msgpack.decode(cached.value, type=shape)
        value, seen = self._recorder.record(compute)
        self.current[name] = CachedValue(b"", packed_dependencies(seen), _ENCODE(value))
        return value


def packed_dependencies(seen: Iterable[int]) -> bytes:
    """Dependencies as they are cached: ascending."""
    return array("I", sorted(seen)).tobytes()


_ENCODE = msgspec.msgpack.Encoder().encode
