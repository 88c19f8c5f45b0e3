"""The contents of the watched files, and which of them have changed since the last comparison.

The digest of the content decides. A file's status (size, times, inode) only says which files need not be read again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from sitrep.project import CONFIG, RACY, theme

SLICE = 256
"""The number of files after which a walk yields, so that hints are processed in between."""


class WatchedFile(NamedTuple):
    """The status and the digest of a file; the digest is None until the file is read."""

    size: int
    mtime: int
    ctime: int
    inode: int
    racy: bool
    digest: bytes | None


class WatchedFiles:
    """The files that a build reads: config.yaml, content/ and the templates, which need not exist."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = tuple(dict.fromkeys([str(root / "content"), str(root / "templates"), str(theme())]))
        self.known: dict[str, WatchedFile] = {}
        self.outside: frozenset[str] = frozenset()
        """Folders outside the project to which symbolic links lead."""

    def reads(self, path: str) -> bool:
        """Whether a build could read a file of this path; the temporary files of editors are excluded."""
        if path == str(self.root / CONFIG):
            return True
        for folder in self.folders:
            if path == folder or path.startswith(folder + os.sep):
                return not any(_is_hidden(part) for part in path[len(folder) :].split(os.sep))
        return False

    def check(self, path: str, build: Window | None = None, since: int = 0) -> bool:
        """Read one file, whatever its status says, and return whether it may differ from what a build has read.

        That is so if its content differs from the known one, or may have differed during a build, which then may have
        read a content that is gone. `since` is the time (ns) of the first event about the file.
        """
        before = self.known.get(path)
        now = _read_file(path)
        if now is None:
            self.known.pop(path, None)
            return before is not None
        self.known[path] = now
        if before is None or before.digest != now.digest:
            return before is None or before.digest is not None or _was_written(before, now)
        return _was_written(before, now) and build is not None and build.may_have_seen(since or now.ctime, now.ctime)

    def empty(self, path: str) -> bool:
        """Whether a file that had content is now empty or missing: a save may be half done."""
        before = self.known.get(path)
        if before is None or before.size == 0:
            return False
        try:
            return os.stat(path).st_size == 0
        except OSError:
            return True

    def walk(self, build: Window | None = None) -> Iterator[set[str]]:
        """Compare every file, `SLICE` files at a time. Each step yields the changed files among them."""
        known = dict(self.known)
        present: set[str] = set()
        outside: set[str] = set()
        changed: set[str] = set()
        for count, (path, status) in enumerate(self._files(outside), 1):
            present.add(path)
            before = known.get(path)
            fresh = before is None or before.racy or not _same_status(before, status)
            if fresh and self.known.get(path) is before and self.check(path, build):
                changed.add(path)
            if count % SLICE == 0:
                yield changed
                changed = set()
        for path, before in known.items():
            if path not in present and self.known.get(path) is before and self.check(path, build):
                changed.add(path)
        self.outside = frozenset(outside)
        yield changed

    def begin(self) -> None:
        """Record the status of every file; `read` adds the digests."""
        outside: set[str] = set()
        now = time.time_ns()
        self.known = {path: _as_watched(status, now, None) for path, status in self._files(outside)}
        self.outside = frozenset(outside)

    def read(self) -> Iterator[None]:
        """Add the digests of files whose status has not changed since `begin`, `SLICE` files at a time."""
        for count, (path, before) in enumerate(list(self.known.items()), 1):
            if before.digest is None and self.known.get(path) is before:
                now = _read_file(path)
                if now and _same_status(before, now):
                    self.known[path] = now
            if count % SLICE == 0:
                yield

    def _files(self, outside: set[str]) -> Iterator[tuple[str, os.stat_result]]:
        config = str(self.root / CONFIG)
        yield from _statuses([config], outside)
        visited: set[tuple[int, int]] = set()
        for folder in self.folders:
            yield from self._below(folder, visited, outside)

    def _below(
        self, folder: str, visited: set[tuple[int, int]], outside: set[str]
    ) -> Iterator[tuple[str, os.stat_result]]:
        try:
            where = os.stat(folder)
            if (where.st_dev, where.st_ino) in visited:
                return
            visited.add((where.st_dev, where.st_ino))
            with os.scandir(folder) as entries:
                names = sorted((entry.name, _is_folder(entry)) for entry in entries if not _is_hidden(entry.name))
        except OSError:
            return
        if os.path.islink(folder):
            outside.add(os.path.realpath(folder))
        yield from _statuses((f"{folder}{os.sep}{name}" for name, is_folder in names if not is_folder), outside)
        for name, is_folder in names:
            if is_folder:
                yield from self._below(f"{folder}{os.sep}{name}", visited, outside)


class Window(NamedTuple):
    """The time in which a build ran, in nanoseconds like the times of files; `end` is 0 while it runs."""

    start: int
    end: int = 0

    def may_have_seen(self, first: int, last: int) -> bool:
        """Whether the build may have read a file that changed between these two times."""
        return last >= self.start - RACY // 100 and (not self.end or first <= self.end)


def _is_hidden(name: str) -> bool:
    """Whether a file is hidden, or a backup copy of an editor."""
    return name.startswith(".") or name.endswith("~")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # for example a link to itself
        return False


def _statuses(paths: Iterable[str], outside: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    for path in paths:
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                outside.add(os.path.dirname(os.path.realpath(path)))
                status = os.stat(path)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield path, status


def _read_file(path: str) -> WatchedFile | None:
    """The status and the digest of a file; the error stands for the digest if the file cannot be read."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
    except OSError:
        return None
    now = time.time_ns()
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError as error:
        digest = str(error.errno).encode()
    return _as_watched(status, now, digest)


def _as_watched(status: os.stat_result, now: int, digest: bytes | None) -> WatchedFile:
    racy = status.st_ctime_ns > now - RACY
    return WatchedFile(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, racy, digest)


def _same_status(before: WatchedFile, status: os.stat_result | WatchedFile) -> bool:
    if isinstance(status, WatchedFile):
        return before[:4] == status[:4]
    return before[:4] == (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _was_written(before: WatchedFile, now: WatchedFile) -> bool:
    """Whether the file was written in between. A change of its mode alters only its ctime."""
    return before.size != now.size or before.mtime != now.mtime or before.inode != now.inode
