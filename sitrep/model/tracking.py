"""Records what a computation reads, so that its result can be cached until one of its inputs changes.

A corpus is read through mappings that record each key they are asked for. Nobody declares what a page depends on: it is
recorded while the page is rendered, so a dependency cannot be forgotten; it can only be broader than needed.

A dependency is a 32-bit number: the CRC-32 of the name of a mapping and of a key, with the part of the value that was
read in its two lowest bits. It is the same in every build. Two keys that share a number by chance cause one result to
be computed again unnecessarily, nothing else.

"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterator, KeysView, Mapping, Set, ValuesView
from typing import Any, Generic, TypeVar
from zlib import crc32

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

PARTS = 4
"""Parts of a value that a dependency distinguishes."""
_WHOLE = 0xFFFFFFFF - (PARTS - 1)


class Recorder:
    """Collects the dependencies of the running computation, if one is being recorded: then `seen` is a set."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: set[int] | None = None

    def __reduce__(self) -> tuple[type[Recorder], tuple[()]]:
        """Another process has a recorder of its own."""
        return Recorder, ()

    def record(self, compute: Callable[[], T]) -> tuple[T, set[int]]:
        """The result of `compute` and its dependencies, which also count for an enclosing recording."""
        outer = self.seen
        seen: set[int] = set()
        self.seen = seen
        try:
            result = compute()
        finally:
            self.seen = outer
            if outer is not None:
                outer |= seen
        return result, seen

    def reuse(self, dependencies: Set[int]) -> None:
        """Declare that a cached value is used: its user depends on what it was computed from."""
        if self.seen is not None:
            self.seen |= dependencies


class TrackedCache(Generic[K, V]):
    """Values that several computations share, each computed once, with its dependencies."""

    __slots__ = ("_limit", "_recorder", "_values")

    def __init__(self, recorder: Recorder, limit: int = 0) -> None:
        self._values: dict[K, tuple[V, set[int]]] = {}
        self._recorder = recorder
        self._limit = limit

    def __reduce__(self) -> tuple[type[TrackedCache[K, V]], tuple[Recorder, int]]:
        """Another process fills its own."""
        return TrackedCache, (self._recorder, self._limit)

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """The value of this key, computed if absent. With more than `limit` values, all are dropped first."""
        cached = self._values.get(key)
        if cached is None:
            if self._limit and len(self._values) >= self._limit:
                self._values.clear()
            cached = self._values[key] = self._recorder.record(compute)
        elif self._recorder.seen is not None:
            self._recorder.seen |= cached[1]
        return cached[0]

    def invalidate(self, changed: Set[int]) -> None:
        """Drop the values that depend on something that changed."""
        for key in [key for key, (_, seen) in self._values.items() if not seen.isdisjoint(changed)]:
            del self._values[key]


class Memoised:
    """The last result of each pure function, with its arguments: the function is called again when these differ."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: dict[Callable[..., Any], tuple[tuple[Any, ...], Any]] = {}

    def __reduce__(self) -> tuple[type[Memoised], tuple[()]]:
        """Another process fills its own."""
        return Memoised, ()

    def get(self, compute: Callable[..., T], *arguments: Any) -> T:
        last = self._last.get(compute)
        if last is None or last[0] != arguments:
            last = self._last[compute] = (arguments, compute(*arguments))
        result: T = last[1]
        return result


class TrackedMapping(Mapping[K, V]):
    """A mapping that records the keys it is asked for, including absent ones, and whether its keys were listed.

    Only the update of a corpus changes it (`put`). Values may be bytes, which `decode(key, bytes)` turns into values on
    demand.

    """

    __slots__ = ("_decode", "_dependencies", "_positions", "_recorder", "_salt", "_values")

    def __init__(
        self,
        recorder: Recorder,
        name: str,
        values: Mapping[K, V | bytes],
        decode: Callable[[K, bytes], V] | None = None,
    ) -> None:
        self._recorder = recorder
        self._salt = crc32(name.encode())
        self._values: dict[K, Any] = dict(values)
        self._decode = decode
        self._dependencies: dict[K, int] = {}
        self._positions: dict[K, int] = {}

    def __getitem__(self, key: K) -> V:
        seen = self._recorder.seen
        if seen is not None:
            seen.add(self._dependencies.get(key) or self.dependency(key))
        value: V | bytes = self._values[key]
        return self._decoded(key, value) if type(value) is bytes else value  # type: ignore[return-value]

    def get(self, key: K, default: Any = None) -> Any:
        seen = self._recorder.seen
        if seen is not None:
            seen.add(self._dependencies.get(key) or self.dependency(key))
        value = self._values.get(key, default)
        return self._decoded(key, value) if type(value) is bytes else value

    def part(self, key: K, part: int) -> Any:
        """The value of a key, or None, for a caller that reads one part of it only."""
        seen = self._recorder.seen
        if seen is not None:
            seen.add((self._dependencies.get(key) or self.dependency(key)) + part)
        value = self._values.get(key)
        return self._decoded(key, value) if type(value) is bytes else value

    def __contains__(self, key: object) -> bool:
        if self._recorder.seen is not None:
            self._recorder.seen.add(self.dependency(key))  # type: ignore[arg-type]
        return key in self._values

    def __iter__(self) -> Iterator[K]:
        if self._recorder.seen is not None:
            self._recorder.seen.add(order_dependency(self._salt))
        return iter(self._values)

    def __len__(self) -> int:
        if self._recorder.seen is not None:
            self._recorder.seen.add(order_dependency(self._salt))
        return len(self._values)

    def dependency(self, key: K) -> int:
        """The number of a key, whether or not it is present."""
        number = self._dependencies.get(key)
        if number is None:
            number = self._dependencies[key] = key_dependency(self._salt, key)
        return number

    def _decoded(self, key: K, value: bytes) -> V:
        assert self._decode
        decoded = self._values[key] = self._decode(key, value)
        return decoded

    # -- not recorded ---------------------------------------------------------------------------------------------

    def put(self, key: K, value: V) -> None:
        """Replace the value of a key, or add one at the end."""
        self._values[key] = value

    def position(self, key: K) -> int:
        """The index of a key in the order of all, from 0."""
        if len(self._positions) != len(self._values):
            self._positions = {key: n for n, key in enumerate(self._values)}
        return self._positions[key]

    def stored(self, key: K) -> Any:
        """The value of a key as stored: bytes where it was not decoded yet."""
        return self._values[key]

    def stored_items(self) -> ItemsView[K, Any]:
        """Keys and values as they are stored, in order."""
        return self._values.items()

    def keys(self) -> KeysView[K]:
        return KeysView(self)

    def values(self) -> ValuesView[V]:
        return ValuesView(self)

    def items(self) -> ItemsView[K, V]:
        return ItemsView(self)


def key_dependency(salt: int, key: Any) -> int:
    """The number of a key of the mapping whose name has this CRC-32: the same in every process."""
    text = key if type(key) is str else "\0".join(map(str, key))
    return crc32(text.encode("utf-8", "surrogatepass"), salt) & _WHOLE


def order_dependency(salt: int) -> int:
    """The number that stands for the set of keys of a mapping and their order."""
    return crc32(b"\0\0", salt) & _WHOLE
