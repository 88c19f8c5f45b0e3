"""Named tables that a build keeps for the next one, in two files: most of them are as they were.

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

from sitrep.incremental.container import MAGIC, NAME, PART, Damaged, end, later, replacing, section

TABLES = 2
"""The section of either file that says which tables follow."""

Table = Mapping[Any, Any]


class Shape(NamedTuple):
    """The types of a table's keys and values, and whether the order of its keys is to be kept."""

    keys: Any
    values: Any
    ordered: bool = False


class Since(NamedTuple):
    """How a table is otherwise than in the first file."""

    table: str
    whole: bool
    """Whether it is told whole, and not by what is gone and what is new."""
    data: bytes


class Tables:
    """The two files. What `read` gave, and what `write` was given, is not to be changed afterwards."""

    def __init__(self, path: Path, shape: Callable[[str], Shape]) -> None:
        self.paths = (path, later(path))
        self._shape = shape
        self._name = b""
        self._first: dict[str, Table] = {}
        """What the first file holds."""

    def read(self) -> dict[str, Table]:
        """The tables as they were written last. Raises Damaged, and FileNotFoundError where there are none."""
        with self.paths[0].open("rb") as file:
            name = section(file, NAME)
            listed = msgspec.msgpack.decode(section(file, TABLES), type=list[str])
            found = {table: self._unpacked(table, section(file, TABLES + n))[1] for n, table in enumerate(listed, 1)}
        self._name, self._first = name, found
        with contextlib.suppress(FileNotFoundError), self.paths[1].open("rb") as file:
            if section(file, NAME) == name:
                now: dict[str, Table] = {}
                for table, whole, data in msgspec.msgpack.decode(section(file, TABLES), type=list[Since]):
                    gone, new = self._unpacked(table, data)
                    now[table] = new if whole else _mended(found[table], gone, new)
                return now
        return found

    def write(self, head: bytes, tables: dict[str, Table]) -> None:
        """Keep these tables, and what is to be read without them. Raises OSError."""
        since = self._since(tables)
        if since is not None:
            with replacing(self.paths[1]) as file:
                end(file, len(MAGIC), [head, self._name, _PACK(since)])
            return
        name = os.urandom(16)
        with replacing(self.paths[0]) as file:
            packed = [_packed([], table) for table in tables.values()]
            end(file, len(MAGIC), [head, name, _PACK(list(tables)), *packed])
        self._name, self._first = name, dict(tables)
        self.paths[1].unlink(missing_ok=True)

    def forget(self) -> None:
        for path in self.paths:
            with contextlib.suppress(OSError):
                path.unlink()
        self._name, self._first = b"", {}

    def _since(self, tables: dict[str, Table]) -> list[Since] | None:
        """What is otherwise than in the first file; None where that is much."""
        if not self._name:
            return None
        allowed = sum(map(len, self._first.values())) // PART
        made: list[Since] = []
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
            made.append(Since(name, whole, _packed(gone, new)))
        return made

    def _unpacked(self, name: str, data: bytes) -> tuple[list[Any], Table]:
        """Which keys are gone, and what is there."""
        keys, values, _ = self._shape(name)
        listed = GenericAlias(list, (keys,))
        gone, found, held = msgspec.msgpack.decode(
            data, type=GenericAlias(tuple, (listed, listed, GenericAlias(list, (values,))))
        )
        if len(found) != len(held):
            raise Damaged
        return gone, dict(zip(found, held, strict=True))


_PACK = msgspec.msgpack.Encoder().encode
_NONE = object()


def _packed(gone: list[Any], table: Table) -> bytes:
    return _PACK((gone, list(table), list(table.values())))  # keys may be pairs, which no mapping of MessagePack has


def _mended(first: Table, gone: list[Any], new: Table) -> Table:
    """The first table without what is gone, and with what is new: in its place where it was there, else at the end."""
    left = set(gone)
    return {**{key: value for key, value in first.items() if key not in left}, **new}


def _in_order(first: Table, gone: list[Any], new: Table, table: Table) -> bool:
    """Whether `_mended` gives the keys of a table in its order, which numbers are made of."""
    if not gone and len(first) == len(table):
        return all(one == other for one, other in zip(first, table, strict=True))
    return list(_mended(first, gone, new)) == list(table)
