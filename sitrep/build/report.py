"""The report of a build: what it did, how long its stages took, and what it withheld, in words."""

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
    """What a build did: its problems in order, and what was withheld and why."""

    problems: list[Problem]
    withheld: dict[Key, str]
    pages: int = 0
    written: int = 0
    deleted: int = 0
    output: Path | None = None
    """None when nothing was written."""
    withheld_files: tuple[tuple[str, str], ...] = ()
    """Each withheld file, and each that was skipped because of its name, with the reason."""
    skipped_kinds: tuple[Kind, ...] = ()
    """The kinds of the files that were skipped because of their names, one for each."""
    digests: Mapping[str, str] = {}
    """Path → digest of every file of the site."""
    note: str = ""
    """Remarks for the user, a line each."""
    index_outdated: bool = False
    """Whether the search index is that of an earlier build."""

    def with_note(self, note: str) -> Report:
        return self._replace(note="\n".join(filter(None, (self.note, note))))


class Stages:
    """The stages of a build, and how long each took, in seconds. Subclasses show progress."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """A stage has ended."""
        now = time.perf_counter()
        self.took[stage] = self.took.get(stage, 0.0) + now - self._since
        self._since = now

    def count(self, stage: str, items: Iterable[T], total: int) -> Iterable[T]:
        """The items of a stage as they come; `total` is how many there will be."""
        return items


def summary(withheld: dict[Key, str]) -> str:
    """What was withheld, in one line."""
    if not withheld:
        return ""
    counts = Counter(f"{SINGULAR[kind]} {why}" for (kind, _), why in withheld.items())
    parts = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    return f"withheld {len(withheld)}: {parts}"


def unread(skipped: Iterable[Kind]) -> str:
    """How many files were skipped because of their names, in one line."""
    counts = Counter(SINGULAR[kind] for kind in skipped)
    parts = ", ".join(f"{n} {what} file{'s' * (n > 1)}" for what, n in sorted(counts.items()))
    return f"not read for their names: {parts}" if parts else ""
