"""Files of byte sections, each with its checksum: the format of the cache.

A build that has nothing to do reads one section of one file and loads no other module of this folder.
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
    """The cache does not hold what was written."""


class Head(msgspec.Struct):
    """What tells whether anything has changed since the last build, and its report in case nothing has."""

    code: bytes
    inputs: bytes
    sources: bytes
    outputs: bytes
    at: int
    """When the build began, in nanoseconds."""
    report: bytes


def cache_path(project: Project, output: Path) -> Path:
    """The cache file of one output folder."""
    name = blake2b(os.fsencode(os.path.relpath(output, project.root)), digest_size=6).hexdigest()
    return project.state / f"site-{name}"


PART = 16
"""A base file and the delta beside it: a delta of more than 1/PART of the base is merged into a new base."""
HEAD, NAME = 0, 1
"""The first sections of both files of an output folder: the head, and the name of the base file."""


def delta_path(path: Path) -> Path:
    """The file of what has changed since a base file was written."""
    return path.with_name(f"{path.name}-since")


def read_head(path: Path, code: bytes) -> Head | None:
    """The head of a cache file, if it was written by this code. Raises Damaged, and MsgspecError."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        data = read_section(file, HEAD)
        with contextlib.suppress(FileNotFoundError), open(delta_path(path), "rb") as since:
            if read_section(since, NAME) == read_section(file, NAME):
                data = read_section(since, HEAD)
        head = msgspec.msgpack.decode(data, type=Head)
        return head if head.code == code else None
    return None


_ENCODE = msgspec.msgpack.Encoder().encode


@contextlib.contextmanager
def replacement(path: Path) -> Iterator[IO[bytes]]:
    """A new file, which replaces the one at `path` when it is complete."""
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


def write_sections(file: IO[bytes], at: int, sections: list[bytes]) -> None:
    """Write sections, each with its checksum, and their table of contents."""
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


def read_section(file: Any, number: int) -> bytes:
    """Read one section of a file. Raises Damaged."""
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


class OpenFile:
    """An open file that is read piece by piece, even after another file has taken its place.

    It is not mapped into memory, where its pages would count for as long as the process lasts. Forked processes may
    read it concurrently.
    """

    __slots__ = ("_handle", "size")

    def __init__(self, path: Path) -> None:
        self._handle = -1  # for `__del__`, if there is no such file
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.size = os.fstat(self._handle).st_size

    def __del__(self, close: Callable[[int], None] = os.close) -> None:  # at interpreter exit `os` may be gone
        if self._handle >= 0:
            close(self._handle)

    def at(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`."""
        if hasattr(os, "pread"):
            return os.pread(self._handle, length, start)
        os.lseek(self._handle, start, os.SEEK_SET)  # on Windows, where no forked process shares the position
        return os.read(self._handle, length)


def read_sections(blob: OpenFile) -> list[bytes]:
    """Read all sections of a file. Raises Damaged."""
    if blob.at(0, len(MAGIC)) != MAGIC:
        raise Damaged
    contents = []
    tail = min(4096, blob.size)
    for start, length, checksum in _table(blob.at(blob.size - tail, tail)):
        data = blob.at(start, length)
        if crc32(data) != checksum:
            raise Damaged
        contents.append(data)
    return contents


LIBRARIES = ("jinja2", "markdown", "msgspec", "nh3", "pyyaml", "regex")
"""Libraries that shape the output."""


@cache
def code_digest() -> bytes:
    """The digest of the code that results depend on: ours, that of Python, and the versions of libraries.

    Their versions are read off the names of the folders that pip leaves beside them: to load the libraries takes
    longer than all the rest of a build that has nothing to do.
    """
    digest = blake2b(digest_size=16)
    package = Path(__file__).parent.parent
    for path in sorted([*package.rglob("*.py"), package / "charts" / "outlines.json"]):
        digest.update(path.as_posix().encode())
        digest.update(path.read_bytes())
    libraries = set()
    for folder in sys.path:
        with contextlib.suppress(OSError):
            names = [name for name in os.listdir(folder or ".") if name.endswith(".dist-info")]
            libraries |= {name for name in names if name.partition("-")[0].lower() in LIBRARIES}
    digest.update(repr((sys.version, sorted(libraries))).encode())
    return digest.digest()
