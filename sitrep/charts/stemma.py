"""The diagram of attribution chains: names in columns and curves between them, styled by stance."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from math import ceil, inf, log2
from typing import NamedTuple

import msgspec
from markupsafe import Markup

from sitrep.charts.layers import Box, Edge, Layout, layout, separate
from sitrep.charts.lettering import SIGNS, clean, link_group, number, stance_class, tag, width, wrap
from sitrep.i18n.words import Words
from sitrep.model.records import STANCES

WIDEST = 130.0
"""Maximum width of a line of a name, in units of 1/16 rem: about 20 characters."""
SIZE, LEADING, SMALL, SMALL_LEADING = 13.0, 15.5, 11.5, 13.0
HEAD, MARGIN = 26.0, 4.0
THIN = 1.25
"""The stroke width of a line that stands for one statement."""


class StemmaNode(msgspec.Struct):
    """A step of a chain, or an origin (`kind` group) beside the speakers that roll up to it."""

    text: str
    href: str
    kind: str
    interested: bool = False
    known: bool = True
    note: str = ""
    group: int | None = None
    publishes: int = 0
    spoke: int = 0
    stances: set[str] = msgspec.field(default_factory=set)
    """The stances it takes as a speaker."""


class Line(NamedTuple):
    """The statements of one stance that run from one node to another."""

    edge: Edge
    stance: str


class Graph(msgspec.Struct):
    """Nodes; edges from a group to its members (`roll_ups`); lines with the number of their statements."""

    nodes: list[StemmaNode]
    roll_ups: dict[Edge, None]
    lines: dict[Line, int]

    @property
    def groups(self) -> list[int]:
        return [n for n, node in enumerate(self.nodes) if node.kind == "group"]


class _NodeText(NamedTuple):
    """The text of a node: the lines of its name, notes with their CSS class, and its extent around its baseline."""

    name: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    across: float
    up: float
    down: float


def _node_text(node: StemmaNode, say: Words) -> _NodeText:
    bold = node.kind == "group"
    text = say("list.unnamed", words=node.text) if node.kind == "unnamed" else node.text
    name = wrap(text, WIDEST, SIZE, bold)
    notes: list[tuple[str, str]] = [
        (f"{SIGNS[stance]} {say.term('stance', stance)}", stance) for stance in STANCES[1:] if stance in node.stances
    ]
    notes += [(f"‡ {say('chains.interested')}", "")] if node.interested else []
    notes += [(line, "") for line in wrap(node.note, WIDEST, SMALL)] if node.note else []
    across = max(*(width(line, SIZE, bold) for line in name), *(width(note, SMALL) for note, _ in notes), 40)
    if bold:
        half = (LEADING * len(name) + SMALL_LEADING * len(notes)) / 2
        return _NodeText(name, tuple(notes), across, half, half)
    return _NodeText(name, tuple(notes), across, 5 + LEADING * len(name), 6 + SMALL_LEADING * len(notes))


def _boxes(graph: Graph, texts: Sequence[_NodeText]) -> list[Box]:
    """The extent of each node; members of a group leave room for its label, which is beside them."""
    members: dict[int, list[int]] = {}
    for group, member in graph.roll_ups:
        members.setdefault(group, []).append(member)
    boxes = [Box(text.up, text.down, node.group) for text, node in zip(texts, graph.nodes, strict=True)]
    for group, rolled_up in members.items():
        half = texts[group].up - (0 if len(rolled_up) == 1 else LEADING)
        for n in rolled_up:
            boxes[n] = Box(max(boxes[n].up, half), max(boxes[n].down, half), boxes[n].block)
    return boxes


class _Placed(msgspec.Struct):
    """A graph with positions: the left and right of each column, the y of each node and waypoint."""

    graph: Graph
    texts: list[_NodeText]
    layout: Layout
    y: list[float]
    left: list[float]
    right: list[float]
    bottom: float

    def column(self, n: int) -> tuple[float, float]:
        rank = self.layout.rank[n]
        return self.left[rank], self.right[rank]


def _place(graph: Graph, say: Words) -> _Placed:
    texts = [_node_text(node, say) for node in graph.nodes]
    edges = [*graph.roll_ups, *dict.fromkeys(line.edge for line in graph.lines)]
    plan = layout(_boxes(graph, texts), edges, graph.groups)
    y = _place_labels(graph, texts, plan, [HEAD + place for place in plan.y])
    across: list[float] = [0.0] * (max(plan.rank) + 1)
    for n, text in enumerate(texts):
        across[plan.rank[n]] = max(across[plan.rank[n]], text.across)
    for rank, head in _column_heads(len(across), bool(graph.groups), say).items():
        across[rank] = max(across[rank], width(head, SMALL))
    across = [ceil(wide) for wide in across]  # whole units are shorter to write, and every line and name repeats them
    gaps = [ceil(wide) for wide in _gaps(graph, plan, y, len(across))]
    left = [MARGIN + sum(across[:rank]) + sum(gaps[:rank]) for rank in range(len(across))]
    bottom = max([y[n] + text.down for n, text in enumerate(texts)] + [place + 6 for place in y])
    return _Placed(graph, texts, plan, y, left, [x + w for x, w in zip(left, across, strict=True)], bottom)


def _place_labels(graph: Graph, texts: Sequence[_NodeText], plan: Layout, y: Sequence[float]) -> list[float]:
    """Move each group's label beside the middle of its members; shift all down if a label needs room at the top."""
    beside = {n: [y[route[1]] for edge, route in plan.routes.items() if edge[0] == n] for n in graph.groups}
    order = sorted(beside, key=lambda n: plan.y[n])
    wanted = [((min(beside[n]) + max(beside[n])) / 2, 1.0) for n in order]
    boxes = [Box(texts[n].up, texts[n].down) for n in order]
    labels = dict(zip(order, separate(wanted, boxes, 4), strict=True))
    lower = max([0.0, *(HEAD - labels[n] + texts[n].up for n in order[:1])])
    return [round(2 * (labels.get(n, place) + lower)) / 2 for n, place in enumerate(y)]


