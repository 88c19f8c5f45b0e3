"""The `each` of a build: a function over items, in order, by this process or by several.

Processes are forked where the system forks safely, so that they inherit the corpus instead of being sent it; elsewhere,
and for few items, this process does the work. What comes back is the same, in the same order.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]

FEW = 200
"""Items below which a second process costs more than it saves."""

FRESH = 14
"""Stretches of work after which a process gives way to a fresh one, and with it its own copies of what it looked at."""

_work: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def each(jobs: int) -> Each:
    """The map for this many processes."""
    return _serial if jobs < 2 or sys.platform != "linux" else lambda function, items: _forked(function, items, jobs)


def available() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _serial(function: Callable[[A], B], items: Sequence[A]) -> Iterable[B]:
    return map(function, items)


def _forked(function: Callable[[A], B], items: Sequence[A], jobs: int) -> Iterable[B]:
    global _work
    if len(items) < FEW:
        yield from map(function, items)
        return
    _work = (function, items)
    size = max(1, min(250, len(items) // (jobs * 4)))
    ranges = [(start, min(start + size, len(items))) for start in range(0, len(items), size)]
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=FRESH) as pool:
        for results in pool.imap(_stretch, ranges):
            yield from results
    _work = None


def _stretch(bounds: tuple[int, int]) -> list[Any]:
    assert _work is not None
    function, items = _work
    parent = multiprocessing.parent_process()
    done = []
    for item in items[bounds[0] : bounds[1]]:
        if parent and os.getppid() != parent.pid:
            os._exit(1)  # the build was killed: what it began must not go on beside the next one
        done.append(function(item))
    return done
