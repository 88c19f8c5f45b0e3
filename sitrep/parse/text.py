"""Bytes become text, or a problem that says which byte is invalid and which encoding the file probably has."""

from __future__ import annotations

import re

from sitrep.anchoring.text import unusual
from sitrep.problems import ERROR, WARNING, Problem

MAX_BYTES = 4 * 1024 * 1024
BOM = b"\xef\xbb\xbf"
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that HTML forbids: shown as U+FFFD, one for one, so that offsets stay valid."""


def decode(data: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """UTF-8 with `\\n` line ends. `None` when it cannot be read; a byte order mark is dropped with a warning."""
    if len(data) > MAX_BYTES:
        message = f"the file is {len(data) // 1024} KB; the limit is {MAX_BYTES // 1024} KB"
        return None, [_problem(file, "too-large", message, "split it")]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, [_problem(file, "encoding", "the file is UTF-16, not UTF-8", "save it as UTF-8")]
    problems = []
    if data.startswith(BOM):
        data = data[3:]
        problems.append(
            Problem(
                code="byte-order-mark",
                severity=WARNING,
                file=file,
                line=1,
                column=1,
                message="the file starts with a byte order mark, which is ignored",
                hint="save it as UTF-8 without BOM",
            )
        )
    try:
        if b"\0" in data:
            at = data.index(b"\0")
            raise UnicodeDecodeError("utf-8", data, at, at + 1, "NUL")
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        guess = (
            "it looks like UTF-16"
            if data[error.start] == 0 or b"\0" in data[:400]
            else "it looks like Latin-1 or Windows-1252"
        )
        message = f"byte 0x{data[error.start]:02X} is no part of a UTF-8 text; {guess}"
        return None, [*problems, _problem(file, "encoding", message, "save it as UTF-8", line, column)]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, problems


def printable(text: str) -> str:
    """The text with each character that HTML forbids replaced by U+FFFD, one for one."""
    return UNPRINTABLE.sub("\ufffd", text) if UNPRINTABLE.search(unusual(text)) else text


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset in a text."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def _problem(file: str, code: str, message: str, hint: str, line: int = 1, column: int = 1) -> Problem:
    return Problem(code=code, severity=ERROR, file=file, line=line, column=column, message=message, hint=hint)
