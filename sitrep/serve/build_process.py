"""Builds in a process of its own, which does nothing else: it has one thread, so that its workers can be forked."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from sitrep.model.records import Date
from sitrep.problems import ERROR, Problem, Unusable
from sitrep.project import open_project
from sitrep.publish.output_folder import Busy, locked

if TYPE_CHECKING:
    from sitrep.build.state import EarlyPages, Session

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


class BuildRequest(NamedTuple):
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
    open_pages: frozenset[str] = frozenset()
    """Pages that are open in a browser: of a large build they are rendered and shown first."""


class Early(NamedTuple):
    """Pages that are open in a browser, as they will be: the rest of the build follows."""

    files: dict[str, bytes]
    problems: list[Problem] | None
    """None, between the processes: those that were reported last."""
    broken: frozenset[str]


class BuildResult(NamedTuple):
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


class BuildProcess:
    """The process, seen from the one that wants builds. `hear` is told what it says before a build is done."""

    def __init__(self, root: Path, jobs: int, show_early: Callable[[Early], None] = lambda _: None) -> None:
        self.root, self.jobs, self.show_early = root, jobs, show_early
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._building = False
        self._sending = threading.Lock()
        self._hurried = False
        self._told: list[Problem] = []

    def build(self, wanted: BuildRequest) -> BuildResult:
        """Wait for a build. Should the process end, this says so, and the next build has a new one."""
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        assert self._process is not None
        self._hurried = False
        self._building = True
        try:
            self._send(wanted)
            while isinstance(message := self._pipe.recv(), Early):
                self.show_early(message._replace(problems=self._told) if message.problems is None else message)
            built: BuildResult
            built, problems = message
            self._told = self._told if problems is None else problems
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self._process = None
            return BuildResult(
                [], refused=f"the process that builds has ended ({code}); the next change starts another"
            )
        finally:
            self._building = False
        return built._replace(problems=self._told)

    def hurry(self) -> None:
        """Have it leave a search index that it may be making: there is something else to build. From any thread."""
        with contextlib.suppress(OSError):
            if self._pipe and self._building and not self._hurried:  # once: nobody reads them before the end
                self._hurried = True
                self._send(None)

    def _send(self, message: BuildRequest | None) -> None:
        assert self._pipe
        with self._sending:  # two at once might be mixed
            self._pipe.send(message)

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
    work = _Worker(root, jobs)
    builds = 0
    while True:
        if builds >= COLLECT and not pipe.poll(IDLE):
            gc.collect()
            builds = 0
        try:
            wanted = pipe.recv()
        except (EOFError, OSError):
            work.keep()
            return
        if not isinstance(wanted, BuildRequest):  # a hurry, and no index to postpone
            continue
        started = time.perf_counter()
        try:
            built = work.build(wanted, pipe.poll if wanted.indexed else _always, pipe)
        except Unusable as error:
            built = BuildResult(error.problems, refused=str(error))
        except Exception as error:  # ours, not theirs: the server stays, and the terminal says where
            traceback.print_exc()
            work.sessions.clear()
            built = BuildResult([], refused=f"sitrep failed: {type(error).__name__}: {error}")
        try:
            # Thousands of problems take as long to hand over as a page to make, and are mostly those of before.
            seconds = time.perf_counter() - started
            problems = None if built.problems == work.problems else built.problems
            pipe.send((built._replace(problems=[], seconds=seconds), problems))
            work.problems = built.problems
        except OSError:
            return
        builds += 1
        if built.anew and not built.refused:
            work.keep()  # the next start is quicker, however this one ends


def _always() -> bool:
    return True


class _Worker:
    """What stays in the memory of the process between its builds."""

    def __init__(self, root: Path, jobs: int) -> None:
        self.root, self.jobs = root, jobs
        self.told: dict[Path, Mapping[str, str]] = {}
        self.problems: list[Problem] = []
        """Those that were handed over last."""
        self.sessions: dict[Path, Session] = {}
        self.broken: dict[Path, frozenset[str]] = {}
        self.heard: dict[Path, frozenset[str] | None] = {}
        """What has changed since the last build into a folder that was made; None, or nothing: that is not known."""

    def build(self, wanted: BuildRequest, leave: Callable[[], bool], pipe: Connection | None = None) -> BuildResult:
        from sitrep.build.build import build
        from sitrep.build.report import summary, unread
        from sitrep.build.state import BuildOptions, Session
        from sitrep.parallel.pool import each

        for folder, known in self.heard.items():  # before anything can fail: it is told once
            self.heard[folder] = None if known is None or wanted.heard is None else known | wanted.heard
        project, problems = open_project(self.root)
        output = wanted.output or project.root / ("preview" if wanted.preview else "site")
        if wanted.replaced:
            if wanted.fresh:
                shutil.rmtree(wanted.replaced, ignore_errors=True)
            wanted.replaced.mkdir(parents=True, exist_ok=True)
        options = BuildOptions(
            each(self.jobs),
            output,
            wanted.preview,
            wanted.as_of,
            wanted.replaced,
            postpone_index=leave,
            changed_files=self.heard.get(output),
            open_pages=wanted.open_pages,
            show_early=partial(self._show_early, pipe, output) if wanted.open_pages and pipe else None,
        )
        session = self.sessions.setdefault(output, Session(project, output, persist=False))
        while True:
            try:
                report = build(project, options, session)
                break
            except Busy:
                time.sleep(RETRY)
        anew = output not in self.told
        before = self.told.get(output, {})
        if report.output:
            self.told[output] = report.made
            self.heard[output] = frozenset()
        problems = [*problems, *report.problems]
        broken = _broken(problems, report.files)
        if report.output:
            self.broken[output] = broken
        return BuildResult(
            problems=problems,
            whole=report.output is not None,
            broken=broken,
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

    def _show_early(self, pipe: Connection, output: Path, early: EarlyPages) -> None:
        """Hand over pages of a build that is running, unless something is broken in it that was not before."""
        broken = _broken(early.problems, early.withheld_files)
        if output in self.told and not broken - self.broken.get(output, frozenset()):
            pipe.send(Early(early.files, None if early.problems == self.problems else early.problems, broken))

    def keep(self) -> None:
        """Put the results on the disk, for the next start."""
        for session in self.sessions.values():
            if session.last:
                session.last.renderer.ready()  # the first edit need not wait for it
            if session.cache.head and session.cache.everything:
                with contextlib.suppress(Unusable), locked(session.project):
                    session.cache.write()


def _broken(problems: list[Problem], files: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Files without which the site is not what it was meant to be."""
    unread = {file for file, why in files if why == UNREAD}
    return frozenset(unread | {p.file for p in problems if p.code in BROKEN and p.severity == ERROR})


def base(url: str) -> str:
    """The path of the address where a site will stand, with a / at both ends."""
    path = unquote(urlsplit(url).path).strip("/")
    return f"/{path}/" if path else "/"
