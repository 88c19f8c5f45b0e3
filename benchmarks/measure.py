"""Whole runs of a command, measured from outside: time, processor time, memory."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

MIB = 1 << 20
EVERY = 0.05
"""Seconds between two looks at the memory in use."""


class Failed(Exception):
    """The command did not end well; what it said last."""


class Run(NamedTuple):
    """Seconds on the clock; processor seconds of the process and all it waited for; MiB of the largest process.

    None: not measured.
    """

    wall: float
    cpu: float | None
    largest: float | None


class Contender(NamedTuple):
    """A command that works in a folder, and what is put away there so that it begins cold."""

    name: str
    command: Sequence[str]
    folder: Path
    wipe: Sequence[Path]
    before: Callable[[], None] = lambda: None
    """What else is done before each run, outside its time."""

    def ready(self) -> None:
        """Put away what is not to be there, do what comes before, and let the disk finish.

        It is not deleted yet: where many files have just been deleted, ext4 is slow to make new ones.
        """
        self._aside().mkdir(exist_ok=True)
        for path in self.wipe:
            if path.exists():
                path.rename(self._aside() / f"{path.name}-{len(os.listdir(self._aside()))}")
        self.before()
        os.sync()

    def clear(self) -> None:
        """Delete what was put away."""
        shutil.rmtree(self._aside(), ignore_errors=True)

    def _aside(self) -> Path:
        return self.folder / ".measured-before"

    def pages(self) -> int | None:
        """HTML files in what the command makes anew; None for one that makes no whole site."""
        return sum(1 for path in self.wipe for _ in path.rglob("*.html")) or None


def run(contender: Contender) -> Run:
    """One run. Raises Failed."""
    contender.ready()
    with _running(contender) as (process, start):
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    # ru_maxrss is in KiB, on macOS in bytes; for a process that waited for others, that of the largest of them.
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / MIB)


def peak(contender: Contender) -> float | None:
    """MiB that all processes of one run held at once, at most; None where there is no /proc to ask.

    Memory that processes share is counted once (PSS). Asking costs time, so this is a run of its own.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    contender.ready()
    most = 0
    with _running(contender) as (process, _):
        while process.poll() is None:
            before = time.perf_counter()
            most = max(most, sum(_held(pid) for pid in _session(process.pid)))
            time.sleep(max(EVERY, 3 * (time.perf_counter() - before)))
    return most / 1024


@contextmanager
def _running(contender: Contender) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The command, begun, and when; it ends here too, when we are interrupted. Raises Failed when it fails."""
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(
                contender.command,
                cwd=contender.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{contender.name}: {error}") from None
        try:
            yield process, start
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            raise
        if process.returncode:
            log.seek(0)
            said = log.read()[-2000:].decode("utf-8", "replace").strip()
            raise Failed(f"{contender.name}: exit code {process.returncode}\n{said}")


class Edits(NamedTuple):
    """An article of a project that is edited again and again: each time its text ends on other words."""

    text: Path

    def words(self) -> str:
        """Words that the text did not have, written to its end."""
        old = self.text.read_bytes().decode()
        was = re.search(r"\nEdited (\d+) times\.\n$", old)
        words = f"Edited {int(was[1]) + 1 if was else 1} times."
        self.text.write_bytes((old[: was.start()] if was else old).encode() + f"\n{words}\n".encode())
        return words

    def edit(self) -> None:
        self.words()


PATIENCE = 120
"""Seconds after which an edit will not be seen any more."""
ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)(/\S*)")


def served(command: Sequence[str], folder: Path, edits: Edits, runs: int) -> list[Run]:
    """From the save of a text to its words at the server's address, by asking every 5 ms. Raises Failed."""
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout
        address = next(filter(None, map(ADDRESS.search, server.stdout)), None)
        if address is None:
            raise Failed(f"{' '.join(command)}: it says no address")
        page = f"{address[2]}articles/{edits.text.stem}.html"
        made = []
        for number in range(runs + 1):
            time.sleep(1)
            words = edits.words().encode()
            start = time.perf_counter()
            while words not in _page(int(address[1]), page):
                if time.perf_counter() - start > PATIENCE:
                    raise Failed(f"an edit was not to be seen within {PATIENCE} seconds")
                time.sleep(0.005)
            if number:  # the first one finds nothing at hand
                made.append(Run(time.perf_counter() - start, None, None))
        return made
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def _page(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def _session(leader: int) -> list[int]:
    """The processes of a session; a process that is gone, or not ours to see, is not among them."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.getsid(int(name)) == leader:
                    found.append(int(name))
            except OSError:
                continue
    return found


def _held(pid: int) -> int:
    """KiB of memory that a process holds, its part of what it shares with others alone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
            return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    except OSError:
        return 0
