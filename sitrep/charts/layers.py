"""A layered layout: what leads to what, from left to right, with few crossings and nothing on top of anything.

After Sugiyama, Tagawa and Toda (1981): ranks by the longest way, long edges by way of empty places, order by medians,
heights by least squares. Every choice falls back on the order of the input, so that equal input gives equal drawings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import msgspec

SWEEPS = 8
EMPTY_PLACE = 5.0
"""Half the height that an edge takes where it passes through a column."""

Edge = tuple[int, int]
Columns = list[list[int]]


class Box(msgspec.Struct, frozen=True):
    """What a node takes above and below its line. Nodes of one column with one `block` stay together."""

    up: float
    down: float
    block: int | None = None


class Layout(msgspec.Struct, frozen=True):
    """Where nodes are: rank (column, from 0) and y. `routes`: the nodes and empty places that an edge runs through.

    `turned`: edges that lead back, which are laid out the other way round.
    """

    rank: tuple[int, ...]
    y: tuple[float, ...]
    routes: Mapping[Edge, tuple[int, ...]]
    turned: frozenset[Edge]


def layout(boxes: Sequence[Box], edges: Sequence[Edge], first: Sequence[int] = (), gap: float = 8) -> Layout:
    """Lay out nodes 0, 1, … of these sizes. Nodes in `first` alone take rank 0; the others begin at 1 then."""
    turned = _back(len(boxes), edges)
    forward = list(dict.fromkeys((v, u) if (u, v) in turned else (u, v) for u, v in edges if u != v))
    rank = _ranks(len(boxes), forward, frozenset(first))
    places = list(boxes)
    steps: list[Edge] = []
    routes: dict[Edge, tuple[int, ...]] = {}
    for u, v in forward:
        way = [u]
        for between in range(rank[u] + 1, rank[v]):
            way.append(len(places))
            lifting = u in first
            places.append(boxes[u] if lifting else Box(EMPTY_PLACE, EMPTY_PLACE))
            rank.append(between)
        way.append(v)
        routes[u, v] = tuple(way)
        steps += pairwise(way)
    columns: Columns = [[] for _ in range(max(rank, default=-1) + 1)]
    for n, r in enumerate(rank):
        columns[r].append(n)
    near = _Near(len(places), steps)
    columns = _ordered([list(chain.from_iterable(_blocks(column, places))) for column in columns], near, places)
    if first:
        members = {node: n for n, node in enumerate(columns[1])}
        columns[0].sort(key=lambda node: min((members[other] for other in near.after[node]), default=0))
    y = _heights(columns, near, places, len(boxes), gap)
    return Layout(tuple(rank), tuple(y), routes, turned)


class _Near:
    """The neighbours of each place, before and after it."""

    def __init__(self, count: int, steps: Sequence[Edge]) -> None:
        self.before: list[list[int]] = [[] for _ in range(count)]
        self.after: list[list[int]] = [[] for _ in range(count)]
        for u, v in steps:
            self.after[u].append(v)
            self.before[v].append(u)


def _back(count: int, edges: Sequence[Edge]) -> frozenset[Edge]:
    """Edges that close a circle when nodes are walked in their order."""
    after: list[list[int]] = [[] for _ in range(count)]
    entered = [False] * count
    for u, v in edges:
        after[u].append(v)
        entered[v] = True
    state = [0] * count
    back: set[Edge] = set()
    for start in sorted(range(count), key=lambda n: (entered[n], n)):
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(after[start]))]
        while stack:
            node, rest = stack[-1]
            for other in rest:
                if state[other] == 1:
                    back.add((node, other))
                elif not state[other]:
                    state[other] = 1
                    stack.append((other, iter(after[other])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return frozenset(back)


def _ranks(count: int, edges: Sequence[Edge], first: frozenset[int]) -> list[int]:
    """The longest way to each node; what leads no further stands in the last column."""
    rank = [0 if n in first or not first else 1 for n in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for u, v in edges:
        after[u].append(v)
        waiting[v] += 1
    entered = [bool(n) for n in waiting]
    ready = [n for n in range(count) if not waiting[n]]
    for node in ready:
        for other in after[node]:
            rank[other] = max(rank[other], rank[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    last = max(rank, default=0)
    lifted = {v for u, v in edges if u in first}
    relayed = {v for u, v in edges if u not in first}
    return [
        last if entered[n] and not after[n] and not (n in lifted and n not in relayed) else rank[n]
        for n in range(count)
    ]


# -- order in the columns ---------------------------------------------------------------------------------------------


def _ordered(columns: Columns, near: _Near, places: Sequence[Box]) -> Columns:
    best, fewest = columns, _crossings(columns, near)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        columns = _swept(columns, near, places, forward=sweep % 2 == 1, ties=sweep < SWEEPS // 2)
        crossings = _crossings(columns, near)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _swept(columns: Columns, near: _Near, places: Sequence[Box], forward: bool, ties: bool) -> Columns:
    """Each column in the order of the medians of its neighbours on one side; blocks stay together.

    With `ties`, what stood level in one column stands level for the next, whatever place it was given.
    """
    made = [list(column) for column in columns]
    side = near.before if forward else near.after
    order = list(range(len(made))) if forward else list(range(len(made) - 1, -1, -1))
    at: dict[int, float] = {node: place for place, node in enumerate(made[order[0]])}
    for n in order[1:]:
        here = {node: place for place, node in enumerate(made[n])}
        scale = (max(at.values()) + 1) / len(here)
        middle = {
            node: _median([at[other] for other in side[node]]) if side[node] else place * scale
            for node, place in here.items()
        }
        rank: dict[int, tuple[float, int, float, int]] = {}
        for block in _blocks(made[n], places):
            mean = sum(middle[node] for node in block) / len(block)
            rank |= {node: (mean, here[block[0]], middle[node], here[node]) for node in block}
        made[n].sort(key=rank.__getitem__)
        at = middle if ties else {node: place for place, node in enumerate(made[n])}
    return made


def _blocks(column: Sequence[int], places: Sequence[Box]) -> list[list[int]]:
    blocks: dict[tuple[int, int], list[int]] = {}
    for node in column:
        block = places[node].block
        blocks.setdefault((0, block) if block is not None else (1, node), []).append(node)
    return list(blocks.values())


def _median(values: list[float]) -> float:
    values.sort()
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _crossings(columns: Columns, near: _Near) -> int:
    total = 0
    for left, right in pairwise(columns):
        place = {node: n for n, node in enumerate(right)}
        ends: list[int] = []
        for node in left:
            mine = sorted(place[other] for other in near.after[node])
            total += sum(len(ends) - bisect_right(ends, other) for other in mine)
            ends = sorted(ends + mine)
    return total


# -- heights ----------------------------------------------------------------------------------------------------------


def _heights(columns: Columns, near: _Near, places: Sequence[Box], real: int, gap: float) -> list[float]:
    """Everything as near as can be to the middle of its neighbours, in order and apart."""
    y = [0.0] * len(places)
    for column in columns:
        below = 0.0
        for node in column:
            y[node] = below + places[node].up
            below = y[node] + places[node].down + gap
    sides = list(zip(near.before, near.after, strict=True))
    before, after = _pulls(near.before, real), _pulls(near.after, real)
    both = _pulls([left + right for left, right in sides], real)
    level = _pulls(  # long lines become level where they can
        [left if left and (n >= real or not right) else left + right for n, (left, right) in enumerate(sides)], real
    )
    stacks = [(column, [places[node] for node in column]) for column in columns]
    for sweep in range(2 * SWEEPS + 1):
        near_end = both if sweep < 2 * SWEEPS else level
        pulls = near_end if sweep >= 2 * SWEEPS - 4 else after if sweep % 2 else before
        for column, boxes in stacks if sweep % 2 == 0 else reversed(stacks):
            wanted = []
            for node in column:
                others, total = pulls[node]
                pulled = 0.0
                for other, weight in others:
                    pulled += y[other] * weight
                wanted.append((pulled / total, total) if others else (y[node], 0.25))
            for node, place in zip(column, apart(wanted, boxes, gap), strict=True):
                y[node] = place
    return _closed(y, places, gap)


def _pulls(near: Sequence[Sequence[int]], real: int) -> list[tuple[list[tuple[int, float]], float]]:
    """For each place its neighbours with their weights, and the sum of these; long lines weigh more."""
    found = []
    for node, others in enumerate(near):
        pulls = [(other, 3.0 if node >= real or other >= real else 1.0) for other in others]
        found.append((pulls, sum(weight for _, weight in pulls)))
    return found


def _closed(y: Sequence[float], places: Sequence[Box], gap: float) -> list[float]:
    """The same without bands in which nothing stands, as are left between things that are not connected."""
    made = list(y)
    order = sorted(range(len(y)), key=lambda n: (y[n] - places[n].up, n))
    shift = min((y[n] - places[n].up for n in order), default=0.0)
    below = shift
    for n in order:
        shift += max(0.0, y[n] - places[n].up - below - gap)
        made[n] = round(2 * (y[n] - shift)) / 2
        below = max(below, y[n] + places[n].down)
    return made


def apart(wanted: Sequence[tuple[float, float]], boxes: Sequence[Box], gap: float) -> list[float]:
    """The places nearest to those wanted, each with its weight, that keep boxes in order and apart.

    Least squares, by pooling adjacent violators.
    """
    offsets = [0.0] * len(boxes)
    for n, (above, below) in enumerate(pairwise(boxes), 1):
        offsets[n] = offsets[n - 1] + above.down + gap + below.up
    pools: list[tuple[float, float, int]] = []
    for (place, weight), by in zip(wanted, offsets, strict=True):
        pool = (place - by, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            before = pools.pop()
            both = before[1] + pool[1]
            pool = ((before[0] * before[1] + pool[0] * pool[1]) / both, both, before[2] + pool[2])
        pools.append(pool)
    flat = [mean for mean, _, size in pools for _ in range(size)]
    return [place + by for place, by in zip(flat, offsets, strict=True)]
