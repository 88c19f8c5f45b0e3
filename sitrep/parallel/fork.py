"""A work-stealing pool of forked processes: each takes the next range of items that nobody has taken.

The pool of the standard library hands work out from threads of this process, which compete with its own share of the
work. Without them a build takes 0.81 to 0.97 of the time (`python -m benchmarks` before and after, in turns). Here a
memory file holds the next range; each process writes its results to a memory file of its own, since they may contain
withheld texts, which must not reach a disk; and a pipe announces them.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from struct import Struct
from typing import Any, NamedTuple, TypeVar

from sitrep.problems import Unusable

A = TypeVar("A")
B = TypeVar("B")
Range = tuple[int, int]
"""Start and end of a run of items."""

POSSIBLE = sys.platform == "linux" and hasattr(os, "memfd_create")
"""Whether forking is safe on this system."""
_TURN = Struct("<I")
"""The number of a range."""
_DONE = Struct("<IIQQ")
"""The number of a process and of a range that it has done, and the offset and length of the results in its file."""


class _Helper(NamedTuple):
    process: int
    results: int
    """The descriptor of its memory file."""


def run_range(function: Callable[[A], B], items: Sequence[A], bounds: Range, parent: int = 0) -> list[B]:
    """The results of one range. A worker process ends when its `parent` is gone."""
    results = []
    for item in items[bounds[0] : bounds[1]]:
        if parent and os.getppid() != parent:
            os._exit(1)  # the build was killed: its workers must not run beside the next one
        results.append(function(item))
    return results


def together(function: Callable[[A], B], items: Sequence[A], ranges: Sequence[Range], others: int) -> Iterator[B]:
    """The results of all ranges in order, by this process and `others` more.

    An exception of a worker is raised here. Raises Unusable when a worker is killed from outside.
    """
    turns = os.memfd_create("turns")  # all processes share its read position
    os.write(turns, b"".join(map(_TURN.pack, range(len(ranges)))))
    os.lseek(turns, 0, os.SEEK_SET)
    receiver, sender = os.pipe()
    os.set_blocking(receiver, False)
    helpers: list[_Helper] = []
    done: dict[int, list[B]] = {}
    at = 0
    try:
        # Fork before this process works: a lock that it holds would never be released in the fork.
        with suppress(OSError):  # where no more processes are allowed, those that run share the work
            for number in range(others):
                helpers.append(_forked(number, function, items, ranges, turns, sender))
        os.close(sender)
        while at < len(ranges):
            if turn := os.read(turns, _TURN.size):
                n = _TURN.unpack(turn)[0]
                done[n] = run_range(function, items, ranges[n])
                done |= _received(receiver, helpers)
            else:  # all ranges are taken: wait for the other processes
                os.set_blocking(receiver, True)
                received = _received(receiver, helpers)
                if not received:
                    raise Unusable("a process that did part of the work was ended from outside: nothing was done")
                done |= received
            while at in done:
                yield from done.pop(at)
                at += 1
    finally:
        for descriptor in (turns, receiver):
            os.close(descriptor)
        for helper in helpers:
            if at < len(ranges):
                os.kill(helper.process, signal.SIGKILL)
            os.waitpid(helper.process, 0)
            os.close(helper.results)


def _forked(
    number: int,
    function: Callable[[A], B],
    items: Sequence[A],
    ranges: Sequence[Range],
    turns: int,
    sender: int,
) -> _Helper:
    """Fork a worker, which exits when no range is left."""
    results = os.memfd_create("results")
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError:
        os.close(results)
        raise
    if process:
        return _Helper(process, results)
    start, code = 0, 1
    try:
        while turn := os.read(turns, _TURN.size):
            n = _TURN.unpack(turn)[0]
            data = _packed(function, items, ranges[n], parent)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(results, rest) :]
            os.write(sender, _DONE.pack(number, n, start, len(data)))
            start += len(data)
        code = 0
    finally:
        os._exit(code)


class _Raised(NamedTuple):
    error: Exception


def _packed(function: Callable[[A], B], items: Sequence[A], bounds: Range, parent: int) -> bytes:
    """The results of a range, or the exception it raised, for the parent."""
    try:
        return pickle.dumps(run_range(function, items, bounds, parent), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        with suppress(Exception):
            data = pickle.dumps(_Raised(error))
            pickle.loads(data)  # not every exception can be unpickled
            return data
        return pickle.dumps(_Raised(RuntimeError(f"{type(error).__name__}: {error}")))


def _received(receiver: int, helpers: Sequence[_Helper]) -> dict[int, list[Any]]:
    """Results that are ready, by the number of their range. Raises the exception of a worker."""
    received: dict[int, list[Any]] = {}
    with suppress(BlockingIOError):
        for number, n, start, length in _DONE.iter_unpack(os.read(receiver, _DONE.size * 1000)):
            results = pickle.loads(os.pread(helpers[number].results, length, start))
            if isinstance(results, _Raised):
                raise results.error
            received[n] = results
    return received