def _gaps(graph: Graph, plan: Layout, y: Sequence[float], ranks: int) -> list[float]:
    """The gap after each column: wider for steep lines and for long numbers on a line."""
    gaps = [38.0] * ranks
    for route in plan.routes.values():
        for a, b in pairwise(route):
            rank = plan.rank[a]
            gaps[rank] = max(gaps[rank], min(38 + 0.14 * abs(y[a] - y[b]), 84))
    for line, count in graph.lines.items():
        rank = min(plan.rank[n] for n in line.edge)
        gaps[rank] = max(gaps[rank], width(_times(count), SMALL) + 8)
    if graph.groups:
        gaps[0] = 24.0
    return gaps


def _times(count: int) -> str:
    return f"×{count:,}"


def _route(plan: Layout, edge: Edge) -> tuple[int, ...]:
    """The nodes and waypoints of an edge, from its start."""
    return plan.routes[edge] if edge not in plan.reversed else plan.routes[edge[::-1]][::-1]


def _column_heads(ranks: int, grouped: bool, say: Words) -> dict[int, str]:
    first = 1 if grouped else 0
    heads = {0: say("chains.origin")} if grouped else {}
    if ranks - first == 1:
        return heads | {first: say("chains.both")}
    heads |= {first: say("chains.said"), ranks - 1: say("chains.published")}
    return heads | ({first + 1: say("chains.passed")} if ranks - first > 2 else {})


# -- drawing ----------------------------------------------------------------------------------------------------------


Area = tuple[float, float, float, float]
Point = tuple[float, float]
Cubic = tuple[Point, Point, Point, Point]


class _Curve(NamedTuple):
    """The course of a line: its path, and points on it."""

    d: str
    points: tuple[Point, ...]
    spots: tuple[Point, ...]
    """Positions for a label, the best first."""


