"""`sitrep serve` as a process, and requests to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

LIMIT = 60.0
"""Seconds after which what a test waits for counts as not coming."""


READY = r"serving http://127\.0\.0\.1:(\d+)(/\S*)"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Served(NamedTuple):
    """A running server: what it prints is gathered in `lines`."""

    process: subprocess.Popen[str]
    port: int
    base: str
    lines: list[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """What comes back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            parts = []
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(1 << 16):
                    parts.append(part)
            return b"".join(parts)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[None]:
        """A page that is open in a browser: it listens for changes, and is loaded again when it is told to."""
        over = threading.Event()

        def browser() -> None:
            while not over.is_set():
                page = self.get(self.base + path).text
                shape = re.findall(r'data-shape="(\w*)"', page)[-1]
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
                with contextlib.closing(connection), contextlib.suppress(OSError):
                    connection.request("GET", f"/_events?path={path}&shape={shape}")
                    stream = connection.getresponse()
                    while not over.is_set() and stream.readline() != b"event: reload\n":
                        pass

        thread = threading.Thread(target=browser)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(LIMIT)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get("/_state").body)
        return found

    def until(self, holds: Callable[[Served], object]) -> None:
        """Wait for it."""
        wait(lambda: holds(self), lambda: "\n".join(self.lines))

    def shows(self, path: str, text: str) -> None:
        self.until(lambda s: text in s.get(self.base + path).text)

    def settled(self, *, seconds: float = 0.6) -> int:
        """The count of builds, once it has not changed for a moment."""
        count = self.state()["builds"]
        since = time.monotonic()
        while time.monotonic() - since < seconds:
            time.sleep(0.05)
            if (now := self.state()["builds"]) != count:
                count, since = now, time.monotonic()
        return int(count)


def wait(holds: Callable[[], object], told: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline, f"it did not come\n{told()}"
        time.sleep(0.01)


@contextlib.contextmanager
def serving(root: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Served]:
    """The server of a project, from its first line about where it is to its end by Ctrl-C."""
    command = [sys.executable, "-m", "sitrep", "--root", str(root), "serve", "--jobs", "1", *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | (environment or {}),
        start_new_session=True,
    )
    assert process.stdout
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(line.rstrip() for line in process.stdout), daemon=True)  # type: ignore[union-attr]
    reader.start()
    found: list[re.Match[str]] = []

    def begun() -> bool:
        assert process.poll() is None, "\n".join(lines)
        found[:] = [match for line in list(lines) if (match := re.match(READY, line))]
        return bool(found)

    try:
        wait(begun, lambda: "\n".join(lines))
        yield Served(process, int(found[0][1]), found[0][2], lines)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            reader.join(5)
            process.stdout.close()
    assert process.returncode == 0, "\n".join(lines)
    assert not any("Traceback" in line for line in lines), "\n".join(lines)
