"""What the watched files hold: which of them have changed since they were last looked at.

Content decides, by its digest. A file's status (size, times, inode) only says what need not be read again.
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
"""Files that a walk looks at before it lets others have their turn."""


class WatchedFile(NamedTuple):
    """A file as it was found. Without a digest it has not been read yet."""

    size: int
    mtime: int
    ctime: int
    inode: int
    racy: bool
    digest: bytes | None


class WatchedFiles:
    """The files that a build reads: config.yaml, content/ and the templates, whether they are there or not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = tuple(dict.fromkeys([str(root / "content"), str(root / "templates"), str(theme())]))
        self.known: dict[str, WatchedFile] = {}
        self.beyond: frozenset[str] = frozenset()
        """Folders elsewhere that symbolic links lead to."""

    def reads(self, path: str) -> bool:
        """Whether a build could read a file of this path. Editors keep their own files beside it."""
        if path == str(self.root / CONFIG):
            return True
        for folder in self.folders:
            if path == folder or path.startswith(folder + os.sep):
                return not any(_private(part) for part in path[len(folder) :].split(os.sep))
        return False

    def looked(self, path: str, build: Window | None = None, since: int = 0) -> bool:
        """Look at one file, whatever its status says. Whether it differs from what a build has read.

        It does when its content differs from what was known, and when it may have done so during a build: then the
        build may have read what is no longer there. `since` is when it was first heard of.
        """
        before = self.known.get(path)
        now = _watched(path)
        if now is None:
            self.known.pop(path, None)
            return before is not None
        self.known[path] = now
        if before is None or before.digest != now.digest:
            return before is None or before.digest is not None or not _alike(before, now)
        return not _alike(before, now) and build is not None and build.saw(since or now.ctime, now.ctime)

    def empty(self, path: str) -> bool:
        """Whether a file that had content has none now, or is gone: a save may be half done."""
        before = self.known.get(path)
        if before is None or before.size == 0:
            return False
        try:
            return os.stat(path).st_size == 0
        except OSError:
            return True

    def walk(self, build: Window | None = None) -> Iterator[set[str]]:
        """Look at every file, a slice at a time: each step gives what has changed in it."""
        known = dict(self.known)
        there: set[str] = set()
        beyond: set[str] = set()
        changed: set[str] = set()
        for count, (path, status) in enumerate(self._files(beyond), 1):
            there.add(path)
            before = known.get(path)
            fresh = before is None or before.racy or not _same(before, status)
            if fresh and self.known.get(path) is before and self.looked(path, build):
                changed.add(path)
            if count % SLICE == 0:
                yield changed
                changed = set()
        for path, before in known.items():
            if path not in there and self.known.get(path) is before and self.looked(path, build):
                changed.add(path)
        self.beyond = frozenset(beyond)
        yield changed

    def begin(self) -> None:
        """Take what is there as known, by its status alone; `read` does the reading."""
        beyond: set[str] = set()
        now = time.time_ns()
        self.known = {path: _seen(status, now, None) for path, status in self._files(beyond)}
        self.beyond = frozenset(beyond)

    def read(self) -> Iterator[None]:
        """Read what is known by its status alone, a slice at a time, where the status is still the same."""
        for count, (path, before) in enumerate(list(self.known.items()), 1):
            if before.digest is None and self.known.get(path) is before:
                now = _watched(path)
                if now and _same(before, now):
                    self.known[path] = now
            if count % SLICE == 0:
                yield

    def _files(self, beyond: set[str]) -> Iterator[tuple[str, os.stat_result]]:
        config = str(self.root / CONFIG)
        yield from _statuses([config], beyond)
        visited: set[tuple[int, int]] = set()
        for folder in self.folders:
            yield from self._below(folder, visited, beyond)

    def _below(
        self, folder: str, visited: set[tuple[int, int]], beyond: set[str]
    ) -> Iterator[tuple[str, os.stat_result]]:
        try:
            where = os.stat(folder)
            if (where.st_dev, where.st_ino) in visited:
                return
            visited.add((where.st_dev, where.st_ino))
            with os.scandir(folder) as entries:
                names = sorted((entry.name, _is_folder(entry)) for entry in entries if not _private(entry.name))
        except OSError:
            return
        if os.path.islink(folder):
            beyond.add(os.path.realpath(folder))
        yield from _statuses((f"{folder}{os.sep}{name}" for name, is_folder in names if not is_folder), beyond)
        for name, is_folder in names:
            if is_folder:
                yield from self._below(f"{folder}{os.sep}{name}", visited, beyond)


class Window(NamedTuple):
    """When a build ran, by the clock of the files' times: nanoseconds, `end` 0 while it runs."""

    start: int
    end: int = 0

    def saw(self, first: int, last: int) -> bool:
        """Whether it may have read a file while that changed, from the first time to the last."""
        return last >= self.start - RACY // 100 and (not self.end or first <= self.end)


def _private(name: str) -> bool:
    """Files that are nobody's content: hidden ones, and editors' copies."""
    return name.startswith(".") or name.endswith("~")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, say
        return False


def _statuses(paths: Iterable[str], beyond: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    for path in paths:
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                beyond.add(os.path.dirname(os.path.realpath(path)))
                status = os.stat(path)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield path, status


def _watched(path: str) -> WatchedFile | None:
    """A file's status and the digest of its content; one that cannot be read has a digest of its own."""
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
    return _seen(status, now, digest)


def _seen(status: os.stat_result, now: int, digest: bytes | None) -> WatchedFile:
    racy = status.st_ctime_ns > now - RACY
    return WatchedFile(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, racy, digest)


def _same(before: WatchedFile, status: os.stat_result | WatchedFile) -> bool:
    if isinstance(status, WatchedFile):
        return before[:4] == status[:4]
    return before[:4] == (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _alike(before: WatchedFile, now: WatchedFile) -> bool:
    """Whether nothing has been written in between: a file's mode may have changed, which alters its ctime alone."""
    return before.size == now.size and before.mtime == now.mtime and before.inode == now.inode