def draw(graph: Graph, say: Words, remark: str) -> tuple[Markup, float, float]:
    """The whole diagram, with its width and height. Names come after lines, so that no line covers a name."""
    at = _place(graph, say)
    curves = dict(_curves(at))
    parts = [*_heading(at, say)]
    parts += [_bracket(at, group) for group in graph.groups]
    for kind, run in groupby(curves, key=lambda line: stance_class(line.stance)):
        drawn = [_line(graph, line, curves[line], line.edge in at.layout.reversed, say) for line in run]
        parts.append(tag("g", *drawn, stroke_width=THIN, class_=f"way {kind}"))
    parts += [_name(at, n, say) for n in range(len(graph.nodes))]
    parts += _labels(at, curves)
    across = at.right[-1] + MARGIN + 4
    legend, across, bottom = _legend(graph, at, say, remark, across)
    return Markup().join([*parts, *legend]), across, bottom


def _heading(at: _Placed, say: Words) -> Iterator[Markup]:
    grouped = bool(at.graph.groups)
    for rank, head in sorted(_column_heads(len(at.left), grouped, say).items()):
        x, anchor = (at.right[0], "end") if grouped and rank == 0 else (at.left[rank], None)
        yield tag("text", head, class_="aside", x=x, y=11, text_anchor=anchor)


def _bracket(at: _Placed, group: int) -> Markup:
    """The bracket from a group to its members."""
    x, spine = at.right[0] + 5, at.right[0] + 13
    routes = [route for edge, route in at.layout.routes.items() if edge[0] == group]
    ends = [at.y[route[1]] for route in routes]
    d = f"M{number(x)} {number(at.y[group])}H{number(spine)}"
    reach = [*ends, at.y[group]]
    if max(reach) > min(reach):
        d += f"M{number(spine)} {number(min(reach))}V{number(max(reach))}"
    for route in routes:
        d += f"M{number(spine)} {number(at.y[route[1]])}" + "".join(_route_path(at, route[1:], at.left[1])[0])
    return tag("path", d=d, class_="rule" if at.graph.nodes[group].known else "rule dark")


def _route_path(at: _Placed, route: Sequence[int], x: float, bend: float = 0) -> tuple[list[str], list[Cubic]]:
    """The path commands from x along a route, level across each column, and the curves between columns."""
    real = len(at.graph.nodes)
    back = len(route) > 1 and at.layout.rank[route[0]] > at.layout.rank[route[-1]]
    d = [f"H{number(x)}"] if route[0] >= real or not bend else []
    curves: list[Cubic] = []
    for a, b in pairwise(route):
        x1 = at.column(a)[0 if back else 1]
        x2 = at.column(b)[1 if back else 0]
        y1 = at.y[a] + (bend if a >= real else 0)
        y2 = at.y[b] + (bend if b >= real else 0)
        middle = (x1 + x2) / 2
        lean = bend * 1.4
        curves.append(((x1, y1), (middle, y1 + lean), (middle, y2 + lean), (x2, y2)))
        if y1 == y2 and not lean:
            _run_level(d, x2)
        else:
            d.append("C" + " ".join(f"{number(px)} {number(py)}" for px, py in curves[-1][1:]))
        if b >= real:
            _run_level(d, at.column(b)[0 if back else 1])
    return d, curves


def _run_level(d: list[str], x: float) -> None:
    """Append a horizontal line, merged with one before it."""
    if d and d[-1][0] == "H":
        d.pop()
    d.append(f"H{number(x)}")


