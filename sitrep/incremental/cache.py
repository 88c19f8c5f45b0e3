"""The cache in `.sitrep/`: entries as read, and results with their dependencies. It is safe to delete.

`entries` and `entries-since` belong to the project; `site-…` and its `-since` to one output folder. A damaged file, by
its checksums, costs a full build and nothing else.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sitrep.corpus.corpus import INDEXES, Corpus, Fingerprints
from sitrep.incremental.container import Damaged, Head, cache_path, code_digest, read_head
from sitrep.incremental.entry_store import EntryStore
from sitrep.incremental.invalidation import ENTRIES, CachedValue, CheckResult, PageResult
from sitrep.incremental.tables import Shape, Table, Tables
from sitrep.model.entries import Entry
from sitrep.model.records import Kind
from sitrep.parse import entry
from sitrep.project import Project, Stamp


class Former(NamedTuple):
    """The corpus of an earlier build: its fingerprints, and the corpus itself while it is in memory."""

    fingerprints: Fingerprints
    corpus: Corpus | None = None


class Results(msgspec.Struct):
    """The results of one build into one output folder."""

    checks: dict[str, CheckResult] = {}
    pages: dict[str, PageResult] = {}
    stamps: dict[str, Stamp] = {}
    """Path on the site → the stamp of the file as it was written."""
    lines: dict[str, tuple[int, int]] = {}
    """Positions of problems that were looked up (`build/locate.py`)."""
    values: dict[str, CachedValue] = {}
    why: dict[str, tuple[str, ...]] = {}
    """Outputs that the build rendered → why, in words."""


_SHAPES = {
    "checks": Shape(str, CheckResult),
    "pages": Shape(str, PageResult),
    "stamps": Shape(str, Stamp),
    "lines": Shape(str, tuple[int, int]),
    "values": Shape(str, CachedValue),
    "why": Shape(str, tuple[str, ...]),
    "mentioned": Shape(bytes, bytes),
}
"""The tables of results, and of the facts of entries without a file."""
EVERYTHING, SHOWN = "everything ", "shown "
"""Prefixes of the names of tables that hold fingerprints of a corpus."""


def _shape(table: str) -> Shape:
    _, fingerprints, name = table.partition(" ")
    if not fingerprints:
        return _SHAPES[table]
    if name in ENTRIES:
        return Shape(str, tuple[bytes, bytes, bytes, bool], ordered=True)
    keys = tuple[str, str] if name in INDEXES and INDEXES[name][1] else str
    return Shape(keys, str if name == "withheld" else bytes, ordered=True)


class Cache:
    """The cached state of builds into one output folder."""

    def __init__(self, project: Project, output: Path | None) -> None:
        """Without an output folder the cache stays empty."""
        self.code = code_digest()
        self.entries = EntryStore(project.state / "entries" if output else None, self.code)
        self.results = Results()
        self.everything: Former | None = None
        self.shown: Former | None = None
        """None: the same as `everything`."""
        self.mentioned: dict[bytes, bytes] = {}
        """The facts of entries without a file, by their digest."""
        self.head: Head | None = None
        self.path = cache_path(project, output) if output else Path(os.devnull)
        self._tables = Tables(self.path, _shape)
        self._recalled: set[str] = set() if output else {"head", "entries", "results"}

    def read_head(self) -> Head | None:
        """What tells whether anything has changed, read without the rest. Raises Damaged."""
        if self.head is None and "head" not in self._recalled:
            self._recalled.add("head")
            self.head = read_head(self.path, self.code)
        return self.head

    def read_entries(self) -> EntryStore:
        if "entries" not in self._recalled:
            self._recalled.add("entries")
            self.entries.recall()
        return self.entries

    def read_results(self) -> Results:
        """The results of the last build; also reads the fingerprints of its corpora. Raises Damaged."""
        if "results" not in self._recalled:
            self._recalled |= {"head", "results"}
            self.head = read_head(self.path, self.code)
            if self.head is None:
                return self.results
            tables: Any = self._tables.read()
            self.results = Results(**{name: tables[name] for name in Results.__struct_fields__})
            self.mentioned = tables["mentioned"]
            fingerprints = {start: _prefixed(tables, start) for start in (EVERYTHING, SHOWN)}
            self.everything = Former(fingerprints[EVERYTHING])
            self.shown = Former(fingerprints[SHOWN]) if fingerprints[SHOWN] else None
        return self.results

    def forget(self) -> None:
        """Delete the cache."""
        for path in self.entries.paths:
            with contextlib.suppress(OSError):
                os.unlink(path)
        self._tables.forget()
        self.entries = EntryStore(self.entries.path, self.entries.code)
        self.results, self.everything, self.shown, self.head = Results(), None, None, None
        self.mentioned = {}
        self._recalled = {"head", "entries", "results"}

    def write(self) -> None:
        """Write the cache. Errors of the file system are ignored: the next build then does more."""
        assert self.head
        assert self.everything
        tables: dict[str, Table] = {name: getattr(self.results, name) for name in Results.__struct_fields__}
        tables["mentioned"] = self.mentioned
        for start, former in ((EVERYTHING, self.everything), (SHOWN, self.shown)):
            if former:
                tables |= {start + name: table for name, table in former.fingerprints.items()}
        with contextlib.suppress(OSError):
            self.entries.write()
            self._tables.write(_ENCODE(self.head), tables)

    def release(self, former: Former) -> None:
        """Forget a corpus, but not its fingerprints, before it is updated in place."""
        if self.everything is former:
            self.everything = Former(former.fingerprints)
        if self.shown is former:
            self.shown = Former(former.fingerprints)

    def fetch(self, kind: Kind, id: str, facts: bytes) -> Entry:
        """An entry of a corpus that is restored. Raises Damaged where it is not the one that was cached."""
        if facts in self.mentioned:
            return Entry(entry.facts_of(self.mentioned[facts]), entry.EMPTY)
        row = self.entries.rows.get((kind, id))
        if row is None or row.facts != facts:
            raise Damaged
        return self.entries.entry((kind, id))


def _prefixed(tables: Mapping[str, Any], start: str) -> Fingerprints:
    """The tables whose names have a prefix, by the rest of their names."""
    return {name.removeprefix(start): table for name, table in tables.items() if name.startswith(start)}


_ENCODE = msgspec.msgpack.Encoder().encode
