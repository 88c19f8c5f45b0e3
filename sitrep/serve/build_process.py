"""Builds in a process of its own with a single thread, so that workers can be forked from it."""

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
"""Codes of problems that cost the site pages, in addition to files that cannot be parsed."""
RETRY = 0.03
"""Seconds between attempts while another process builds the project."""
PARTING = 10.0
"""Seconds that the process has at the end to write its cache."""
INDEX_AFTER = 3.0
"""Seconds without a change after which the search index is updated."""
COLLECT, IDLE = 20, 5.0
"""The garbage collector runs after so many builds, when no build was requested for so many seconds."""


class BuildRequest(NamedTuple):
    """A build to run."""

    output: Path | None
    """None: `site`, or `preview`, in the project."""
    preview: bool
    as_of: Date | None = None
    replaced: Path | None = None
    """Where replaced and deleted files are kept."""
    fresh: bool = True
    """Whether to empty that folder first."""
    indexed: bool = False
    """Whether the search index is updated too, unless a change comes in."""
    changed_files: frozenset[str] | None = None
    """Files (absolute paths) that have changed since the last request; None where that is not known."""
    open_pages: frozenset[str] = frozenset()
    """Pages that are open in a browser: of a large build they are rendered and shown first."""


class Early(NamedTuple):
    """Open pages of a build whose other pages are still being rendered."""

    files: dict[str, bytes]
    problems: list[Problem] | None
    """None, between the processes: those that were reported last."""
    broken: frozenset[str]


class BuildResult(NamedTuple):
    """The result of a build, as the server needs it."""

    problems: list[Problem]
    refused: str = ""
    """Why the build could not run; the former site stands."""
    site_written: bool = True
    """False where a page would have leaked."""
    broken: frozenset[str] = frozenset()
    """Content files that the site lacks because something is wrong with them."""
    complete: bool = False
    """Whether `changed` lists the whole site."""
    changed: Mapping[str, str] = {}
    """Path → digest of the site's files that have changed since this process last reported."""
    gone: tuple[str, ...] = ()
    pages: int = 0
    written: int = 0
    deleted: int = 0
    withheld_summary: tuple[str, ...] = ()
    """How much was withheld or skipped, a line each."""
    note: str = ""
    index_outdated: bool = False
    """Whether the search index is that of an earlier build."""
    withheld_files: tuple[tuple[str, str], ...] = ()
    output: Path = Path()
    base: str = "/"
    """The path under which the site will stand."""
    url: str = ""
    title: str = ""
    seconds: float = 0.0


class BuildProcess:
    """The build process, seen from the server. `show_early` gets pages of a build that is still running."""

    def __init__(self, root: Path, jobs: int, show_early: Callable[[Early], None] = lambda _: None) -> None:
        self.root, self.jobs, self.show_early = root, jobs, show_early
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._building = False
        self._sending = threading.Lock()
        self._hurried = False
        self._problems: list[Problem] = []

    def build(self, request: BuildRequest) -> BuildResult:
        """Run a build and wait for it. If the process dies, the result says so, and the next build starts another."""
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        assert self._process is not None
        self._hurried = False
        self._building = True
        try:
            self._send(request)
            while isinstance(message := self._pipe.recv(), Early):
                self.show_early(message._replace(problems=self._problems) if message.problems is None else message)
            result: BuildResult
            result, problems = message
            self._problems = self._problems if problems is None else problems
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self._process = None
            return BuildResult(
                [], refused=f"the process that builds has ended ({code}); the next change starts another"
            )
        finally:
            self._building = False
        return result._replace(problems=self._problems)

    def hurry(self) -> None:
        """Postpone a search index that is being built, in favour of a build. May be called from any thread."""
        with contextlib.suppress(OSError):
            if self._pipe and self._building and not self._hurried:  # once: they are not read before the end
                self._hurried = True
                self._send(None)

    def _send(self, message: BuildRequest | None) -> None:
        assert self._pipe
        with self._sending:  # two concurrent messages could be mixed
            self._pipe.send(message)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # Not a daemon, since daemons may not fork workers. The process ends when the pipe is closed.
        self._process = context.Process(target=_work, args=(theirs, self.root, self.jobs), name="sitrep-builder")
        self._process.start()
        self._problems = []
        theirs.close()

    def close(self) -> None:
        """End the process, even during a build: the next build repairs what an interrupted one leaves."""
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when to end
    gc.disable()  # people wait for builds: cyclic garbage is collected when none was requested for a while
    gc.freeze()
    work = _Worker(root, jobs)
    builds = 0
    while True:
        if builds >= COLLECT and not pipe.poll(IDLE):
            gc.collect()
            builds = 0
        try:
            request = pipe.recv()
        except (EOFError, OSError):
            work.keep()
            return
        if not isinstance(request, BuildRequest):  # a hurry, but no index to postpone
            continue
        started = time.perf_counter()
        try:
            result = work.build(request, pipe.poll if request.indexed else _always, pipe)
        except Unusable as error:
            result = BuildResult(error.problems, refused=str(error))
        except Exception as error:  # a bug: the server continues, and the terminal shows the traceback
            traceback.print_exc()
            work.sessions.clear()
            result = BuildResult([], refused=f"sitrep failed: {type(error).__name__}: {error}")
        try:
            # Transferring thousands of problems takes as long as rendering a page, and usually nothing has changed.
            seconds = time.perf_counter() - started
            problems = None if result.problems == work.problems else result.problems
            pipe.send((result._replace(problems=[], seconds=seconds), problems))
            work.problems = result.problems
        except OSError:
            return
        builds += 1
        if result.complete and not result.refused:
            work.keep()  # so that the next start is fast, however this process ends


