"""`sitrep serve`: watches the files, builds, and serves the last good build."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import time
import webbrowser
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import uvicorn

from sitrep.problems import ERROR, INFO, Problem, Unusable
from sitrep.project import CONFIG
from sitrep.publish.output_folder import SERVED
from sitrep.serve.app import CHANGES, app
from sitrep.serve.build_process import INDEX_AFTER, BuildProcess, BuildRequest, BuildResult, Early
from sitrep.serve.livereload import waiting
from sitrep.serve.publish_diff import Comparison, Frame, compare, page, published
from sitrep.serve.versions import SiteVersions
from sitrep.serve.watcher import ChangedFiles, Watcher

HOST = "127.0.0.1"
PORT, PORTS = 8000, 100
"""The first port to try, and how many to try."""
PATIENT = 2.0
"""Seconds for which a build that may mix two states of the files is held back while more files change."""
SETTLE = 0.3
"""Seconds in which the watcher confirms events that came in during a build."""
SOON = 3.0
"""Seconds for which /_changes waits for the public build before it says that it is being built."""


Say = Callable[[str, list[Problem]], None]
"""Prints problems, then a line."""


class ServerFault(NamedTuple):
    """Why the present state of the files is not shown."""

    message: str
    note: str
    problems: list[Problem]
    others: list[Problem]

    @property
    def id(self) -> str:
        text = "\n".join([self.message, self.note, *map(str, self.problems)])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Server:
    """Decides what is built and shown, and notifies open pages, in one event loop; builds run in their own process."""

    def __init__(
        self, root: Path, folder: Path, *, preview: bool, jobs: int, say: Callable[[str, list[Problem]], None]
    ):
        self.preview = preview
        self.closing = False
        self.builds = 0
        self.streams = 0
        self.say = say
        self.root = root
        self.shown = SiteVersions(*_places(folder, "preview" if preview else "public"))
        self.public = self.shown if not preview else SiteVersions(*_places(folder, "public"))
        self.builder = BuildProcess(root, jobs, self._early)
        self.watch = Watcher(root, self._heard, self._print)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._wake = asyncio.Event()
        self._changed: set[str] = {""}  # everything, to begin with
        self._fault: ServerFault | None = None
        self._problems: list[Problem] = []
        self._unshown = 0.0
        self._behind = False
        self._fresh = {self.shown.folder: True, self.public.folder: True}
        self._public_wanted = False
        self._public_at = 0
        self._public_fault: BuildResult | None = None
        self.open: Counter[str] = Counter()
        """Paths on the site that are open in a browser, and how often."""
        self._compared: tuple[tuple[object, ...], Comparison] | None = None

    # -- used by app.py ----------------------------------------------------------------------------------------------

    def fault(self) -> ServerFault | None:
        return self._fault

    def news(self) -> asyncio.Event:
        """An event that is set at the next change of state."""
        return self._news

    def lost(self) -> None:
        """Build again: a file of the site was deleted or altered from outside."""
        self._changed.add("")
        self._wake.set()

    def look(self) -> None:
        """Look at all files now, and build."""
        self.watch.look()
        self.lost()

    async def changes(self, number: int) -> tuple[int, bytes]:
        """The answer of /_changes: a status and a page."""
        until = time.monotonic() + SOON
        while self.shown.now is None or (self.preview and self._public_at != self.builds):
            self._public_wanted = True
            self.builder.hurry()
            self._wake.set()
            if time.monotonic() > until:
                return 503, page(None, self._frame(), "The public site is being built for the comparison.", 1)
            news = self._news
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), 0.2)
        if self._public_fault or self.public.now is None:
            problems = [] if self._public_fault is None else self._public_fault.problems
            return 503, waiting("The public site cannot be built now, so there is nothing to compare.", problems)
        comparison = await asyncio.to_thread(self._compare)
        return 200, await asyncio.to_thread(page, comparison, self._frame(), "", number)

    def _compare(self) -> Comparison:
        now = self.public.now
        assert now is not None
        last = published(self.root / "site")
        key = (now.number, last.stamp)
        if self._compared is None or self._compared[0] != key:
            self._compared = (key, compare(last, now))
        return self._compared[1]

    def _frame(self) -> Frame:
        now = self.shown.now
        if now is None:
            return Frame("/", "", "", 0)
        sheet = next((p for p in now.files if p.startswith("theme/style.") and p.endswith(".css")), "")
        return Frame(now.base, now.title, sheet, now.number)

    def _early(self, early: Early) -> None:
        """Called in the thread that waits for a build."""
        if self._loop and not self.closing:
            self._loop.call_soon_threadsafe(self._show_early, early)

    def _show_early(self, early: Early) -> None:
        complete = self.shown.complete
        if complete and not early.broken - complete.broken and not self.watch.during():
            # Otherwise a fault is to be reported first, or the pages may mix two states of the files.
            self.shown.show_early(early)
            self._fault = self._fault if early.broken else None
            self._tell()

    # -- building ----------------------------------------------------------------------------------------------------

    def _heard(self, change: ChangedFiles) -> None:
        """Called in the watcher's thread."""
        if self._loop and not self.closing:
            self._loop.call_soon_threadsafe(self._note, change.paths)

    def _print(self, line: str) -> None:
        self.say(line, [])

    def _note(self, paths: frozenset[str]) -> None:
        self._changed |= paths
        self.builder.hurry()
        self._wake.set()

    async def run(self) -> None:
        """Build whenever something has changed, until the server is closed."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self.watch.prepare)
        self.watch.start()
        while not self.closing:
            if self._changed:
                await self._build()
            elif self._public_wanted and self.shown.now is not None:
                await self._build_public()
            else:
                try:
                    await asyncio.wait_for(self._wake.wait(), INDEX_AFTER if self._behind else None)
                except TimeoutError:
                    await self._index()
                self._wake.clear()

    async def _build(self) -> None:
        changed, self._changed = self._changed, set()
        result = await self._built(self.shown, changed)
        if self.closing:
            return
        self._behind = result.index_outdated
        self.builds += 1
        if result.refused or not result.site_written:
            self.shown.revert()
            self._failed(result)
        else:
            self.shown.take(result)
            now = self.shown.complete
            if now is self.shown.now and await self._mixed():
                return
            self._unshown = 0.0
            if now and result.broken - now.broken:
                self.shown.revert()
                self._failed(result)
            else:
                self._show(result, changed)
        self._tell()

    async def _index(self) -> None:
        """Update the search index of the shown site while no build is waiting."""
        result = await self._built(self.shown, set(), indexed=True)
        self._behind = result.index_outdated
        if self.closing:
            return
        if result.refused or not result.site_written:
            self.say(f"The search index cannot be built: {result.refused or 'nothing was written'}", result.problems)
            return
        if new := self._new_problems(result):
            self.say("The search index", new)
        self.shown.take(result)
        now = self.shown.now
        broken = now and result.broken - now.broken  # then the last good site stays, with its index
        if not broken and not self._changed:
            self.shown.show(result)
            self._fresh[self.shown.folder] = True

    async def _built(self, generations: SiteVersions, changed: set[str], *, indexed: bool = False) -> BuildResult:
        shows_all = self.preview and generations is self.shown
        fresh, self._fresh[generations.folder] = self._fresh[generations.folder], False
        self.watch.began()
        changed_files = None if "" in changed else frozenset(changed)
        open_pages = frozenset(self.open) if shows_all and not indexed else frozenset[str]()
        request = BuildRequest(
            generations.folder, shows_all, None, generations.former, fresh, indexed, changed_files, open_pages
        )
        result = await asyncio.to_thread(self.builder.build, request)
        self.watch.ended()
        return result

    async def _mixed(self) -> bool:
        """Whether a build may have read one file before a change and another after it: then the next one is shown."""
        if len(self.watch.during()) < 2 or self.shown.now is None:
            return False
        until = time.monotonic() + SETTLE
        while len(self._changed) < 2 and time.monotonic() < until:
            await asyncio.sleep(0.02)
        self._unshown = self._unshown or time.monotonic()
        return len(self._changed) > 1 and time.monotonic() - self._unshown < PATIENT

    def _show(self, result: BuildResult, changed: set[str]) -> None:
        first = self.shown.now is None
        new, altered, gone = self.shown.show(result)
        self._fresh[self.shown.folder] = True
        self._fault = None
        if result.broken:
            self._fault = _fault(result, "Something is broken in the files", "What can be shown without it is shown.")
        if first:
            line = f"{result.pages} pages built in {result.seconds:.2f} s"
        else:
            counts = ((new, "new"), (altered, "changed"), (gone, "gone"))
            parts = ", ".join(f"{n} {what}" for n, what in counts if n) or "no page changed"
            line = f"{_named(self.root, changed)}: {parts} ({result.seconds:.2f} s)"
        self.say(line, self._new_problems(result))

    def _failed(self, result: BuildResult) -> None:
        """Report a failed build; what was last shown stays."""
        message = (
            f"The site cannot be built: {result.refused}" if result.refused else "Something is broken in the files"
        )
        if not result.site_written and not result.refused:
            message = "Nothing was written: the site would contain words of withheld files"
        note = "The last good site is shown until this is corrected." if self.shown.now else ""
        self._fault = _fault(result, message, note)
        self.say(message, self._new_problems(result))

    def _new_problems(self, result: BuildResult) -> list[Problem]:
        """The problems that the last build did not have."""
        problems = [problem for problem in result.problems if problem.severity != INFO]
        before, self._problems = self._problems, problems
        return [problem for problem in problems if problem not in before] if len(problems) < 1000 else []

    async def _build_public(self) -> None:
        """Build the public site, which /_changes compares."""
        at = self.builds
        result = await self._built(self.public, set())
        self._public_fault = None
        if result.refused or not result.site_written:
            self._public_fault = result
        else:
            self.public.take(result)
            self.public.show(result)
            self._fresh[self.public.folder] = True
        self._public_at, self._public_wanted = at, False
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def close(self) -> None:
        self.closing = True
        self.watch.stop()
        self._wake.set()
        self._tell()


def _fault(result: BuildResult, message: str, note: str) -> ServerFault:
    problems = [problem for problem in result.problems if problem.severity != INFO]
    problems.sort(key=lambda problem: problem.severity != ERROR)
    if result.refused or not result.site_written:
        return ServerFault(message, note, problems, [])
    first = [problem for problem in problems if problem.file in result.broken]
    return ServerFault(message, note, first, [problem for problem in problems if problem.file not in result.broken])


def _places(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / name, folder / f"{name}.former"


def _named(root: Path, changed: set[str]) -> str:
    """The changed files, for a line on the terminal."""
    names = sorted(str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path for path in changed)
    names = [name for name in names if name] or ["everything"]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


# -- the command ------------------------------------------------------------------------------------------------------


class _Uvicorn(uvicorn.Server):
    """Uvicorn, which at its end also ends event streams, for which it would wait."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self.served = server

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.served._loop:
            self.served._loop.call_soon_threadsafe(self.served.close)


