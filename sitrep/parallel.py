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
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult

A = TypeVar("A")
B = TypeVar("B")
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]

FEW, MANY = 200, 1000
"""Items below which a second process costs more than it saves: one that is forked, and one that is started anew."""

FRESH = 30
"""Stretches of work for each process after which fresh ones are forked: the others have copies of what they saw."""

AHEAD = 2
"""Stretches of work that are begun or lie ready for each other process before this one does the next."""

Start = Literal["fork", "spawn"]
START: Start = "fork" if sys.platform == "linux" else "spawn"

_helps = 0
"""The process that this one works for, if it does: without it there is nothing to do."""
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
    global _work
    if len(items) < FEW:
        yield from map(function, items)
        return
    from multiprocessing import get_context

    _work = (function, items)
    ranges = _ranges(len(items), jobs)
    # Nothing is forked while this process works: it might hold a lock, and the other would wait for it for ever.
    for first in range(0, len(ranges), FRESH * jobs):
        with get_context("fork").Pool(jobs - 1, _join) as pool:
            made: deque[AsyncResult[list[Any]] | list[Any]] = deque()
            for bounds in ranges[first : first + FRESH * jobs]:
                ahead = sum(not isinstance(result, list) and not result.ready() for result in made)
                others = ahead < AHEAD * (jobs - 1)
                made.append(pool.apply_async(_stretch, (bounds,)) if others else _stretch(bounds))
                while made and (isinstance(made[0], list) or made[0].ready()):
                    yield from _got(made.popleft())
            for result in made:
                yield from _got(result)
            pool.close()
            pool.join()
    _work = None


def _got(result: AsyncResult[list[Any]] | list[Any]) -> list[Any]:
    return result if isinstance(result, list) else result.get()


def _spawned(jobs: int, function: Callable[[A], B], items: Sequence[A]) -> Iterable[B]:
    if len(items) < MANY:
        yield from map(function, items)
        return
    from multiprocessing import get_context

    packed = pickle.dumps((function, items), pickle.HIGHEST_PROTOCOL)  # once, and not by the pool for each process
    with get_context("spawn").Pool(jobs, _begin, (packed,)) as pool:
        for results in pool.imap(_stretch, _ranges(len(items), jobs)):
            yield from results


def _begin(packed: bytes) -> None:
    """What a process does that was started anew. It is not sent by a file: texts that are withheld are in it."""
    global _work
    gc.disable()
    _join()
    _work = pickle.loads(packed)


def _join() -> None:
    """What a process does that works for another."""
    from multiprocessing import parent_process

    global _helps
    parent = parent_process()
    _helps = (parent.pid or 0) if parent else 0


def _ranges(count: int, jobs: int) -> list[tuple[int, int]]:
    size = max(1, min(100, count // (jobs * 16)))
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def _stretch(bounds: tuple[int, int]) -> list[Any]:
    assert _work is not None
    function, items = _work
    done = []
    for item in items[bounds[0] : bounds[1]]:
        if _helps and os.getppid() != _helps:
            os._exit(1)  # the build was killed: what it began must not go on beside the next one
        done.append(function(item))
    return done
