"""Problems are values: a finding about a file, said in one line with its place and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
ERROR: Severity = "error"
WARNING: Severity = "warning"
INFO: Severity = "info"

Step = str | int
Path = tuple[Step, ...]
"""Where in a file's data: `("claims", 3, "by")`. Empty for the file as a whole."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One finding.

    `file` is relative to the project's root, with forward slashes. `at` is a place in the data; it is turned into
    `line` and `column` (both from 1; 0 when unknown) by `sitrep.read.yaml.located` when the problem is printed.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    file: str = ""
    at: Path = ()
    line: int = 0
    column: int = 0
    on_key: bool = False
    """The place is the key itself, not its value: an unknown key, say."""

    @property
    def place(self) -> str:
        """`file:line:column`, as editors and terminals make it clickable."""
        return f"{self.file}:{self.line or 1}:{self.column or 1}" if self.file else ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        where = f"{self.place}: " if self.file else ""
        return f"{where}{self.severity}: {self.message}{hint} [{self.code}]"


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted by file, line, column, code and message; duplicates told once."""
    unique = {(p.file, p.line, p.column, p.code, p.message): p for p in problems}
    return [unique[key] for key in sorted(unique)]


def failing(problems: Iterable[Problem], *, strict: bool = False) -> bool:
    """Whether a run with these problems exits 1: any error, and with `strict` any warning; `info` never."""
    bad = {ERROR, WARNING} if strict else {ERROR}
    return any(p.severity in bad for p in problems)