def serve(
    root: Path,
    *,
    port: int | None,
    preview: bool,
    jobs: int,
    open_browser: bool,
    say: Say,
) -> None:
    """Serve until interrupted. Raises Unusable without a project or a free port."""
    root = root.resolve()
    if not (root / CONFIG).exists():
        raise Unusable(f"there is no {CONFIG} in {root}: run `sitrep init`, or pass --root DIR")
    with _listening(port) as listener, _folder(root) as folder:
        number = listener.getsockname()[1]
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(root, folder, listener, number, preview, jobs, open_browser, say))


async def _serve(
    root: Path,
    folder: Path,
    listener: socket.socket,
    port: int,
    preview: bool,
    jobs: int,
    open_browser: bool,
    say: Say,
) -> None:
    server = Server(root, folder, preview=preview, jobs=jobs, say=say)
    names = {f"{HOST}:{port}", f"localhost:{port}"} | ({HOST, "localhost"} if port == 80 else set())
    config = uvicorn.Config(
        app(server, frozenset(names)),  # type: ignore[arg-type]
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    http = _Uvicorn(config, server)
    working = asyncio.create_task(server.run())
    address = f"http://{HOST}:{port}"

    async def greet() -> None:
        while server.shown.now is None and server.fault() is None:
            news = server.news()
            await news.wait()
        base = server.shown.now.base if server.shown.now else "/"
        what = "everything, including withheld files" if preview else "what would be released"
        say(f"serving {address}{base} ({what}); what publishing would change: {address}{CHANGES}; Ctrl-C ends it", [])
        if open_browser:
            await asyncio.to_thread(webbrowser.open, f"{address}{base}")

    greeting = asyncio.create_task(greet())
    try:
        await http.serve(sockets=[listener])
    finally:
        greeting.cancel()
        server.close()
        server.builder.close()
        await asyncio.gather(working, greeting, return_exceptions=True)


@contextlib.contextmanager
def _listening(port: int | None) -> Iterator[socket.socket]:
    """A socket on the loopback interface. Raises Unusable when the port, or every port that may be tried, is taken."""
    for number in [port] if port is not None else range(PORT, PORT + PORTS):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, number))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if port is not None:
                raise Unusable(f"port {port} cannot be used: {error.strerror}; choose another --port") from None
            continue
        with listener:
            yield listener
        return
    raise Unusable(f"no port from {PORT} to {PORT + PORTS - 1} is free: pass --port")


@contextlib.contextmanager
def _folder(root: Path) -> Iterator[Path]:
    """A folder in `.sitrep/` that no other server uses. It is kept, so that the next server has less to write."""
    try:
        import fcntl
    except ImportError:  # on Windows, one server of a project is up to the user
        yield root / ".sitrep" / SERVED / "1"
        return
    number = 0
    while True:
        number += 1
        folder = root / ".sitrep" / SERVED / str(number)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = (folder / "lock").open("w")
        except OSError as error:
            raise Unusable(f"{folder} cannot be written: {error.strerror}") from None
        with handle:
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield folder
            return
