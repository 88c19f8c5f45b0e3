"""Work shared with processes that are forked for it: each takes the next stretch that nobody has taken.

The library's pool has threads that hand work out and take results in, and these share the interpreter with the work
that this process does beside: a tenth of a build went to that. Here a file in memory holds the turns, each process
leaves its results in another (they may be of texts that are withheld, and reach no disk), and a pipe tells where.
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
"""A stretch of the items: where it starts and ends."""

POSSIBLE = sys.platform == "linux" and hasattr(os, "memfd_create")
"""Whether processes can be forked here and go on safely."""
_TURN = Struct("<I")
"""Which stretch is the next one."""
_TOLD = Struct("<IIQQ")
"""Which process has done which stretch, from where on in its file its results lie, and for how many bytes."""


class _Helper(NamedTuple):
    process: int
    results: int
    """Its file."""


def stretch(function: Callable[[A], B], items: Sequence[A], bounds: Range, parent: int = 0) -> list[B]:
    """The results of one stretch; in a process that works for another (`parent`), as long as that one lives."""
    done = []
    for item in items[bounds[0] : bounds[1]]:
        if parent and os.getppid() != parent:
            os._exit(1)  # the build was killed: what it began must not go on beside the next one
        done.append(function(item))
    return done


def together(function: Callable[[A], B], items: Sequence[A], ranges: Sequence[Range], others: int) -> Iterator[B]:
    """The results of these stretches in order, of this process and so many others.

    What one of them raises is raised here. Raises Unusable where one is ended from outside.
    """
    turns = os.memfd_create("turns")  # whoever reads a turn moves the place from which all read
    os.write(turns, b"".join(map(_TURN.pack, range(len(ranges)))))
    os.lseek(turns, 0, os.SEEK_SET)
    told, tell = os.pipe()
    os.set_blocking(told, False)
    helpers: list[_Helper] = []
    done: dict[int, list[B]] = {}
    at = 0
    try:
        # All are forked before this process works: it might hold a lock, and the other would wait for it for ever.
        with suppress(OSError):  # no more processes may be had: those that there are do the work
            for number in range(others):
                helpers.append(_forked(number, function, items, ranges, turns, tell))
        os.close(tell)
        while at < len(ranges):
            if turn := os.read(turns, _TURN.size):
                n = _TURN.unpack(turn)[0]
                done[n] = stretch(function, items, ranges[n])
                done |= _received(told, helpers)
            else:  # all is taken: what others are doing is waited for
                os.set_blocking(told, True)
                made = _received(told, helpers)
                if not made:
                    raise Unusable("a process that did part of the work was ended from outside: nothing was done")
                done |= made
            while at in done:
                yield from done.pop(at)
                at += 1
    finally:
        for descriptor in (turns, told):
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
    tell: int,
) -> _Helper:
    """A process that does what is left to do, and leaves."""
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
            left = memoryview(data)
            while left:
                left = left[os.write(results, left) :]
            os.write(tell, _TOLD.pack(number, n, start, len(data)))
            start += len(data)
        code = 0
    finally:
        os._exit(code)


class _Raised(NamedTuple):
    error: Exception


def _packed(function: Callable[[A], B], items: Sequence[A], bounds: Range, parent: int) -> bytes:
    """The results of a stretch, or what was raised, for the process that this one works for."""
    try:
        return pickle.dumps(stretch(function, items, bounds, parent), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        with suppress(Exception):
            data = pickle.dumps(_Raised(error))
            pickle.loads(data)  # not all can be made again of what they say they are
            return data
        return pickle.dumps(_Raised(RuntimeError(f"{type(error).__name__}: {error}")))


def _received(told: int, helpers: Sequence[_Helper]) -> dict[int, list[Any]]:
    """Results that lie ready, by the number of their stretch. Raises what a process has raised."""
    made: dict[int, list[Any]] = {}
    with suppress(BlockingIOError):
        for number, n, start, length in _TOLD.iter_unpack(os.read(told, _TOLD.size * 1000)):
            found = pickle.loads(os.pread(helpers[number].results, length, start))
            if isinstance(found, _Raised):
                raise found.error
            made[n] = found
    return made
