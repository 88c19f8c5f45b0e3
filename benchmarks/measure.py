"""Whole runs of a command, measured from outside: time, processor time, memory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

MIB = 1 << 20
EVERY = 0.05
"""Seconds between two looks at the memory in use."""


class Failed(Exception):
    """The command did not end well; what it said last."""


class Run(NamedTuple):
    """Seconds on the clock; processor seconds of the process and all it waited for; MiB of the largest process."""

    wall: float
    cpu: float
    largest: float


class Contender(NamedTuple):
    """A command that builds a site in a folder, and what to delete there so that it begins cold."""

    name: str
    command: Sequence[str]
    folder: Path
    wipe: Sequence[Path]

    def cold(self) -> None:
        """Delete output and caches, and let the disk finish."""
        for path in self.wipe:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        os.sync()

    def pages(self) -> int:
        """HTML files in what the command made."""
        return sum(1 for path in self.wipe for _ in path.rglob("*.html"))


def run(contender: Contender) -> Run:
    """One cold run. Raises Failed."""
    contender.cold()
    with _running(contender) as (process, start):
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    # ru_maxrss is in KiB, on macOS in bytes; for a process that waited for others, that of the largest of them.
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / MIB)


def peak(contender: Contender) -> float | None:
    """MiB that all processes of one cold run held at once, at most; None where there is no /proc to ask.

    Memory that processes share is counted once (PSS). Asking costs time, so this is a run of its own.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    contender.cold()
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
