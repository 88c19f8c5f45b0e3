"""What a build keeps for the next one, in `.sitrep/`: things as read, and results with what they were made of.

Both are only ever used where what they were made from is the same, and both are safe to delete. `things` and
`things-since` belong to the project; `site-…` and its `-since` to one output folder. Neither is believed: what is not
as it was written makes the whole cache be thrown away, and costs a full build.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sitrep.corpus.corpus import INDEXES, Corpus, Fingerprints
from sitrep.incremental.container import Damaged, Head, code, head_of, of_output
from sitrep.incremental.entry_store import EntryStore
from sitrep.incremental.invalidation import ENTRIES, CachedValue, CheckResult, PageResult
from sitrep.incremental.tables import Shape, Table, Tables
from sitrep.model.entries import Entry
from sitrep.model.records import Kind
from sitrep.parse import entry
from sitrep.project import Project, Stamp


class Former(NamedTuple):
    """A corpus of an earlier build: what fingerprints it, and it itself where it is still in memory."""

    fingerprints: Fingerprints
    corpus: Corpus | None = None


class Results(msgspec.Struct):
    """The results of one build into one output folder."""

    checks: dict[str, CheckResult] = {}
    pages: dict[str, PageResult] = {}
    stamps: dict[str, Stamp] = {}
    """Path on the site → the stamp of the file as it was written."""
    lines: dict[str, tuple[int, int]] = {}
    """Places of problems that were looked up (`build/locate.py`)."""
    values: dict[str, CachedValue] = {}
    why: dict[str, tuple[str, ...]] = {}
    """Outputs that the build made → what had changed, in words."""


_SHAPES = {
    "checks": Shape(str, CheckResult),
    "pages": Shape(str, PageResult),
    "stamps": Shape(str, Stamp),
    "lines": Shape(str, tuple[int, int]),
    "values": Shape(str, CachedValue),
    "why": Shape(str, tuple[str, ...]),
    "mentioned": Shape(bytes, bytes),
}
"""The tables of results, and of the facts of things without a file."""
EVERYTHING, SHOWN = "everything ", "shown "
"""How the names of tables begin that are fingerprints of a corpus."""


def _shape(table: str) -> Shape:
    _, fingerprints, name = table.partition(" ")
    if not fingerprints:
        return _SHAPES[table]
    if name in ENTRIES:
        return Shape(str, tuple[bytes, bytes, bytes, bool], ordered=True)
    keys = tuple[str, str] if name in INDEXES and INDEXES[name][1] else str
    return Shape(keys, str if name == "withheld" else bytes, ordered=True)


class Cache:
    """What is kept of a project for builds into one output folder. One in memory is quicker than one read."""

    def __init__(self, project: Project, output: Path | None) -> None:
        """Without an output folder nothing is read or written: all is empty."""
        self.code = code()
        self.entries = EntryStore(project.state / "entries" if output else None, self.code)
        self.results = Results()
        self.everything: Former | None = None
        self.shown: Former | None = None
        """None: it is the same as everything."""
        self.mentioned: dict[bytes, bytes] = {}
        """Facts of things without a file, by their digest."""
        self.head: Head | None = None
        self.path = of_output(project, output) if output else Path(os.devnull)
        self._tables = Tables(self.path, _shape)
        self._recalled: set[str] = set() if output else {"head", "entries", "results"}

    def read_head(self) -> Head | None:
        """What tells whether anything has changed, without reading all the rest. Raises Damaged."""
        if self.head is None and "head" not in self._recalled:
            self._recalled.add("head")
            self.head = head_of(self.path, self.code)
        return self.head

    def read_entries(self) -> EntryStore:
        if "entries" not in self._recalled:
            self._recalled.add("entries")
            self.entries.recall()
        return self.entries

    def read_results(self) -> Results:
        """The results of the last build, and the corpora they belong to. Raises Damaged."""
        if "results" not in self._recalled:
            self._recalled |= {"head", "results"}
            self.head = head_of(self.path, self.code)
            if self.head is None:
                return self.results
            tables: Any = self._tables.read()
            self.results = Results(**{name: tables[name] for name in Results.__struct_fields__})
            self.mentioned = tables["mentioned"]
            found = {start: _begun(tables, start) for start in (EVERYTHING, SHOWN)}
            self.everything = Former(found[EVERYTHING])
            self.shown = Former(found[SHOWN]) if found[SHOWN] else None
        return self.results

    def forget(self) -> None:
        """Throw all of it away."""
        for path in self.entries.paths:
            with contextlib.suppress(OSError):
                os.unlink(path)
        self._tables.forget()
        self.entries = EntryStore(self.entries.path, self.entries.code)
        self.results, self.everything, self.shown, self.head = Results(), None, None, None
        self.mentioned = {}
        self._recalled = {"head", "entries", "results"}

    def write(self) -> None:
        """Keep on disk what this build made. What cannot be written is not kept."""
        assert self.head
        assert self.everything
        tables: dict[str, Table] = {name: getattr(self.results, name) for name in Results.__struct_fields__}
        tables["mentioned"] = self.mentioned
        for start, former in ((EVERYTHING, self.everything), (SHOWN, self.shown)):
            if former:
                tables |= {start + name: held for name, held in former.fingerprints.items()}
        with contextlib.suppress(OSError):
            self.entries.write()
            self._tables.write(_ENCODE(self.head), tables)

    def release(self, former: Former) -> None:
        """Have a former corpus be known by its fingerprints alone: whoever holds it is about to change it."""
        if self.everything is former:
            self.everything = Former(former.fingerprints)
        if self.shown is former:
            self.shown = Former(former.fingerprints)

    def fetch(self, kind: Kind, id: str, facts: bytes) -> Entry:
        """An entry of a corpus that is restored. Raises Damaged where it is not the one that was there."""
        if facts in self.mentioned:
            return Entry(entry.facts_of(self.mentioned[facts]), entry.EMPTY)
        row = self.entries.rows.get((kind, id))
        if row is None or row.facts != facts:
            raise Damaged
        return self.entries.entry((kind, id))


def _begun(tables: Mapping[str, Any], start: str) -> Fingerprints:
    """Those tables whose names begin so, by the rest of their names."""
    return {name.removeprefix(start): table for name, table in tables.items() if name.startswith(start)}


_ENCODE = msgspec.msgpack.Encoder().encode
