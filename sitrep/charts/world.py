"""Places on a map: points where it is known where, areas where it is known no more exactly.

Two equal-area projections: about the middle of what is shown where that is a region (Lambert's azimuthal), and Equal
Earth (Šavrič, Patterson and Jenny 2018) where it is more of the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt
from typing import NamedTuple

from markupsafe import Markup

from sitrep.charts import outlines
from sitrep.charts.lettering import clean, cut, framed, linked, number, tag, width
from sitrep.views.pages import EMPTY, Html, View, plain

ACROSS = 1000.0
"""Width in units; on a wide page a unit is a pixel."""
LEAST, MOST = 0.44, 0.72
"""Height, as a share of the width."""
REGION = 75.0
"""Degrees of longitude up to which it is a region."""
NEAREST = radians(7.0)
"""The least that is shown across: of more the outlines know no detail."""
FINE = 3.4
"""Units that an outline's points lie apart."""
SPOTS = 400
NAMED = 60
"""Places drawn, and of those how many may bear their name where there is room."""
LARGE, SMALL = 32.0, 15.0
"""Letters in units: on a phone, where a unit is a third of a pixel, and elsewhere."""
EARTH = 6371.0
STEADY = {"vector_effect": "non-scaling-stroke"}
"""Of strokes whose width is in pixels, on every screen and at every zoom."""

Plane = tuple[float, float]
Project = Callable[[float, float], Plane]


class Spot(View, frozen=True, kw_only=True):
    """A place where events were. `radius`: kilometres within which it lies, where the point is not known."""

    text: str
    lat: float
    lon: float
    href: str = ""
    count: int = 1
    radius: float = 0
    uncertain: bool = False
    square: str = ""
    """The part of the world that it is in: the id of what is drawn there."""
    told: str = ""
    """What is said of it when it is pointed at."""


class _Frame(NamedTuple):
    """From degrees to units: `project`, then scale and move."""

    project: Project
    middle: float
    reach: float
    """Degrees of longitude to either side of the middle that the projection can show."""
    scale: float
    left: float
    top: float
    down: float

    def at(self, lon: float, lat: float) -> Plane:
        x, y = self.project(_turned(lon - self.middle), lat)
        return (x * self.scale - self.left, self.top - y * self.scale)


def draw(spots: Sequence[Spot], title: str, description: str, ident: str) -> Html:
    """The places as SVG; nothing where there are none. Ids begin with `ident`, which is unique on the page."""
    ranked = sorted(spots, key=lambda spot: (-spot.count, clean(spot.text), *plain(spot).values()))[:SPOTS]
    if not ranked:
        return EMPTY
    frame = _framed(ranked)
    parts = [
        tag("path", d=_lines(frame, _graticule(frame)), class_="net", **STEADY),
        tag("path", d=_land(frame), class_="land", **STEADY),
        tag("path", d=_lines(frame, outlines.load().borders), class_="border", **STEADY),
    ]
    places = [frame.at(spot.lon, spot.lat) for spot in ranked]
    parts += [_area(frame, spot) for spot in ranked if spot.radius]
    labels = _labels(frame, ranked, places)
    squares: dict[str, list[Markup]] = {spot.square: [] for spot in spots}
    for n, (spot, at) in reversed(list(enumerate(zip(ranked, places, strict=True)))):
        squares[spot.square].append(_spot(spot, at, labels.get(n)))
    parts += [tag("g", *drawn, id=square or None) for square, drawn in sorted(squares.items())]
    clip = tag("clipPath", tag("rect", width=ACROSS, height=frame.down), id=f"{ident}-edge")
    inside = tag("g", *parts, clip_path=f"url(#{ident}-edge)")
    whole = Markup().join([clip, inside])
    return framed(whole, ident, title, description, size=(ACROSS, frame.down), fills=True, kind="map")


# -- the frame --------------------------------------------------------------------------------------------------------


def _turned(lon: float) -> float:
    """Degrees from −180 to 180."""
    return (lon + 180) % 360 - 180


