"""Files that hold sections of bytes, each with its checksum: what a build keeps for the next one (`cache.py`).

Apart from what is in them, since a build that has nothing to do looks at one section of one file.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import msgspec

from sitrep.project import Project

MAGIC = b"sitrep-cache-2\n"


class Damaged(Exception):
    """The cache holds something else than was put there."""


class Head(msgspec.Struct):
    """What tells whether anything has changed at all, and what is told when nothing has."""

    code: bytes
    given: bytes
    sources: bytes
    outputs: bytes
    at: int
    """When the build began, in nanoseconds."""
    told: bytes


def of_output(project: Project, output: Path) -> Path:
    """The file of what is kept of one output folder."""
    name = blake2b(os.fsencode(os.path.relpath(output, project.root)), digest_size=6).hexdigest()
    return project.state / f"site-{name}"


PART = 16
"""What part of all that a file holds may be in the one beside it (`later`); with more, all is written anew."""
HEAD, NAME = 0, 1
"""The first sections of what is kept of an output folder: its head, and the name of the file that holds all of it."""


def later(path: Path) -> Path:
    """The file that holds what is otherwise than in another."""
    return path.with_name(f"{path.name}-since")


def head_of(path: Path, code: bytes) -> Head | None:
    """What tells whether anything has changed, of a file of this code. Raises Damaged, and MsgspecError."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        data = section(file, HEAD)
        with contextlib.suppress(FileNotFoundError), open(later(path), "rb") as since:
            if section(since, NAME) == section(file, NAME):
                data = section(since, HEAD)
        head = msgspec.msgpack.decode(data, type=Head)
        return head if head.code == code else None
    return None


_ENCODE = msgspec.msgpack.Encoder().encode


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes a path's place when it is whole."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb", buffering=1 << 20) as file:
            file.write(MAGIC)
            yield file
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def end(file: IO[bytes], at: int, sections: list[bytes]) -> None:
    """Write sections, each with its checksum, and last where they lie."""
    table = []
    for data in sections:
        table.append((at, len(data), crc32(data)))
        file.write(data)
        at += len(data)
    last = _ENCODE(table)
    file.write(last)
    file.write(len(last).to_bytes(8, "little"))


def _table(tail: bytes) -> list[tuple[int, int, int]]:
    length = int.from_bytes(tail[-8:], "little")
    if length > len(tail) - 8:
        raise Damaged
    try:
        return msgspec.msgpack.decode(tail[-8 - length : -8], type=list[tuple[int, int, int]])
    except msgspec.DecodeError:
        raise Damaged from None


def section(file: Any, number: int) -> bytes:
    """One section of a file. Raises Damaged."""
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise Damaged
    file.seek(max(0, size - 4096))
    table = _table(file.read())
    if number >= len(table):
        raise Damaged
    start, length, checksum = table[number]
    file.seek(start)
    data: bytes = file.read(length)
    if crc32(data) != checksum:
        raise Damaged
    return data


class Blob:
    """A file that is read where it is asked for, as it was when it was opened, whatever has taken its place since.

    It is not mapped: what is read so would count as ours for as long as the process lasts. Processes that were forked
    may read it side by side.
    """

    __slots__ = ("_handle", "size")

    def __init__(self, path: Path) -> None:
        self._handle = -1  # for `__del__`, should there be no such file
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.size = os.fstat(self._handle).st_size

    def __del__(self, close: Callable[[int], None] = os.close) -> None:  # `os` may be gone before it, at the end
        if self._handle >= 0:
            close(self._handle)

    def at(self, start: int, length: int) -> bytes:
        """So many bytes from a place on; fewer where there are no more."""
        if hasattr(os, "pread"):
            return os.pread(self._handle, length, start)
        os.lseek(self._handle, start, os.SEEK_SET)  # Windows, where nothing is forked that shares the place
        return os.read(self._handle, length)


def sections(blob: Blob) -> list[bytes]:
    """All sections of a file. Raises Damaged."""
    if blob.at(0, len(MAGIC)) != MAGIC:
        raise Damaged
    found = []
    tail = min(4096, blob.size)
    for start, length, checksum in _table(blob.at(blob.size - tail, tail)):
        data = blob.at(start, length)
        if crc32(data) != checksum:
            raise Damaged
        found.append(data)
    return found


LIBRARIES = ("jinja2", "markdown", "msgspec", "nh3", "pyyaml", "regex")
"""Those that shape what we write."""


@cache
def code() -> bytes:
    """The digest of the code that a result depends on: ours, Python's, and which libraries are there.

    Their versions are read off the names of the folders that pip leaves beside them: to load the libraries takes
    longer than all the rest of a build that has nothing to do.
    """
    made = blake2b(digest_size=16)
    package = Path(__file__).parent.parent
    for path in sorted([*package.rglob("*.py"), package / "charts" / "outlines.json"]):
        made.update(path.as_posix().encode())
        made.update(path.read_bytes())
    found = set()
    for folder in sys.path:
        with contextlib.suppress(OSError):
            names = [name for name in os.listdir(folder or ".") if name.endswith(".dist-info")]
            found |= {name for name in names if name.partition("-")[0].lower() in LIBRARIES}
    made.update(repr((sys.version, sorted(found))).encode())
    return made.digest()
