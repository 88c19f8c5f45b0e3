"""Named tables in a base file and a delta: an edit writes only what has changed.

One file holds all tables of some build, the other what has come to be otherwise since, so that an edit costs no more to
keep than it is. It names the one that it goes with, and counts for nothing beside another. What a table holds is plain
data of a shape that whoever keeps it knows.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec

from sitrep.incremental.container import (
    MAGIC,
    NAME,
    PART,
    Damaged,
    delta_path,
    read_section,
    replacement,
    write_sections,
)

TABLES = 2
"""The section of either file that names the tables that follow."""

Table = Mapping[Any, Any]


class Shape(NamedTuple):
    """The types of the keys and values of a table, and whether the order of its keys matters."""

    keys: Any
    values: Any
    ordered: bool = False


class TableDelta(NamedTuple):
    """How a table differs from the base file."""

    table: str
    whole: bool
    """Whether `data` is the whole table, and not its removed and changed items."""
    data: bytes


class Tables:
    """The two files. Tables that were read or written must not be changed afterwards."""

    def __init__(self, path: Path, shape: Callable[[str], Shape]) -> None:
        self.paths = (path, delta_path(path))
        self._shape = shape
        self._name = b""
        self._first: dict[str, Table] = {}
        """The tables of the base file."""

    def read(self) -> dict[str, Table]:
        """The tables as last written. Raises Damaged, and FileNotFoundError where there are none."""
        with self.paths[0].open("rb") as file:
            name = read_section(file, NAME)
            names = msgspec.msgpack.decode(read_section(file, TABLES), type=list[str])
            sections = ((table, read_section(file, TABLES + n)) for n, table in enumerate(names, 1))
            base = {table: self._unpacked(table, data)[1] for table, data in sections}
        self._name, self._first = name, base
        with contextlib.suppress(FileNotFoundError), self.paths[1].open("rb") as file:
            if read_section(file, NAME) == name:
                now: dict[str, Table] = {}
                for table, whole, data in msgspec.msgpack.decode(read_section(file, TABLES), type=list[TableDelta]):
                    gone, new = self._unpacked(table, data)
                    now[table] = new if whole else _patched(base[table], gone, new)
                return now
        return base

    def write(self, head: bytes, tables: dict[str, Table]) -> None:
        """Write these tables, and a head that can be read without them. Raises OSError."""
        since = self._since(tables)
        if since is not None:
            with replacement(self.paths[1]) as file:
                write_sections(file, len(MAGIC), [head, self._name, _PACK(since)])
            return
        name = os.urandom(16)
        with replacement(self.paths[0]) as file:
            packed = [_packed([], table) for table in tables.values()]
            write_sections(file, len(MAGIC), [head, name, _PACK(list(tables)), *packed])
        self._name, self._first = name, dict(tables)
        self.paths[1].unlink(missing_ok=True)

    def forget(self) -> None:
        for path in self.paths:
            with contextlib.suppress(OSError):
                path.unlink()
        self._name, self._first = b"", {}

    def _since(self, tables: dict[str, Table]) -> list[TableDelta] | None:
        """What differs from the base file; None where that is much."""
        if not self._name:
            return None
        allowed = sum(map(len, self._first.values())) // PART
        deltas: list[TableDelta] = []
        new: Table
        gone: list[Any]
        for name, table in tables.items():
            first = self._first.get(name)
            if first is None:
                new, gone, whole = table, [], True
            elif table is first:
                new, gone, whole = {}, [], False
            else:
                new = {key: value for key, value in table.items() if first.get(key, _NONE) != value}
                gone = [key for key in first if key not in table] if len(first) + len(new) != len(table) else []
                whole = self._shape(name).ordered and not _in_order(first, gone, new, table)
                if whole:
                    new, gone = table, []
            allowed -= len(new) + len(gone)
            if allowed < 0:
                return None
            deltas.append(TableDelta(name, whole, _packed(gone, new)))
        return deltas

    def _unpacked(self, name: str, data: bytes) -> tuple[list[Any], Table]:
        """The removed keys, and the items."""
        keys, values, _ = self._shape(name)
        listed = GenericAlias(list, (keys,))
        removed, present, contents = msgspec.msgpack.decode(
            data, type=GenericAlias(tuple, (listed, listed, GenericAlias(list, (values,))))
        )
        if len(present) != len(contents):
            raise Damaged
        return removed, dict(zip(present, contents, strict=True))


_PACK = msgspec.msgpack.Encoder().encode
_NONE = object()


def _packed(gone: list[Any], table: Table) -> bytes:
    return _PACK((gone, list(table), list(table.values())))  # keys may be pairs, which no mapping of MessagePack has


def _patched(first: Table, gone: list[Any], new: Table) -> Table:
    """The base table with a delta applied: changed items keep their place, new ones come last."""
    left = set(gone)
    return {**{key: value for key, value in first.items() if key not in left}, **new}


def _in_order(first: Table, gone: list[Any], new: Table, table: Table) -> bool:
    """Whether `_patched` gives the keys of a table in its order."""
    if not gone and len(first) == len(table):
        return all(one == other for one, other in zip(first, table, strict=True))
    return list(_patched(first, gone, new)) == list(table)
