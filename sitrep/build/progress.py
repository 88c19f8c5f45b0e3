"""Progress of a build: a bar on a terminal, a plain line for each long stage elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sitrep.build.report import Stages

T = TypeVar("T")
WORDS = {"read": "Reading", "check": "Checking", "make": "Making pages"}
MANY = 2_000
"""Items of a stage below which no progress is shown."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Stages]:
    """The stages of a build, shown on standard error while they run."""
    if quiet:
        yield Stages()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        with _Bar() as bar:
            yield bar


class _Lines(Stages):
    def count(self, stage: str, items: Iterable[T], total: int) -> Iterable[T]:
        if total < MANY:
            return items
        print(f"{WORDS[stage]}: {total:,}", file=sys.stderr, flush=True)
        return items


class _Bar(Stages):
    """The bar appears when the first long stage begins: a short build shows nothing."""

    _shown: Any = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._shown.stop()

    def count(self, stage: str, items: Iterable[T], total: int) -> Iterable[T]:
        if total < MANY:
            return items
        return self._counted(stage, items, total)

    def _counted(self, stage: str, items: Iterable[T], total: int) -> Iterator[T]:
        if self._shown is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._shown.start()
        task = self._shown.add_task(WORDS[stage], total=total)
        updated = time.monotonic()
        for done, item in enumerate(items, 1):
            yield item
            if time.monotonic() - updated > 0.1:
                updated = time.monotonic()
                self._shown.update(task, completed=done)
        self._shown.update(task, completed=total)
