"""What a computation looked at, so that its result can be kept until something of that changes.

A corpus is looked at through mappings that number what they hold, and note the number of whatever is asked for. Nobody
declares what a page depends on: it is noted while the page is made. So it cannot be wrong, only be more than needed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterator, KeysView, Mapping, Set, ValuesView
from functools import lru_cache
from typing import Any, Generic, TypeVar
from zlib import crc32

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

ABSENT = 64
"""Buckets for keys that were asked for and are not there: a new key touches those who missed one of its bucket."""
ROOM = 64
"""A mapping has numbers for so many keys, or twice as many, and so on: others seldom change theirs for one more."""


def _ignore(number: int) -> None:
    """Nothing is being traced."""


class Recorder:
    """The numbers of what is looked at now. `add` is called by mappings."""

    __slots__ = ("add", "seen")

    def __init__(self) -> None:
        self.add: Callable[[int], None] = _ignore
        self.seen: set[int] | None = None

    def __reduce__(self) -> tuple[type[Recorder], tuple[()]]:
        """For another process, which traces for itself."""
        return Recorder, ()

    def of(self, make: Callable[[], T]) -> tuple[T, set[int]]:
        """What `make` gives, and the numbers of what it looked at. A trace within a trace is part of it."""
        outer, add = self.seen, self.add
        seen: set[int] = set()
        self.seen = seen
        self.add = seen.add
        try:
            made = make()
        finally:
            self.seen, self.add = outer, add
            if outer is not None:
                outer |= seen
        return made, seen

    def again(self, seen: set[int]) -> None:
        """Something kept is used again: whoever uses it looks at what it was made of."""
        if self.seen is not None:
            self.seen |= seen


class TrackedCache(Generic[K, V]):
    """Pieces that several computations share, made once, each with what it was made of."""

    __slots__ = ("_kept", "_most", "_trace")

    def __init__(self, trace: Recorder, most: int = 0) -> None:
        self._kept: dict[K, tuple[V, set[int]]] = {}
        self._trace = trace
        self._most = most

    def __reduce__(self) -> tuple[type[TrackedCache[K, V]], tuple[Recorder, int]]:
        """For another process, which makes its own pieces."""
        return TrackedCache, (self._trace, self._most)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The piece of this key; `make` makes it where it is not there. Beyond `most` pieces, all are forgotten."""
        found = self._kept.get(key)
        if found is None:
            if self._most and len(self._kept) >= self._most:
                self._kept.clear()
            found = self._kept[key] = self._trace.of(make)
        elif self._trace.seen is not None:
            self._trace.seen |= found[1]
        return found[0]

    def forget(self, changed: Set[int]) -> None:
        """Let those pieces go that were made of something that is otherwise now."""
        for key in [key for key, (_, seen) in self._kept.items() if not seen.isdisjoint(changed)]:
            del self._kept[key]