def _framed(spots: Sequence[Spot]) -> _Frame:
    middle, span = _middle([spot.lon for spot in spots])
    lats = [spot.lat for spot in spots]
    if span <= REGION:
        project, reach = _azimuthal((min(lats) + max(lats)) / 2), 100.0
    else:
        project, reach = _equal_earth, 180.0
    points = [project(_turned(spot.lon - middle), spot.lat) for spot in spots]
    points += [project(_turned(lon - middle), lat) for spot in spots if spot.radius for lon, lat in _circle(spot)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    across = max((right - left) * 1.24, (top - bottom) * 1.3 / MOST, NEAREST)
    high = min(max((top - bottom) * 1.3, across * LEAST), across * MOST)
    scale = ACROSS / across
    middle_y = (bottom + top) / 2
    if project is _equal_earth:  # there is nothing beyond the poles
        pole = _equal_earth(0, 90)[1]
        middle_y = min(max(middle_y, high / 2 - pole), pole - high / 2)
    return _Frame(
        project,
        middle,
        reach,
        scale,
        ((left + right) / 2 - across / 2) * scale,
        (middle_y + high / 2) * scale,
        round(high * scale),
    )


def _middle(lons: Sequence[float]) -> tuple[float, float]:
    """The middle of the shortest arc of longitudes that holds all, and its length."""
    order = sorted({_turned(lon) for lon in lons})
    gaps = [(after - before, before, after) for before, after in pairwise(order)]
    gaps.append((order[0] + 360 - order[-1], order[-1], order[0] + 360))
    widest, _, after = max(gaps)
    span = 360 - widest
    return _turned(after + span / 2), span


def _azimuthal(lat: float) -> Project:
    sin0, cos0 = sin(radians(lat)), cos(radians(lat))

    def project(lon: float, lat: float) -> Plane:
        across, up = radians(lon), radians(lat)
        cosine = cos(up) * cos(across)
        k = sqrt(2 / max(1 + sin0 * sin(up) + cos0 * cosine, 1e-9))
        return k * cos(up) * sin(across), k * (cos0 * sin(up) - sin0 * cosine)

    return project


_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796


def _equal_earth(lon: float, lat: float) -> Plane:
    t = asin(sqrt(3) / 2 * sin(radians(lat)))
    t2 = t * t
    t6 = t2 * t2 * t2
    x = 2 * sqrt(3) * radians(lon) * cos(t) / (3 * (9 * _A4 * t6 * t2 + 7 * _A3 * t6 + 3 * _A2 * t2 + _A1))
    return x, t * (_A4 * t6 * t2 + _A3 * t6 + _A2 * t2 + _A1)


# -- outlines ---------------------------------------------------------------------------------------------------------


def _land(frame: _Frame) -> str:
    """The land as one path: rings cut to what the projection can show, then to the frame."""
    parts = []
    for ring in outlines.load().land:
        points = list(ring)
        if abs(points[-1][0] - points[0][0]) > 180:  # it goes round a pole
            points += [(points[-1][0], -90.0), (points[0][0], -90.0)]
        for shift in (-360, 0, 360):
            moved = [(lon + shift - frame.middle, lat) for lon, lat in points]
            if min(lon for lon, _ in moved) > frame.reach or max(lon for lon, _ in moved) < -frame.reach:
                continue
            shown = _cut(_cut(moved, 0, -frame.reach, 1), 0, frame.reach, -1)
            flat = [_unit(frame, lon, lat) for lon, lat in shown]
            for axis, edge, side in ((0, -20.0, 1), (0, ACROSS + 20, -1), (1, -20.0, 1), (1, frame.down + 20, -1)):
                flat = _cut(flat, axis, edge, side)
            parts.append(_path(flat, closed=True))
    return "".join(parts)


def _unit(frame: _Frame, lon: float, lat: float) -> Plane:
    x, y = frame.project(lon, lat)
    return x * frame.scale - frame.left, frame.top - y * frame.scale


def _cut(ring: list[Plane], axis: int, edge: float, side: int) -> list[Plane]:
    """A ring's part on one side of an edge (Sutherland and Hodgman 1974)."""
    along = [point[axis] * side for point in ring]
    if not ring or min(along) >= edge * side:  # most rings are small, and on one side of most edges
        return ring
    if max(along) < edge * side:
        return []
    made: list[Plane] = []
    for n, point in enumerate(ring):
        before = ring[n - 1]
        inside, was = (point[axis] - edge) * side >= 0, (before[axis] - edge) * side >= 0
        if inside != was:
            share = (edge - before[axis]) / (point[axis] - before[axis])
            made.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if inside:
            made.append(point)
    return made


def _lines(frame: _Frame, found: Iterable[Sequence[Plane]]) -> str:
    """Open lines as one path, broken where they leave the frame or leap to its other side."""
    parts = []
    for line in found:
        run: list[Plane] = []
        before: float | None = None
        for lon, lat in line:
            turned = _turned(lon - frame.middle)
            x, y = _unit(frame, turned, lat)
            inside = -40 < x < ACROSS + 40 and -40 < y < frame.down + 40 and abs(turned) <= frame.reach
            if not inside or (before is not None and abs(turned - before) > 180):
                parts.append(_path(run))
                run = []
            if inside:
                run.append((x, y))
            before = turned
        parts.append(_path(run))
    return "".join(parts)


def _path(points: Sequence[Plane], closed: bool = False) -> str:
    """Points in whole units, those too near to the one before left out."""
    kept: list[tuple[int, int]] = []
    for n, (x, y) in enumerate(points):
        last = not closed and n == len(points) - 1
        if kept and not last and abs(x - kept[-1][0]) + abs(y - kept[-1][1]) < FINE:
            continue
        here = (round(x), round(y))
        if not kept or here != kept[-1]:
            kept.append(here)
    if len(kept) < (3 if closed else 2):
        return ""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(kept)]
    return f"M{kept[0][0]} {kept[0][1]}l{' '.join(steps).replace(' -', '-')}" + ("z" if closed else "")


