"""Reports when a file that a build reads has changed. Events of the system are hints; the contents of files decide.

Hints are collected until none has come for a moment, but only up to a maximum time, so that continuous writing cannot
delay a build forever. A file that is open for writing, missing, or newly empty gets a little longer: most editors save
in several steps. Now and then all files are scanned, for changes without an event; if the system sends no events, these
scans are the only way.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from sitrep.serve.snapshot import WatchedFiles, Window

QUIET = 0.02 if sys.platform == "linux" else 0.06
"""Seconds without an event after which a save counts as done. Linux also reports when a file is closed."""
PATIENCE = 0.2
"""Seconds that a file may be open, missing or newly empty in the middle of a save."""
CAP = 0.6
"""Seconds after the first hint within which files are compared, even if more hints come."""
SLOW, SLOWEST = 2.0, 30.0
"""Minimum and maximum seconds between scans of all files if there are events."""
POLL = 0.4
"""Minimum seconds between scans if there are no events."""
PAUSE_FACTOR = 20
"""The pause after a scan, in durations of the scan; a fifth of that if there are no events."""
MANY = 500
"""The number of hints above which all files are scanned instead."""
MAX_OUTSIDE = 32
"""The maximum number of watched folders outside the project, to which symbolic links lead."""

EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
"""The events that are requested. Opening and reading are not: each build would cause thousands."""

logging.getLogger("watchdog").addHandler(logging.NullHandler())
logging.getLogger("watchdog").propagate = False


class ChangedFiles(NamedTuple):
    """Files that differ from what the builds have read."""

    paths: frozenset[str]


class _Hint(NamedTuple):
    """An event about a path; the empty path stands for all files."""

    at: float
    clock: int
    path: str
    open: bool = False


class Watcher(threading.Thread):
    """A thread that calls `changed` with changed files, and `say` with a message if it can no longer use events."""

    def __init__(
        self,
        root: Path,
        changed: Callable[[ChangedFiles], None],
        say: Callable[[str], None],
        *,
        observer: object = Observer,
    ) -> None:
        super().__init__(name="sitrep-watch", daemon=True)
        self.tree = WatchedFiles(root)
        self.changed = changed
        self.say = say
        self.polling = False
        self._root = root
        self._make_observer = observer
        self._observer: BaseObserver | None = None
        self._watched: dict[str, int] = {}
        self._pending: dict[str, tuple[_Hint, _Hint]] = {}
        self._wake = threading.Condition()
        self._hints: list[_Hint] = []
        self._hinted_files: set[str] = set()
        self._stopped = False
        self._build: Window | None = None

    # -- used by builds -----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Start watching: from now on changes are reported."""
        self._observe()
        self.tree.begin()

    def began(self) -> None:
        """A build starts reading."""
        self._hinted_files = set()
        self._build = Window(time.time_ns())

    def ended(self) -> None:
        """The build has finished reading."""
        if self._build:
            self._build = Window(self._build.start, time.time_ns())

    def during(self) -> frozenset[str]:
        """Files with events since the last build started reading."""
        with self._wake:
            return frozenset(self._hinted_files)

    def look(self) -> None:
        """Scan all files now."""
        self._hint("", open=False)

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._observer and self._observer.is_alive():
            self._observer.stop()

    # -- hints --------------------------------------------------------------------------------------------------------

    def _hint(self, path: str, *, open: bool) -> None:
        with self._wake:
            self._hinted_files.add(path)
            self._hints.append(_Hint(time.monotonic(), time.time_ns(), path, open))
            self._wake.notify()

    def _on_event(self, event: FileSystemEvent, outside: bool) -> None:
        """Called by watchdog in its thread."""
        if outside or event.is_directory:
            if outside or any(self.tree.reads(_str(path)) for path in (event.src_path, event.dest_path)):
                self._hint("", open=False)
            return
        being_written = sys.platform == "linux" and isinstance(event, FileCreatedEvent | FileModifiedEvent)
        for path in (_str(event.src_path), _str(event.dest_path)):
            if self.tree.reads(path):
                self._hint(path, open=being_written)

    # -- the thread ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        for _ in self.tree.read():
            if not self._wait(0.002):
                return
        pause = SLOW
        while self._wait(pause):
            started = time.monotonic()
            self._observe()
            for changed in self.tree.walk(self._build):
                self._report(changed)
                if not self._wait(0.001):
                    return
            took = time.monotonic() - started
            pause = max(POLL, took * PAUSE_FACTOR / 5) if self.polling else min(SLOWEST, max(SLOW, took * PAUSE_FACTOR))

    def _wait(self, seconds: float) -> bool:
        """Wait, and process hints as they come. Returns False if the watcher is to stop."""
        until = time.monotonic() + seconds
        while True:
            with self._wake:
                while not self._hints and not self._stopped:
                    left = min(until, self._next_look()) - time.monotonic()
                    if left <= 0:
                        break
                    self._wake.wait(left)
                if self._stopped:
                    return False
                hints, self._hints = self._hints, []
            for hint in hints:
                first, _ = self._pending.get(hint.path, (hint, hint))
                self._pending[hint.path] = (first, hint)
            if len(self._pending) > MANY:
                self._pending = {"": (min(first for first, _ in self._pending.values()), hints[-1])}
            now = time.monotonic()
            if self._next_look() <= now:
                self._follow_hints()
            elif not self._pending and now >= until:
                return True

    def _next_look(self) -> float:
        """When to compare the files of the pending hints."""
        if not self._pending:
            return float("inf")
        last = max(hint.at for _, hint in self._pending.values())
        settled = [hint.at + (PATIENCE if hint.open else QUIET) for _, hint in self._pending.values()]
        return min(max(last + QUIET, *settled), self._cap())

    def _cap(self) -> float:
        return min(first.at for first, _ in self._pending.values()) + CAP

    def _follow_hints(self) -> None:
        now = time.monotonic()
        waiting = {}
        if self._pending and now < self._cap():
            for path, (first, last) in self._pending.items():
                if path and now < last.at + PATIENCE and self.tree.empty(path):
                    waiting[path] = (first, last._replace(open=True))
        if waiting:  # together with the other saved files: one save is one build
            self._pending.update(waiting)
            return
        pending, self._pending = self._pending, {}
        changed = {path for path, (first, _) in pending.items() if path and self._differs(path, first)}
        if "" in pending:
            self._observe()
            for step in self.tree.walk(self._build):
                changed |= step
        self._report(changed)

    def _differs(self, path: str, first: _Hint) -> bool:
        return self.tree.check(path, self._build, first.clock)

    def _report(self, changed: set[str]) -> None:
        if changed:
            self.changed(ChangedFiles(frozenset(changed)))

    # -- the observer -------------------------------------------------------------------------------------------------

    def _observe(self) -> None:
        """Watch again if folders were added, deleted or replaced."""
        if self.polling:
            return
        if self._observer and not self._observer.is_alive():
            self._poll("the system no longer sends events")
            return
        wanted = dict(self._wanted())
        if wanted.keys() == self._watched.keys() and all(self._watched[path] == wanted[path][0] for path in wanted):
            return
        try:
            self._start_observer(wanted)
        except OSError as error:
            self._poll(_reason(error))

    def _wanted(self) -> Iterator[tuple[str, tuple[int, bool, bool]]]:
        """Folder → its inode, whether it is watched recursively, and whether it is outside the project."""
        places = [(str(self._root), False, False), *((folder, True, False) for folder in self.tree.folders)]
        places += [(folder, True, True) for folder in sorted(self.tree.outside)[:MAX_OUTSIDE]]
        for folder, below, outside in places:
            try:
                yield folder, (os.stat(folder).st_ino, below, outside)
            except OSError:
                continue

    def _start_observer(self, wanted: dict[str, tuple[int, bool, bool]]) -> None:
        """Watch all folders from scratch: they are few, and a replaced folder is no longer watched."""
        if self._observer:
            self._observer.stop()
        observer = self._make_observer()  # type: ignore[operator]
        self._observer = observer
        for folder, (_, below, outside) in wanted.items():
            observer.schedule(_Handler(self, outside), folder, recursive=below, event_filter=EVENTS)
        observer.start()
        # Watchdog may ignore that a subfolder cannot be watched; then one more watch fails too.
        probe = self._root / ".sitrep"
        probe.mkdir(exist_ok=True)
        observer.unschedule(observer.schedule(FileSystemEventHandler(), str(probe), event_filter=EVENTS))
        self._watched = {folder: inode for folder, (inode, _, _) in wanted.items()}

    def _poll(self, why: str) -> None:
        self.polling = True
        if self._observer and self._observer.is_alive():
            self._observer.stop()
        self._observer = None
        self.say(f"{why}: scanning for changes instead")


class _Handler(FileSystemEventHandler):
    def __init__(self, watch: Watcher, outside: bool) -> None:
        self.watch, self.outside = watch, outside

    def dispatch(self, event: FileSystemEvent) -> None:
        self.watch._on_event(event, self.outside)


def _str(path: bytes | str) -> str:
    return os.fsdecode(path)


def _reason(error: OSError) -> str:
    import errno

    if error.errno in (errno.ENOSPC, errno.EMFILE):
        return "the system watches no more folders (inotify's limit is reached)"
    return f"the system does not report changes ({error.strerror})"