class Memoised:
    """What functions of what they are given alone gave last: made again where they are given something else."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: dict[Callable[..., Any], tuple[tuple[Any, ...], Any]] = {}

    def __reduce__(self) -> tuple[type[Memoised], tuple[()]]:
        """For another process, which makes its own."""
        return Memoised, ()

    def get(self, make: Callable[..., T], *given: Any) -> T:
        last = self._last.get(make)
        if last is None or last[0] != given:
            last = self._last[make] = (given, make(*given))
        made: T = last[1]
        return made


class Full(Exception):
    """There is no number for another key."""


class TrackedMapping(Mapping[K, V]):
    """A mapping that notes what is asked of it. Nobody changes it but who makes a corpus over (`put`).

    Its numbers begin at `first`: that of its keys in their order, those of keys that are absent (by bucket), and then
    `width` for each key in order. Values may be given as bytes that `decode` makes values of when they are asked for.
    """

    __slots__ = ("_decode", "_held", "_keys", "_trace", "first", "width")

    def __init__(
        self,
        trace: Recorder,
        first: int,
        held: Mapping[K, V | bytes],
        width: int = 1,
        decode: Callable[[K, int, bytes], V] | None = None,
    ) -> None:
        self._trace = trace
        self.first = first
        self.width = width
        self._decode = decode
        self._keys = list(held)
        start = first + 1 + ABSENT
        self._held: dict[K, tuple[int, Any]] = {
            key: (start + n * width, value) for n, (key, value) in enumerate(held.items())
        }

    @property
    def end(self) -> int:
        """The first number that is not its own."""
        return self.first + 1 + ABSENT + room(len(self._keys)) * self.width

    def __getitem__(self, key: K) -> V:
        found = self._held.get(key)
        if found is None:
            self._trace.add(self.absent(key))
            raise KeyError(key)
        self._trace.add(found[0])
        value: V = found[1]
        return self._decoded(key, *found) if type(value) is bytes else value

    def get(self, key: K, default: Any = None) -> Any:
        found = self._held.get(key)
        if found is None:
            self._trace.add(self.absent(key))
            return default
        self._trace.add(found[0])
        value = found[1]
        return self._decoded(key, *found) if type(value) is bytes else value

    def part(self, key: K, n: int) -> Any:
        """The value of a key, or None, for one who asks for no more of it than what its n-th number stands for."""
        found = self._held.get(key)
        if found is None:
            self._trace.add(self.absent(key))
            return None
        self._trace.add(found[0] + n)
        value = found[1]
        return self._decoded(key, *found) if type(value) is bytes else value

    def __contains__(self, key: object) -> bool:
        found = self._held.get(key)  # type: ignore[arg-type]
        self._trace.add(found[0] if found else self.absent(key))
        return found is not None

    def __iter__(self) -> Iterator[K]:
        self._trace.add(self.first)
        return iter(self._keys)

    def __len__(self) -> int:
        self._trace.add(self.first)
        return len(self._keys)

    def absent(self, key: Any) -> int:
        """The number of what is learnt from a key's not being there."""
        return self.first + 1 + bucket(key)

    def _decoded(self, key: K, number: int, value: bytes) -> V:
        assert self._decode
        made = self._decode(key, number, value)
        self._held[key] = (number, made)
        return made

    def number(self, key: K) -> int:
        return self._held[key][0]

    def beside(self, key: K) -> tuple[K | None, K | None]:
        """The keys before and after one; nothing is noted."""
        at = (self._held[key][0] - self.first - 1 - ABSENT) // self.width
        return self._keys[at - 1] if at else None, self._keys[at + 1] if at + 1 < len(self._keys) else None

    def put(self, key: K, value: V) -> None:
        """Hold another value for a key, or one for another key. Raises Full where that would renumber others."""
        found = self._held.get(key)
        if found is None:
            count = len(self._keys)
            if room(count + 1) != room(count):
                raise Full
            found = (self.first + 1 + ABSENT + count * self.width, value)
            self._keys.append(key)
        self._held[key] = (found[0], value)

    def mapped(self, make: Callable[[V, int], V]) -> TrackedMapping[K, V]:
        """The same with what `make` makes of each value and its number."""
        new = TrackedMapping.__new__(TrackedMapping)
        new._trace, new.first, new.width, new._decode = self._trace, self.first, self.width, self._decode
        new._keys = self._keys
        new._held = {key: (number, make(value, number)) for key, (number, value) in self._held.items()}
        return new

    def raw(self, key: K) -> Any:
        """The value of a key as it is held, bytes included; nothing is noted."""
        return self._held[key][1]

    def held(self) -> Iterator[tuple[K, Any]]:
        """Keys and values as they are held, bytes included; nothing is noted."""
        return ((key, value) for key, (_, value) in self._held.items())

    def keys(self) -> KeysView[K]:
        return KeysView(self)

    def values(self) -> ValuesView[V]:
        return ValuesView(self)

    def items(self) -> ItemsView[K, V]:
        return ItemsView(self)


def room(count: int) -> int:
    """For how many keys a mapping of so many has numbers."""
    return (count // ROOM + 1) * ROOM


@lru_cache(maxsize=4096)
def bucket(key: Any) -> int:
    """Where a key that is absent is counted: the same in every process."""
    text = key if type(key) is str else "\0".join(map(str, key))
    return crc32(text.encode("utf-8", "surrogatepass")) % ABSENT