def _graticule(frame: _Frame) -> Iterator[Sequence[Plane]]:
    """Meridians and parallels: every 30, 10, 5 or 1 degrees, as many as the eye can do with."""
    shown = degrees(ACROSS / frame.scale)
    step = next(step for step in (1, 5, 10, 30) if shown / step <= 9 or step == 30)
    fine = 6 if step > 5 else 1
    start = round(frame.middle / step) * step
    for lon in range(start - 180, start + 180, step):
        yield [(lon, lat) for lat in range(-84, 85, fine)]
    for lat in range(-90 + step, 90, step):
        yield [(frame.middle + lon, lat) for lon in range(-180, 181, fine)]


# -- places -----------------------------------------------------------------------------------------------------------


def _circle(spot: Spot) -> Iterator[Plane]:
    """Points of the circle about a place, as longitudes and latitudes."""
    angle = min(spot.radius / EARTH, pi / 2)
    up = radians(spot.lat)
    for n in range(36):
        way = 2 * pi * n / 36
        lat = asin(max(-1.0, min(1.0, sin(up) * cos(angle) + cos(up) * sin(angle) * cos(way))))
        lon = atan2(sin(way) * sin(angle) * cos(up), cos(angle) - sin(up) * sin(lat))
        yield spot.lon + degrees(lon), degrees(lat)


def _area(frame: _Frame, spot: Spot) -> Markup:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in (frame.at(lon, lat) for lon, lat in _circle(spot)))
    return tag("polygon", points=points, class_="area unsure" if spot.uncertain else "area", **STEADY)


def _size(spot: Spot) -> float:
    """The width of a place's dot in pixels: its area grows with the number of events."""
    return min(5 + 3.2 * sqrt(spot.count - 1), 22)


class _Label(NamedTuple):
    text: str
    dx: float
    dy: float
    anchor: str | None
    large: bool
    """Whether there is room for it on a phone too."""


Area = tuple[float, float, float, float]


def _labels(frame: _Frame, spots: Sequence[Spot], places: Sequence[Plane]) -> dict[int, _Label]:
    """Names at their dots where nothing is in their way: first for a phone, then for wider pages."""
    made: dict[int, _Label] = {}
    for size, pixel in ((LARGE, LARGE / 11), (SMALL, 1.0)):
        taken = []
        for n, (x, y) in enumerate(places):
            half = _size(spots[n]) / 2 * pixel
            taken.append((n, (x - half, y - half, x + half, y + half)))
        boxes: list[tuple[int, Area]] = []
        for n, spot in enumerate(spots[:NAMED]):
            text = cut(clean(spot.text), 200, 13)
            before = [made.pop(n)] if n in made else []  # what there is room for on a phone may be in the way elsewhere
            for label in (*before, *_sides(text, _size(spot), size == LARGE)):
                box = _box(label, places[n], size)
                inside = box[0] > 4 and box[2] < ACROSS - 4 and box[1] > 4 and box[3] < frame.down - 4
                if inside and not any(_over(box, other) for m, other in (*taken, *boxes) if m != n):
                    made[n] = label
                    boxes.append((n, box))
                    break
    return made


def _sides(text: str, dot: float, large: bool) -> Iterator[_Label]:
    """Right, left, above and below of a dot; in ems, so that a label keeps its place when letters grow."""
    off = 0.3 + dot / 2 / 11
    yield _Label(text, off, 0.35, None, large)
    yield _Label(text, -off, 0.35, "end", large)
    yield _Label(text, 0, -off, "middle", large)
    yield _Label(text, 0, off + 0.75, "middle", large)
    for down in (-0.55, 1.2):
        yield _Label(text, off * 0.7, down, None, large)
        yield _Label(text, -off * 0.7, down, "end", large)


def _box(label: _Label, at: Plane, size: float) -> Area:
    across = width(label.text, size)
    x, y = at[0] + label.dx * size, at[1] + label.dy * size
    left = {None: x, "end": x - across, "middle": x - across / 2}[label.anchor]
    return (left, y - 0.85 * size, left + across, y + 0.25 * size)


def _over(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _spot(spot: Spot, at: Plane, label: _Label | None) -> Markup:
    """A dot is a line of no length with a round end: its width stays the same on every screen and at every zoom."""
    x, y = number(at[0]), number(at[1])
    kind = "spot unsure" if spot.uncertain else "spot vague" if spot.radius else "spot"
    size = number(_size(spot))
    parts = [tag("title", clean(spot.told or spot.text))]
    parts.append(tag("path", d=f"M{x} {y}h0", class_="dot", stroke_width=size, **STEADY))
    if spot.uncertain or spot.radius:
        parts.append(tag("path", d=f"M{x} {y}h0", class_="hole", stroke_width=number(_size(spot) - 2.6), **STEADY))
    if label:
        parts.append(
            tag(
                "text",
                label.text,
                x=at[0],
                y=at[1],
                dx=f"{number(label.dx)}em",
                dy=f"{number(label.dy)}em",
                text_anchor=label.anchor,
                class_=None if label.large else "minor",
            )
        )
    return tag("g", linked(spot.href, Markup().join(parts)), class_=kind)
