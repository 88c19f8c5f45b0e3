"""Entries as they were read, cached for the next build: a base file and a delta, so that an edit writes little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.incremental.container import (
    MAGIC,
    PART,
    Damaged,
    OpenFile,
    delta_path,
    read_sections,
    replacement,
    write_sections,
)
from sitrep.model.entries import Body, Entry
from sitrep.model.hashing import short
from sitrep.model.records import Kind
from sitrep.parallel.pool import trim
from sitrep.parse import entry as items
from sitrep.problems import Problem
from sitrep.project import RACY, SourceFiles, Stamp
from sitrep.release.policy import ReleaseFacts

Files = tuple[tuple[str, Stamp, bytes], ...]
"""Path, stamp and digest of each file of an entry."""


class StoredEntry(msgspec.Struct, array_like=True, frozen=True):
    """One entry as it was read: from which files, and with which results."""

    files: Files
    facts: bytes
    """The digests of its two packed parts (`packed`)."""
    body: bytes
    problems: tuple[Problem, ...]
    assets: tuple[str, ...]
    release: ReleaseFacts
    """What decides whether it is released."""
    places: bytes = b""
    """Where an article's mentions stand (`names.places`)."""
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Where the packed entry is: in which of the two files, its offset, and the lengths of its parts."""


class EntryStore:
    """All entries by kind and id; with a path, as two files hold them.

    The base file holds all entries of some build, the delta those that have changed since. The delta names its base and
    is ignored beside another.
    """

    def __init__(self, path: Path | None = None, code: bytes = b"") -> None:
        self.path, self.code = path, code
        self.rows: dict[Key, StoredEntry] = {}
        self.at = 0
        """When the build began that read them, in nanoseconds."""
        self.changed = False
        self._name = b""
        """The digest of the rows of the base file, by which the delta names it."""
        self._blobs: list[OpenFile | None] = [None, None]
        self._since: set[Key] = set()
        """Entries that differ from the base file."""
        self._new: dict[Key, items.Packed] = {}
        self._former: dict[Key, tuple[StoredEntry, items.Packed | None]] = {}
        """Entries that were read again, as they were before."""

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path, delta_path(self.path)) if self.path else ()

    def __getstate__(self) -> dict[str, Any]:
        """Another process opens the files itself."""
        return {**vars(self), "_blobs": [blob is not None for blob in self._blobs]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        files = zip(state["_blobs"], self.paths, strict=True) if self.paths else ()
        self._blobs = [OpenFile(path) if there else None for there, path in files]

    def recall(self) -> None:
        """Read the rows of the files. Files of other code count as absent. Raises Damaged."""
        if not self.paths or not self.paths[0].exists():
            return
        whole, since = self.paths
        self._blobs[WHOLE] = blob = OpenFile(whole)
        first, second = read_sections(blob)
        code, at = msgspec.msgpack.decode(first, type=tuple[bytes, int])
        if code != self.code:
            return
        self.at, self.rows, self._name = at, _rows(second), short(second)
        if not since.exists():
            return
        self._blobs[SINCE] = blob = OpenFile(since)
        first, second = read_sections(blob)
        name, at = msgspec.msgpack.decode(first, type=tuple[bytes, int])
        if name == self._name:
            new = _rows(second)
            self.rows |= new
            self.at, self._since = at, set(new)

    def fresh(self, row: StoredEntry, task: SourceFiles) -> bool:
        """Whether the files of an entry have not changed since it was read, by their stamps."""
        return len(row.files) == len(task.stamps) and all(
            file[0] == path and file[1] == stamp and stamp.ctime < self.at - RACY
            for file, path, stamp in zip(row.files, task.files, task.stamps, strict=True)
        )

    def packed(self, key: Key) -> items.Packed:
        """An entry as bytes. Raises Damaged."""
        new = self._new.get(key)
        if new:
            return new
        row = self.rows[key]
        facts, blob, at = self._locate(row)
        return items.Packed(facts, blob.at(at, row.place[3]), row.facts, row.body)

    def _locate(self, row: StoredEntry) -> tuple[bytes, OpenFile, int]:
        """The facts of an entry, the file they are in, and the offset of its body there. Raises Damaged."""
        file, start, length, _ = row.place
        blob = self._blobs[file]
        if blob is None or short(facts := blob.at(start, length)) != row.facts:
            raise Damaged
        return facts, blob, start + length

    def entry(self, key: Key) -> Entry:
        """An entry; its body is read and verified when it is asked for. Raises Damaged."""
        return self._entry(self.rows[key], self._new.get(key))

    def former(self, key: Key) -> Entry | None:
        """An entry that was read again, as it was before, where that is still available."""
        with suppress(Damaged, KeyError):
            return self._entry(*self._former[key])
        return None

    def _entry(self, row: StoredEntry, new: items.Packed | None) -> Entry:
        fetch: Callable[[], Body]
        if new:
            facts, fetch = new.facts, partial(items.body_of, new.body)
        else:
            facts, blob, at = self._locate(row)
            fetch = _Body(blob, at, row.place[3], row.body)
        return Entry(items.facts_of(facts), fetch=fetch, digests=(row.facts, row.body), places=row.places)

    def settle(self) -> None:
        """Write many new entries early: their texts then lie in a file, not in the memory of each process."""
        if len(self._new) > MUCH:
            with suppress(OSError):
                self.write()
            trim()

    def reading(self) -> None:
        """Call this before entries are read again."""
        self._former.clear()

    def put(self, key: Key, row: StoredEntry, packed: items.Packed) -> None:
        if was := self.rows.get(key):
            self._former[key] = (was, self._new.get(key))
        self.rows[key] = row
        self._new[key] = packed
        self._since.add(key)
        self.changed = True

    def restamp(self, key: Key, files: Files) -> None:
        """Note new stamps of files whose bytes have not changed."""
        if self.rows[key].files != files:
            self.rows[key] = msgspec.structs.replace(self.rows[key], files=files)
            self._since.add(key)
            self.changed = True

    def order(self, keys: Sequence[Key]) -> None:
        """Drop all other entries, and put these in order."""
        self.changed = self.changed or list(self.rows) != keys
        self.rows = {key: self.rows[key] for key in keys}
        for key in self._new.keys() - self.rows.keys():
            del self._new[key]

    def write(self) -> None:
        """Write what has changed. Raises OSError."""
        if not self.changed or not self.paths:
            return
        self._since &= self.rows.keys()
        if self._name and len(self._since) <= max(FEW, len(self.rows) // PART):
            self._put(SINCE, [key for key in self.rows if key in self._since], self._name)
        else:
            self._name = self._put(WHOLE, list(self.rows), self.code)
            self._since.clear()
            self.paths[SINCE].unlink(missing_ok=True)
        self.changed = False
        self._new.clear()

    def _put(self, file: int, keys: list[Key], name: bytes) -> bytes:
        """Write one of the files, with the entries that the other does not hold. Returns the digest of its rows."""
        rows = {}
        with replacement(self.paths[file]) as out:
            start = len(MAGIC)
            for key in keys:
                row = self.rows[key]
                if file == WHOLE or row.place[0] == SINCE or key in self._new:
                    packed = self.packed(key)
                    row = msgspec.structs.replace(row, place=(file, start, len(packed.facts), len(packed.body)))
                    out.write(packed.facts)
                    out.write(packed.body)
                    start += len(packed.facts) + len(packed.body)
                rows[key] = row
            listed = _ENCODE([(*key, row) for key, row in rows.items()])
            write_sections(out, start, [_ENCODE((name, self.at)), listed])
        self.rows |= rows
        self._blobs[file] = OpenFile(self.paths[file])
        return short(listed)


WHOLE, SINCE = 0, 1
"""The two files of `EntryStore`."""
MUCH = 1000
"""From so many new entries on they are written before they are linked."""
FEW = 8
"""Up to so many entries the delta is never merged."""


def _rows(data: bytes) -> dict[Key, StoredEntry]:
    return {(kind, id): row for kind, id, row in msgspec.msgpack.decode(data, type=list[tuple[Kind, str, StoredEntry]])}


class _Body:
    """Reads and unpacks a body; its digest is verified the first time."""

    __slots__ = ("_blob", "_digest", "_length", "_sound", "_start")

    def __init__(self, blob: OpenFile | bytes, start: int, length: int, digest: bytes) -> None:
        self._blob, self._start, self._length = blob, start, length
        self._digest, self._sound = digest, False

    def __reduce__(self) -> tuple[type[_Body], tuple[bytes, int, int, bytes]]:
        """Another process has not opened the file: it is sent the bytes."""
        return _Body, (self._packed(), 0, self._length, self._digest)

    def _packed(self) -> bytes:
        return self._blob if isinstance(self._blob, bytes) else self._blob.at(self._start, self._length)

    def __call__(self) -> Body:
        packed = self._packed()
        if not self._sound:
            if short(packed) != self._digest:
                raise Damaged
            self._sound = True
        return items.body_of(packed)


_ENCODE = msgspec.msgpack.Encoder().encode
