"""Builds in a process of its own, which does nothing else: it has one thread, so that its workers can be forked."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from sitrep.cache import Cache
from sitrep.problems import ERROR, Problem
from sitrep.project import Project, Unusable, open_project
from sitrep.records import Date
from sitrep.write import Busy, locked

UNREAD = "cannot be read whole"
BROKEN = ("template", "no-content")
"""Codes of problems that take pages away from the site, beside files that cannot be read whole."""
RETRY = 0.03
"""Seconds between attempts while another process builds."""
PARTING = 10.0
"""Seconds in which the process may put on the disk what it keeps in memory."""
INDEX_AFTER = 3.0
"""Seconds without a change after which the search index is wanted."""
COLLECT, IDLE = 20, 5.0
"""Builds after which garbage is collected, once nobody has asked for another for so many seconds."""


class Wanted(NamedTuple):
    """A build to make."""

    output: Path | None
    """None: `site`, or `preview`, in the project."""
    preview: bool
    as_of: Date | None = None
    replaced: Path | None = None
    """Where files that go are kept."""
    fresh: bool = True
    """Whether what it holds is no longer needed."""
    indexed: bool = False
    """Whether the search index is made too, unless somebody is in a hurry."""
    heard: frozenset[str] | None = None
    """Files (absolute paths) that have changed since what was wanted before; None where that is not known."""


class Built(NamedTuple):
    """What came of it."""

    problems: list[Problem]
    refused: str = ""
    """Why it could not be made at all; what was there stands."""
    whole: bool = True
    """Whether the site was written: it is not when something of it must not leave."""
    broken: frozenset[str] = frozenset()
    """Files without which the site is not what it was meant to be."""
    anew: bool = False
    """Whether `changed` is the whole site, whatever was told before."""
    changed: Mapping[str, str] = {}
    """Path → digest of the site's files that are not as this process last told."""
    gone: tuple[str, ...] = ()
    pages: int = 0
    written: int = 0
    deleted: int = 0
    left: tuple[str, ...] = ()
    """What was withheld or not read, a line each."""
    note: str = ""
    behind: bool = False
    """Whether the search index is not that of these pages."""
    files: tuple[tuple[str, str], ...] = ()
    output: Path = Path()
    base: str = "/"
    """The path under which the site will stand."""
    url: str = ""
    title: str = ""
    seconds: float = 0.0


class Builder:
    """The process, seen from the one that wants builds."""

    def __init__(self, root: Path, jobs: int) -> None:
        self.root, self.jobs = root, jobs
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._building = False
        self._hurried = False
        self._told: list[Problem] = []

    def build(self, wanted: Wanted) -> Built:
        """Wait for a build. Should the process end, this says so, and the next build has a new one."""
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        assert self._process is not None
        self._hurried = False
        self._building = True
        try:
            self._pipe.send(wanted)
            built: Built
            built, problems = self._pipe.recv()
            self._told = self._told if problems is None else problems
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self._process = None
            return Built([], refused=f"the process that builds has ended ({code}); the next change starts another")
        finally:
            self._building = False
        return built._replace(problems=self._told)

    def hurry(self) -> None:
        """Have it leave a search index that it may be making: there is something else to build. From any thread."""
        with contextlib.suppress(OSError):
            if self._pipe and self._building and not self._hurried:  # once: nobody reads them before the end
                self._hurried = True
                self._pipe.send(None)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # No daemon: a daemon may not have the children that it shares the work with. It ends with the pipe.
        self._process = context.Process(target=_work, args=(theirs, self.root, self.jobs), name="sitrep-builder")
        self._process.start()
        self._told = []
        theirs.close()

    def close(self) -> None:
        """End it, also in the middle of a build: what it leaves, the next one puts right."""
        process, pipe = self._process, self._pipe
        if process is None or pipe is None:
            return
        if not self._building:
            pipe.close()
            process.join(PARTING)
        if process.is_alive():
            process.terminate()
            process.join(5)


