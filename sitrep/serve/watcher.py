"""Tells when what a build reads has changed. The system's events are hints; what the files hold decides.

Hints are gathered until nothing has come for a moment, and never longer than a cap, so that steady writing cannot keep
a build from beginning. A file that is open for writing, gone, or newly empty is waited for a little longer: most
editors save in several steps. Now and then everything is looked at, for what no event told; where the system gives no
events, that is all there is.
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
"""Seconds without an event after which a save counts as done. Linux also tells when a file is closed."""
PATIENCE = 0.2
"""Seconds that a file may be open, gone or newly empty, in the middle of a save."""
CAP = 0.6
"""Seconds from the first hint after which what is there is taken, whatever else is going on."""
SLOW, SLOWEST = 2.0, 30.0
"""Seconds between looks at everything, where there are events: at least, and at most."""
POLL = 0.4
"""The same where there are none."""
SHARE = 20
"""A look at everything is followed by a pause this many times as long; by a fifth of that where there are no events."""
MANY = 500
"""Hints above which everything is looked at instead."""
ELSEWHERE = 32
"""Folders outside the project that are watched since symbolic links lead there."""

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
"""What is asked for: opening and reading a file is no event, or each build would cause thousands."""

logging.getLogger("watchdog").addHandler(logging.NullHandler())
logging.getLogger("watchdog").propagate = False


class ChangedFiles(NamedTuple):
    """Files that differ from what the builds have read."""

    paths: frozenset[str]


class _Hint(NamedTuple):
    """What an event said of a path; the empty path is for everything."""

    at: float
    clock: int
    path: str
    open: bool = False


class Watcher(threading.Thread):
    """A thread that calls `changed` with each change, and `say` when there is something to know about the watching."""

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
        self._make = observer
        self._observer: BaseObserver | None = None
        self._watched: dict[str, int] = {}
        self._pending: dict[str, tuple[_Hint, _Hint]] = {}
        self._wake = threading.Condition()
        self._hints: list[_Hint] = []
        self._heard_of: set[str] = set()
        self._stopped = False
        self._build: Window | None = None

    # -- for others --------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Begin to watch and take what is there as known. What changes from now on is told."""
        self._observe()
        self.tree.begin()

    def began(self) -> None:
        """A build begins to read."""
        self._heard_of = set()
        self._build = Window(time.time_ns())

    def ended(self) -> None:
        """It has read all that it will."""
        if self._build:
            self._build = Window(self._build.start, time.time_ns())

    def during(self) -> frozenset[str]:
        """Files that were heard of since the last build began."""
        with self._wake:
            return frozenset(self._heard_of)

    def look(self) -> None:
        """Look at everything now."""
        self._hint("", open=False)

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._observer and self._observer.is_alive():
            self._observer.stop()

    # -- hints -------------------------------------------------------------------------------------------------------

    def _hint(self, path: str, *, open: bool) -> None:
        with self._wake:
            self._heard_of.add(path)
            self._hints.append(_Hint(time.monotonic(), time.time_ns(), path, open))
            self._wake.notify()

    def _heard(self, event: FileSystemEvent, elsewhere: bool) -> None:
        """Called by watchdog, in its thread."""
        if elsewhere or event.is_directory:
            if elsewhere or any(self.tree.reads(_str(path)) for path in (event.src_path, event.dest_path)):
                self._hint("", open=False)
            return
        being_written = sys.platform == "linux" and isinstance(event, FileCreatedEvent | FileModifiedEvent)
        for path in (_str(event.src_path), _str(event.dest_path)):
            if self.tree.reads(path):
                self._hint(path, open=being_written)

    # -- the thread --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        for _ in self.tree.read():
            if not self._rest(0.002):
                return
        pause = SLOW
        while self._rest(pause):
            started = time.monotonic()
            self._observe()
            for changed in self.tree.walk(self._build):
                self._tell(changed)
                if not self._rest(0.001):
                    return
            took = time.monotonic() - started
            pause = max(POLL, took * SHARE / 5) if self.polling else min(SLOWEST, max(SLOW, took * SHARE))

    def _rest(self, seconds: float) -> bool:
        """Wait, and see to hints as they come. Whether to go on."""
        until = time.monotonic() + seconds
        while True:
            with self._wake:
                while not self._hints and not self._stopped:
                    left = min(until, self._due()) - time.monotonic()
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
            if self._due() <= now:
                self._look_at_hinted()
            elif not self._pending and now >= until:
                return True

    def _due(self) -> float:
        """When to look at what was hinted at."""
        if not self._pending:
            return float("inf")
        last = max(hint.at for _, hint in self._pending.values())
        settled = [hint.at + (PATIENCE if hint.open else QUIET) for _, hint in self._pending.values()]
        return min(max(last + QUIET, *settled), self._cap())

    def _cap(self) -> float:
        return min(first.at for first, _ in self._pending.values()) + CAP

    def _look_at_hinted(self) -> None:
        now = time.monotonic()
        waiting = {}
        if self._pending and now < self._cap():
            for path, (first, last) in self._pending.items():
                if path and now < last.at + PATIENCE and self.tree.empty(path):
                    waiting[path] = (first, last._replace(open=True))
        if waiting:  # with everything else that was saved: one save, one build
            self._pending.update(waiting)
            return
        pending, self._pending = self._pending, {}
        changed = {path for path, (first, _) in pending.items() if path and self._differs(path, first)}
        if "" in pending:
            self._observe()
            for step in self.tree.walk(self._build):
                changed |= step
        self._tell(changed)

    def _differs(self, path: str, first: _Hint) -> bool:
        return self.tree.looked(path, self._build, first.clock)

    def _tell(self, changed: set[str]) -> None:
        if changed:
            self.changed(ChangedFiles(frozenset(changed)))

    # -- the observer ------------------------------------------------------------------------------------------------

    def _observe(self) -> None:
        """Watch every folder that is there now and was not, or is another one by the same name."""
        if self.polling:
            return
        if self._observer and not self._observer.is_alive():
            self._poll("the system's events have ended")
            return
        wanted = dict(self._wanted())
        if wanted.keys() == self._watched.keys() and all(self._watched[path] == wanted[path][0] for path in wanted):
            return
        try:
            self._watch(wanted)
        except OSError as error:
            self._poll(_why(error))

    def _wanted(self) -> Iterator[tuple[str, tuple[int, bool, bool]]]:
        """Folder → (its inode, with all below, elsewhere)."""
        places = [(str(self._root), False, False), *((folder, True, False) for folder in self.tree.folders)]
        places += [(folder, True, True) for folder in sorted(self.tree.beyond)[:ELSEWHERE]]
        for folder, below, elsewhere in places:
            try:
                yield folder, (os.stat(folder).st_ino, below, elsewhere)
            except OSError:
                continue

    def _watch(self, wanted: dict[str, tuple[int, bool, bool]]) -> None:
        """Begin anew: folders are few, and one that was made again under its old name is no longer watched."""
        if self._observer:
            self._observer.stop()
        observer = self._make()  # type: ignore[operator]
        self._observer = observer
        for folder, (_, below, elsewhere) in wanted.items():
            observer.schedule(_Handler(self, elsewhere), folder, recursive=below, event_filter=EVENTS)
        observer.start()
        # Where folders below cannot be watched any more, watchdog may pass over it: one more watch would fail too.
        probe = self._root / ".sitrep"
        probe.mkdir(exist_ok=True)
        observer.unschedule(observer.schedule(FileSystemEventHandler(), str(probe), event_filter=EVENTS))
        self._watched = {folder: inode for folder, (inode, _, _) in wanted.items()}

    def _poll(self, why: str) -> None:
        self.polling = True
        if self._observer and self._observer.is_alive():
            self._observer.stop()
        self._observer = None
        self.say(f"{why}: looking for changes every moment instead")


class _Handler(FileSystemEventHandler):
    def __init__(self, watch: Watcher, elsewhere: bool) -> None:
        self.watch, self.elsewhere = watch, elsewhere

    def dispatch(self, event: FileSystemEvent) -> None:
        self.watch._heard(event, self.elsewhere)


def _str(path: bytes | str) -> str:
    return os.fsdecode(path)


def _why(error: OSError) -> str:
    import errno

    if error.errno in (errno.ENOSPC, errno.EMFILE):
        return "the system watches no more folders (inotify's limit is reached)"
    return f"the system does not tell of changes ({error.strerror})"
