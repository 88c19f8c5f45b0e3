"""The parallel map of a build: a function over items, with the results in order, by one process or several.

Where forking is safe, processes are forked, so that they inherit the corpus. Elsewhere they are spawned and sent what
they need, which pays for many items only. Few items are mapped by this process alone. The results are the same in each
case. `multiprocessing` is imported only where processes are spawned: a build after an edit needs none.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal, TypeVar

from sitrep.parallel.fork import POSSIBLE, Range, run_range, together

A = TypeVar("A")
B = TypeVar("B")
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]

FEW, MANY = 200, 1000
"""Numbers of items from which a second process pays: one that is forked, and one that is spawned."""

FRESH = 150
"""Ranges for each process after which fresh ones are forked: pages of memory that a fork touches are copied."""

Start = Literal["fork", "spawn"]
START: Start = "fork" if POSSIBLE else "spawn"

_work: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def each(jobs: int, start: Start = START) -> Each:
    """The map for this many processes."""
    if jobs < 2:
        return _serial
    return partial(_forked if start == "fork" else _spawned, jobs)


def available() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def trim() -> None:
    """Return free memory to the system where the C library can (glibc: `malloc_trim(3)`)."""
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

    packed = pickle.dumps((function, items), pickle.HIGHEST_PROTOCOL)  # once, instead of once for each process
    with get_context("spawn").Pool(jobs, _begin, (packed,)) as pool:
        for results in pool.imap(_begun, _ranges(len(items), jobs)):
            yield from results


def _begin(packed: bytes) -> None:
    """Initialise a spawned process. The work is not sent through a file, since it contains withheld texts."""
    global _work
    gc.disable()
    _work = pickle.loads(packed)


def _begun(bounds: Range) -> list[Any]:
    from multiprocessing import parent_process

    assert _work is not None
    parent = parent_process()
    return run_range(*_work, bounds, parent.pid or 0 if parent else 0)


def _ranges(count: int, jobs: int) -> list[Range]:
    size = max(1, min(40, count // (jobs * 16)))
    return [(start, min(start + size, count)) for start in range(0, count, size)]