def _always() -> bool:
    return True


class _Worker:
    """The state of the process between builds."""

    def __init__(self, root: Path, jobs: int) -> None:
        self.root, self.jobs = root, jobs
        self.digests: dict[Path, Mapping[str, str]] = {}
        self.problems: list[Problem] = []
        """Those that were last handed over."""
        self.sessions: dict[Path, Session] = {}
        self.broken: dict[Path, frozenset[str]] = {}
        self.changed: dict[Path, frozenset[str] | None] = {}
        """Files that have changed since the last successful build into a folder; None or absent: not known."""

    def build(self, request: BuildRequest, postpone: Callable[[], bool], pipe: Connection | None = None) -> BuildResult:
        from sitrep.build.build import build
        from sitrep.build.report import summary, unread
        from sitrep.build.state import BuildOptions, Session
        from sitrep.parallel.pool import each

        for folder, known in self.changed.items():  # before anything can fail: a request reports changes once
            new = request.changed_files
            self.changed[folder] = None if known is None or new is None else known | new
        project, problems = open_project(self.root)
        output = request.output or project.root / ("preview" if request.preview else "site")
        if request.replaced:
            if request.fresh:
                shutil.rmtree(request.replaced, ignore_errors=True)
            request.replaced.mkdir(parents=True, exist_ok=True)
        options = BuildOptions(
            each(self.jobs),
            output,
            request.preview,
            request.as_of,
            request.replaced,
            postpone_index=postpone,
            changed_files=self.changed.get(output),
            open_pages=request.open_pages,
            show_early=partial(self._show_early, pipe, output) if request.open_pages and pipe else None,
        )
        session = self.sessions.setdefault(output, Session(project, output, persist=False))
        while True:
            try:
                report = build(project, options, session)
                break
            except Busy:
                time.sleep(RETRY)
        complete = output not in self.digests
        before = self.digests.get(output, {})
        if report.output:
            self.digests[output] = report.digests
            self.changed[output] = frozenset()
        problems = [*problems, *report.problems]
        broken = _broken(problems, report.withheld_files)
        if report.output:
            self.broken[output] = broken
        return BuildResult(
            problems=problems,
            site_written=report.output is not None,
            broken=broken,
            complete=complete,
            changed={path: digest for path, digest in report.digests.items() if before.get(path) != digest},
            gone=tuple(before.keys() - report.digests.keys()) if report.output else (),
            pages=report.pages,
            written=report.written,
            deleted=report.deleted,
            withheld_summary=tuple(line for line in (summary(report.withheld), unread(report.skipped_kinds)) if line),
            note=report.note,
            index_outdated=report.index_outdated,
            withheld_files=report.withheld_files,
            output=report.output or output,
            base=base(project.config.url),
            url=project.config.url,
            title=project.config.title,
        )

    def _show_early(self, pipe: Connection, output: Path, early: EarlyPages) -> None:
        """Hand over pages of a running build, unless it has new errors."""
        broken = _broken(early.problems, early.withheld_files)
        if output in self.digests and not broken - self.broken.get(output, frozenset()):
            pipe.send(Early(early.files, None if early.problems == self.problems else early.problems, broken))

    def keep(self) -> None:
        """Write the cache, for the next start."""
        for session in self.sessions.values():
            if session.last:
                session.last.renderer.ready()  # so that the first edit need not wait for it
            if session.cache.head and session.cache.everything:
                with contextlib.suppress(Unusable), locked(session.project):
                    session.cache.write()


def _broken(problems: list[Problem], files: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Content files that the site lacks because something is wrong with them."""
    unread = {file for file, why in files if why == UNREAD}
    return frozenset(unread | {p.file for p in problems if p.code in BROKEN and p.severity == ERROR})


def base(url: str) -> str:
    """The path of the address of a site, with a / at both ends."""
    path = unquote(urlsplit(url).path).strip("/")
    return f"/{path}/" if path else "/"