def _work(pipe: Connection, root: Path, jobs: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process says when to end
    gc.disable()  # a build is often waited for; what it leaves in cycles is collected when nobody has asked for long
    gc.freeze()
    work = _Work(root, jobs)
    builds = 0
    told: list[Problem] = []
    while True:
        if builds >= COLLECT and not pipe.poll(IDLE):
            gc.collect()
            builds = 0
        try:
            wanted = pipe.recv()
        except (EOFError, OSError):
            work.keep()
            return
        if wanted is None:  # a hurry, and nothing to leave
            continue
        started = time.perf_counter()
        try:
            built = work.build(wanted, pipe.poll if wanted.indexed else _always)
        except Unusable as error:
            built = Built(error.problems, refused=str(error))
        except Exception as error:  # ours, not theirs: the server stays, and the terminal says where
            traceback.print_exc()
            work.caches.clear()
            built = Built([], refused=f"sitrep failed: {type(error).__name__}: {error}")
        try:
            # Thousands of problems take as long to hand over as a page to make, and are mostly those of before.
            seconds = time.perf_counter() - started
            problems = None if built.problems == told else built.problems
            pipe.send((built._replace(problems=[], seconds=seconds), problems))
            told = built.problems
        except OSError:
            return
        builds += 1
        if built.anew and not built.refused:
            work.keep()  # the next start is quicker, however this one ends


def _always() -> bool:
    return True


class _Work:
    """What stays in the memory of the process between its builds."""

    def __init__(self, root: Path, jobs: int) -> None:
        self.root, self.jobs = root, jobs
        self.told: dict[Path, Mapping[str, str]] = {}
        self.caches: dict[Path, tuple[Project, Cache]] = {}
        self.heard: dict[Path, frozenset[str] | None] = {}
        """What has changed since the last build into a folder that was made; None, or nothing: that is not known."""

    def build(self, wanted: Wanted, leave: Callable[[], bool]) -> Built:
        from sitrep.build import build
        from sitrep.parallel import each
        from sitrep.report import summary, unread

        for folder, known in self.heard.items():  # before anything can fail: it is told once
            self.heard[folder] = None if known is None or wanted.heard is None else known | wanted.heard
        project, problems = open_project(self.root)
        output = wanted.output or project.root / ("preview" if wanted.preview else "site")
        if wanted.replaced:
            if wanted.fresh:
                shutil.rmtree(wanted.replaced, ignore_errors=True)
            wanted.replaced.mkdir(parents=True, exist_ok=True)
        options: Any = {"preview": wanted.preview, "as_of": wanted.as_of, "replaced": wanted.replaced, "leave": leave}
        cache = self._cache(project, output)
        while True:
            try:
                heard = self.heard.get(output)
                report = build(project, output, each(self.jobs), cache=cache, heard=heard, **options)
                break
            except Busy:
                time.sleep(RETRY)
        anew = output not in self.told
        before = self.told.get(output, {})
        if report.output:
            self.told[output] = report.made
            self.heard[output] = frozenset()
        problems = [*problems, *report.problems]
        broken = {file for file, why in report.files if why == UNREAD}
        broken |= {p.file for p in problems if p.code in BROKEN and p.severity == ERROR}
        return Built(
            problems=problems,
            whole=report.output is not None,
            broken=frozenset(broken),
            anew=anew,
            changed={path: digest for path, digest in report.made.items() if before.get(path) != digest},
            gone=tuple(before.keys() - report.made.keys()) if report.output else (),
            pages=report.pages,
            written=report.written,
            deleted=report.deleted,
            left=tuple(line for line in (summary(report.withheld), unread(report.left)) if line),
            note=report.note,
            behind=report.behind,
            files=report.files,
            output=report.output or output,
            base=base(project.config.url),
            url=project.config.url,
            title=project.config.title,
        )

    def _cache(self, project: Project, output: Path) -> Cache:
        """The results of the last build into a folder; what is released decides how things are read."""
        known = self.caches.get(output)
        if known is None or known[0].config.publish != project.config.publish:
            self.caches[output] = known = (project, Cache(project, output))
        return known[1]

    def keep(self) -> None:
        """Put the results on the disk, for the next start."""
        for project, cache in self.caches.values():
            if cache.at_hand:
                cache.at_hand.renderer.ready()  # the first edit need not wait for it
            if cache.head and cache.everything:
                with contextlib.suppress(Unusable), locked(project):
                    cache.write()


def base(url: str) -> str:
    """The path of the address where a site will stand, with a / at both ends."""
    path = unquote(urlsplit(url).path).strip("/")
    return f"/{path}/" if path else "/"
