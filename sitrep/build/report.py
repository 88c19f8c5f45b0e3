"""What a build tells: what it did, how long its stages took, and what it kept back, in words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sitrep.model.records import SINGULAR, Kind
from sitrep.problems import Problem

if TYPE_CHECKING:  # a build that has nothing to do has no corpus
    from sitrep.corpus.corpus import Key

T = TypeVar("T")


class Report(NamedTuple):
    """What a build did: problems in order, paths on the site, and what was kept back and why."""

    problems: list[Problem]
    withheld: dict[Key, str]
    pages: int = 0
    written: int = 0
    deleted: int = 0
    output: Path | None = None
    """None when nothing was written."""
    files: tuple[tuple[str, str], ...] = ()
    """Each withheld file, and why; and each that was not read for its name alone."""
    left: tuple[Kind, ...] = ()
    """The kinds of the files that were not read for their names alone, one for each."""
    made: Mapping[str, str] = {}
    """Each file of the site, and its digest."""
    note: str = ""
    """What else is worth saying."""
    behind: bool = False
    """Whether the search index is that of a former build."""

    def with_note(self, note: str) -> Report:
        return self._replace(note="\n".join(filter(None, (self.note, note))))


class Stages:
    """The stages of a build: how long each took, in seconds. Who wants to show progress makes one that does."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """A stage has ended."""
        now = time.perf_counter()
        self.took[stage] = self.took.get(stage, 0.0) + now - self._since
        self._since = now

    def count(self, stage: str, made: Iterable[T], total: int) -> Iterable[T]:
        """What a stage makes, as it is made, of how many."""
        return made


def summary(held: dict[Key, str]) -> str:
    """What was left out, in one line."""
    if not held:
        return ""
    counts = Counter(f"{SINGULAR[kind]} {why}" for (kind, _), why in held.items())
    parts = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    return f"withheld {len(held)}: {parts}"


def unread(left: Iterable[Kind]) -> str:
    """How many files were not read for their names alone, in one line."""
    counts = Counter(SINGULAR[kind] for kind in left)
    parts = ", ".join(f"{n} {what} file{'s' * (n > 1)}" for what, n in sorted(counts.items()))
    return f"not read for their names: {parts}" if parts else ""
