"""A layered layout of a directed graph, from left to right, with few crossings and no overlaps.

After Sugiyama, Tagawa and Toda (1981): ranks by the longest path, long edges through waypoints, order by medians,
heights by least squares. Ties are broken by the order of the input, so that equal input gives equal layouts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import msgspec

SWEEPS = 8
WAYPOINT = 5.0
"""Half the height of an edge that passes through a column."""

Edge = tuple[int, int]
Columns = list[list[int]]


class Box(msgspec.Struct, frozen=True):
    """The extent of a node above and below its line. Nodes of one column with the same `block` stay together."""

    up: float
    down: float
    block: int | None = None


class Layout(msgspec.Struct, frozen=True):
    """The rank (column, from 0) and y of nodes, then of waypoints. `routes`: the nodes and waypoints of each edge.

    `reversed`: edges that close a cycle, which are laid out in the other direction.
    """

    rank: tuple[int, ...]
    y: tuple[float, ...]
    routes: Mapping[Edge, tuple[int, ...]]
    reversed: frozenset[Edge]


def layout(boxes: Sequence[Box], edges: Sequence[Edge], first: Sequence[int] = (), gap: float = 8) -> Layout:
    """Lay out nodes 0, 1, … of these sizes. If there are nodes in `first`, they alone have rank 0."""
    reversed_edges = _back_edges(len(boxes), edges)
    forward = list(dict.fromkeys((v, u) if (u, v) in reversed_edges else (u, v) for u, v in edges if u != v))
    rank = _ranks(len(boxes), forward, frozenset(first))
    places = list(boxes)
    steps: list[Edge] = []
    routes: dict[Edge, tuple[int, ...]] = {}
    for u, v in forward:
        route = [u]
        for between in range(rank[u] + 1, rank[v]):
            route.append(len(places))
            places.append(boxes[u] if u in first else Box(WAYPOINT, WAYPOINT))
            rank.append(between)
        route.append(v)
        routes[u, v] = tuple(route)
        steps += pairwise(route)
    columns: Columns = [[] for _ in range(max(rank, default=-1) + 1)]
    for n, r in enumerate(rank):
        columns[r].append(n)
    near = _Neighbours(len(places), steps)
    columns = _order_columns([list(chain.from_iterable(_blocks(column, places))) for column in columns], near, places)
    if first:
        members = {node: n for n, node in enumerate(columns[1])}
        columns[0].sort(key=lambda node: min((members[other] for other in near.after[node]), default=0))
    y = _heights(columns, near, places, len(boxes), gap)
    return Layout(tuple(rank), tuple(y), routes, reversed_edges)


class _Neighbours:
    """The neighbours of each place, before and after it."""

    def __init__(self, count: int, steps: Sequence[Edge]) -> None:
        self.before: list[list[int]] = [[] for _ in range(count)]
        self.after: list[list[int]] = [[] for _ in range(count)]
        for u, v in steps:
            self.after[u].append(v)
            self.before[v].append(u)


def _back_edges(count: int, edges: Sequence[Edge]) -> frozenset[Edge]:
    """Edges that close a cycle in a depth-first search in the order of the nodes."""
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
    """The length of the longest path to each node; nodes without successors are in the last column."""
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
    rolled_up = {v for u, v in edges if u in first}
    relayed = {v for u, v in edges if u not in first}
    return [
        last if entered[n] and not after[n] and not (n in rolled_up and n not in relayed) else rank[n]
        for n in range(count)
    ]


# -- order in the columns ---------------------------------------------------------------------------------------------


def _order_columns(columns: Columns, near: _Neighbours, places: Sequence[Box]) -> Columns:
    best, fewest = columns, _crossings(columns, near)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        columns = _sweep(columns, near, places, forward=sweep % 2 == 1, ties=sweep < SWEEPS // 2)
        crossings = _crossings(columns, near)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _sweep(columns: Columns, near: _Neighbours, places: Sequence[Box], forward: bool, ties: bool) -> Columns:
    """Each column sorted by the medians of its neighbours on one side; blocks stay together.

    With `ties`, nodes with equal medians count as level for the next column; otherwise by their new positions.
    """
    columns = [list(column) for column in columns]
    side = near.before if forward else near.after
    order = list(range(len(columns))) if forward else list(range(len(columns) - 1, -1, -1))
    at: dict[int, float] = {node: place for place, node in enumerate(columns[order[0]])}
    for n in order[1:]:
        here = {node: place for place, node in enumerate(columns[n])}
        scale = (max(at.values()) + 1) / len(here)
        middle = {
            node: _median([at[other] for other in side[node]]) if side[node] else place * scale
            for node, place in here.items()
        }
        rank: dict[int, tuple[float, int, float, int]] = {}
        for block in _blocks(columns[n], places):
            mean = sum(middle[node] for node in block) / len(block)
            rank |= {node: (mean, here[block[0]], middle[node], here[node]) for node in block}
        columns[n].sort(key=rank.__getitem__)
        at = middle if ties else {node: place for place, node in enumerate(columns[n])}
    return columns


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


def _crossings(columns: Columns, near: _Neighbours) -> int:
    total = 0
    for left, right in pairwise(columns):
        place = {node: n for n, node in enumerate(right)}
        ends: list[int] = []
        for node in left:
            own = sorted(place[other] for other in near.after[node])
            total += sum(len(ends) - bisect_right(ends, other) for other in own)
            ends = sorted(ends + own)
    return total


# -- heights ----------------------------------------------------------------------------------------------------------


def _heights(columns: Columns, near: _Neighbours, places: Sequence[Box], real: int, gap: float) -> list[float]:
    """The y of each place: as close as possible to the mean of its neighbours, in order and without overlaps."""
    y = [0.0] * len(places)
    for column in columns:
        below = 0.0
        for node in column:
            y[node] = below + places[node].up
            below = y[node] + places[node].down + gap
    sides = list(zip(near.before, near.after, strict=True))
    before, after = _weights(near.before, real), _weights(near.after, real)
    both = _weights([left + right for left, right in sides], real)
    level = _weights(  # long edges become level where possible
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
            for node, place in zip(column, separate(wanted, boxes, gap), strict=True):
                y[node] = place
    return _compact(y, places, gap)


def _weights(near: Sequence[Sequence[int]], real: int) -> list[tuple[list[tuple[int, float]], float]]:
    """The neighbours of each place with their weights, and the sum of the weights; long edges weigh more."""
    weights = []
    for node, others in enumerate(near):
        pulls = [(other, 3.0 if node >= real or other >= real else 1.0) for other in others]
        weights.append((pulls, sum(weight for _, weight in pulls)))
    return weights


def _compact(y: Sequence[float], places: Sequence[Box], gap: float) -> list[float]:
    """The same heights without the empty bands between unconnected parts of the graph."""
    compacted = list(y)
    order = sorted(range(len(y)), key=lambda n: (y[n] - places[n].up, n))
    shift = min((y[n] - places[n].up for n in order), default=0.0)
    below = shift
    for n in order:
        shift += max(0.0, y[n] - places[n].up - below - gap)
        compacted[n] = round(2 * (y[n] - shift)) / 2
        below = max(below, y[n] + places[n].down)
    return compacted


def separate(wanted: Sequence[tuple[float, float]], boxes: Sequence[Box], gap: float) -> list[float]:
    """The positions closest to the wanted ones (each with its weight) that keep boxes in order and `gap` apart.

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