def _curves(at: _Placed) -> Iterator[tuple[Line, _Curve]]:
    beside: dict[Edge, list[Line]] = {}
    for line in at.graph.lines:
        u, v = line.edge
        beside.setdefault((min(u, v), max(u, v)), []).append(line)
    for line in at.graph.lines:
        route = _route(at.layout, line.edge)
        same = beside[min(line.edge), max(line.edge)]
        bend = 7.0 * (same.index(line) - (len(same) - 1) / 2)
        back = line.edge in at.layout.reversed
        x = at.column(route[0])[0 if back else 1]
        d, curves = _route_path(at, route, x, bend)
        if d[0] == f"H{number(x)}":
            d = d[1:]
        points = [_point_on(curve, t / 8) for curve in curves for t in range(9)]
        spots = [_point_on(curve, t) for curve in curves for t in (0.5, 0.4, 0.6, 0.3, 0.7)]
        yield line, _Curve(f"M{number(x)} {number(at.y[route[0]])}" + "".join(d), tuple(points), tuple(spots))


def _point_on(curve: Cubic, t: float) -> Point:
    """The point of a cubic Bézier curve at t, from 0 to 1."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    rest = 1 - t
    a, b, c, d = rest**3, 3 * t * rest**2, 3 * t * t * rest, t**3
    return (a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy)


def _line(graph: Graph, line: Line, curve: _Curve, back: bool, say: Words) -> Markup:
    count = graph.lines[line]
    u, v = (graph.nodes[n].text for n in line.edge)
    title = say("chains.line", n=count, start=u, end=v, stance=say.term("stance", clean(line.stance)))
    weight = min(THIN + 0.5 * log2(count), 4) if count > 1 else None
    d = curve.d
    if back:  # an arrow, since the line runs against the reading direction
        x, y = curve.spots[0]
        d += f"M{number(x + 4)} {number(y - 4)}L{number(x - 2)} {number(y)}l6 4"
    return tag("g", tag("title", title), tag("path", d=d, stroke_width=weight))


def _name(at: _Placed, n: int, say: Words) -> Markup:
    """A name above its rule, or a group's label beside its bracket."""
    node, text, y = at.graph.nodes[n], at.texts[n], at.y[n]
    left, right = at.column(n)
    group = node.kind == "group"
    x, anchor = (right, "end") if group else (left, None)
    first = y - text.up + LEADING - 4 if group else y - 5 - LEADING * (len(text.name) - 1)
    letters = [
        tag("tspan", line, x=x, y=first + LEADING * k) if len(text.name) > 1 else Markup("%s") % line
        for k, line in enumerate(text.name)
    ]
    under = first + LEADING * len(text.name) - 2 if group else y + SMALL_LEADING
    dark = not node.known or node.kind in ("unattributed", "unnamed")
    start = (x, first) if len(text.name) == 1 else (None, None)  # several lines have their own positions
    parts = [
        tag("title", _tooltip(node, say)),
        tag("text", *letters, x=start[0], y=start[1], class_=node.kind + " dark" * dark, text_anchor=anchor),
        *(
            tag("text", note, x=x, y=under + SMALL_LEADING * k, class_=f"aside {kind}".strip(), text_anchor=anchor)
            for k, (note, kind) in enumerate(text.notes)
        ),
    ]
    if not group:
        parts.append(tag("path", d=f"M{number(left)} {number(y)}H{number(right)}", class_="rule"))
        if dark:
            parts.append(tag("path", d=_hatch(left, min(left + text.across, right), y), class_="hatch"))
        if node.publishes:
            parts.append(tag("circle", cx=right, cy=y, r=2.75, class_="end"))
    return link_group(node.href, Markup().join(parts))


