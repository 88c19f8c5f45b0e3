"""The `each` of a build: a function over items, in order, by this process or by several.

Processes are forked where the system forks safely, so that they inherit the corpus instead of being sent it; this one
does its share, since whoever only waits holds all that the others hold copies of. Elsewhere they are started anew and
are sent what they need, which pays where there is much to do. For few items this process does the work. What comes back
is the same, in the same order. What starts processes is loaded where some are started: an edit needs none.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal, TypeVar

from sitrep.parallel.fork import POSSIBLE, Range, stretch, together

A = TypeVar("A")
B = TypeVar("B")
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]

FEW, MANY = 200, 1000
"""Items below which a second process costs more than it saves: one that is forked, and one that is started anew."""

FRESH = 150
"""Stretches of work for each process after which fresh ones are forked: the others have copies of what they saw."""

Start = Literal["fork", "spawn"]
START: Start = "fork" if POSSIBLE else "spawn"

_work: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def each(jobs: int, start: Start = START) -> Each:
    """The map for this many processes, started in this way."""
    if jobs < 2:
        return _serial
    return partial(_forked if start == "fork" else _spawned, jobs)


def takes_part(count: int) -> bool:
    """Whether this process does some of the work on so many items itself."""
    return START == "fork" or count < MANY


def available() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def trim() -> None:
    """Give memory that was used and is free back to the system, where the C library can (glibc: `malloc_trim(3)`)."""
    import ctypes  # here, since it takes a while to load

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _serial(function: Callable[[A], B], items: Sequence[A]) -> Iterable[B]:
    return map(function, items)


def _forked(jobs: int, function: Callable[[A], B], items: Sequence[A]) -> Iterable[B]:
    if len(items) < FEW:
        yield from map(function, items)
        return
    ranges = _ranges(len(items), jobs)
    for first in range(0, len(ranges), FRESH * jobs):
        yield from together(function, items, ranges[first : first + FRESH * jobs], jobs - 1)


def _spawned(jobs: int, function: Callable[[A], B], items: Sequence[A]) -> Iterable[B]:
    if len(items) < MANY:
        yield from map(function, items)
        return
    from multiprocessing import get_context

    packed = pickle.dumps((function, items), pickle.HIGHEST_PROTOCOL)  # once, and not by the pool for each process
    with get_context("spawn").Pool(jobs, _begin, (packed,)) as pool:
        for results in pool.imap(_begun, _ranges(len(items), jobs)):
            yield from results


def _begin(packed: bytes) -> None:
    """What a process does that was started anew. It is not sent by a file: texts that are withheld are in it."""
    global _work
    gc.disable()
    _work = pickle.loads(packed)


def _begun(bounds: Range) -> list[Any]:
    from multiprocessing import parent_process

    assert _work is not None
    parent = parent_process()
    return stretch(*_work, bounds, parent.pid or 0 if parent else 0)


def _ranges(count: int, jobs: int) -> list[Range]:
    size = max(1, min(40, count // (jobs * 16)))
    return [(start, min(start + size, count)) for start in range(0, count, size)]