def _hatch(left: float, right: float, y: float) -> str:
    """Slanted strokes under a rule: the chain is untraced from here on."""
    count = int((right - left - 4) // 5)
    return f"M{number(left)} {number(y + 4)}l4-4" + "m1 4l4-4" * (count - 1) if count > 0 else ""


def _tooltip(node: StemmaNode, say: Words) -> str:
    parts = [node.text]
    parts += [say("chains.interested")] if node.interested else []
    parts += [say("chains.said_n", n=node.spoke)] if node.spoke else []
    parts += [say("chains.published_n", n=node.publishes)] if node.publishes else []
    return " · ".join(parts)


# -- labels on lines --------------------------------------------------------------------------------------------------


def _labels(at: _Placed, curves: dict[Line, _Curve]) -> Iterator[Markup]:
    """The number of statements on each line with more than one, where there is room."""
    taken = [_area(at, n) for n in range(len(at.graph.nodes))]
    points = sorted((x, y, n) for n, curve in enumerate(curves.values()) for x, y in curve.points)
    for n, (line, curve) in enumerate(curves.items()):
        if at.graph.lines[line] == 1:
            continue
        text = _times(at.graph.lines[line])
        area = _free_area(curve.spots, width(text, SMALL), taken, points, n)
        if area:
            taken.append(area)
            x, y = (area[0] + area[2]) / 2, area[3] - 3.5
            yield tag("text", text, x=x, y=y, class_=f"on {stance_class(line.stance)}", text_anchor="middle")


def _area(at: _Placed, n: int) -> Area:
    """The area of a name and its notes."""
    text, y = at.texts[n], at.y[n]
    left, right = at.column(n)
    left, right = (right - text.across, right) if at.graph.nodes[n].kind == "group" else (left, left + text.across)
    return (left, y - text.up, right, y + text.down)


def _free_area(
    spots: Sequence[Point], across: float, taken: Sequence[Area], points: Sequence[tuple[float, float, int]], own: int
) -> Area | None:
    """The first area that overlaps no text and covers the fewest points of other lines; None if all overlap text.

    `points` of lines, with the number of their line, are sorted from the left.
    """
    best: tuple[int, Area] | None = None
    for x, y in spots:
        area = (x - across / 2, y - 7.5, x + across / 2, y + 7.5)
        if any(area[0] < b[2] and b[0] < area[2] and area[1] < b[3] and b[1] < area[3] for b in taken):
            continue
        beneath = points[bisect_right(points, (area[0], inf)) : bisect_left(points, (area[2],))]
        hidden = sum(area[1] < py < area[3] and n != own for _, py, n in beneath)
        if best is None or hidden < best[0]:
            best = (hidden, area)
    return best[1] if best else None


def _legend(graph: Graph, at: _Placed, say: Words, remark: str, across: float) -> tuple[list[Markup], float, float]:
    """The legend of the signs in use, after the remark, and the width and height of the whole diagram."""
    items: list[tuple[str, str]] = [
        (f"way {stance}", say.term("stance", stance))
        for stance in STANCES
        if any(line.stance == stance for line in graph.lines)
    ]
    items = items if [sign for sign, _ in items] != ["way asserts"] else []
    if any(node.kind in ("unattributed", "unnamed") or not node.known for node in graph.nodes):
        items.append(("hatch", say("chains.unknown")))
    last = len(at.left) - 1
    if any(node.publishes and at.layout.rank[n] < last for n, node in enumerate(graph.nodes)):
        items.append(("end", say("chains.publishes")))
    x, y = MARGIN, at.bottom + 24
    across = max([across, *(width(text, SMALL) + 44 for _, text in items), width(remark, SMALL) + 2 * MARGIN])
    parts = []
    if remark:
        parts.append(tag("text", remark, x=x, y=y, class_="aside"))
        y += 19
    for sign, text in items:
        if x > MARGIN and x + 30 + width(text, SMALL) > across - MARGIN:
            x, y = MARGIN, y + 17
        parts.append(_sign(sign, x, y - 4))
        parts.append(tag("text", text, x=x + 28, y=y, class_="aside"))
        x += 28 + width(text, SMALL) + 18
    return parts, across, (y + 6 if items else y - 13 if remark else at.bottom + MARGIN)


def _sign(sign: str, x: float, y: float) -> Markup:
    if sign == "end":
        return tag("circle", cx=x + 18, cy=y, r=2.75, class_=sign)
    d = _hatch(x, x + 26, y + 2) if sign == "hatch" else f"M{number(x)} {number(y)}h22"
    return tag("path", d=d, class_=sign, stroke_width=THIN if sign != "hatch" else None)
