"""Places on a map: dots for exact places, circles for approximate ones.

Two equal-area projections: Lambert's azimuthal, centred on the places, for a region; Equal Earth (Šavrič, Patterson and
Jenny 2018) for more of the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt
from typing import NamedTuple

from markupsafe import Markup

from sitrep.charts import outlines
from sitrep.charts.lettering import clean, link_group, number, svg_chart, tag, truncate, width
from sitrep.views.pages import EMPTY, Html, View, plain

ACROSS = 1000.0
"""Width in units; on a wide page a unit is a pixel."""
LEAST, MOST = 0.44, 0.72
"""Minimum and maximum height, as a share of the width."""
REGION = 75.0
"""Degrees of longitude up to which a map shows a region."""
NEAREST = radians(7.0)
"""The minimum width of a map, in radians: closer up, the outlines lack detail."""
FINE = 3.4
"""The minimum distance of an outline's points, in units."""
SPOTS = 400
NAMED = 60
"""Places drawn, and how many of them may be labelled if there is room."""
LARGE, SMALL = 32.0, 15.0
"""Font sizes in units: on a phone, where a unit is a third of a pixel, and elsewhere."""
EARTH = 6371.0
STEADY = {"vector_effect": "non-scaling-stroke"}
"""Attributes of strokes whose width is in pixels at every zoom."""

Position = tuple[float, float]
Project = Callable[[float, float], Position]


class Spot(View, frozen=True, kw_only=True):
    """A place of events. `radius`: kilometres within which it lies; 0 if the point is exact."""

    text: str
    lat: float
    lon: float
    href: str = ""
    count: int = 1
    radius: float = 0
    uncertain: bool = False
    square: str = ""
    """The grid square it is in: the id of the SVG group with all dots of that square."""
    tooltip: str = ""


class _Frame(NamedTuple):
    """The transformation from degrees to units: `project`, then scale and shift."""

    project: Project
    middle: float
    reach: float
    """Degrees of longitude on each side of the middle that the projection can show."""
    scale: float
    left: float
    top: float
    down: float

    def at(self, lon: float, lat: float) -> Position:
        return self.place(_wrapped(lon - self.middle), lat)

    def place(self, lon: float, lat: float) -> Position:
        """The same for degrees from the middle."""
        x, y = self.project(lon, lat)
        return x * self.scale - self.left, self.top - y * self.scale


def draw(spots: Sequence[Spot], title: str, description: str, ident: str) -> Html:
    """The places as SVG; empty without places. Ids begin with `ident`, which is unique on the page."""
    ranked = sorted(spots, key=lambda spot: (-spot.count, clean(spot.text), *plain(spot).values()))[:SPOTS]
    if not ranked:
        return EMPTY
    frame = _fit_frame(ranked)
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
        squares[spot.square].append(_dot(spot, at, labels.get(n)))
    parts += [tag("g", *dots, id=square or None) for square, dots in sorted(squares.items())]
    clip = tag("clipPath", tag("rect", width=ACROSS, height=frame.down), id=f"{ident}-edge")
    inside = tag("g", *parts, clip_path=f"url(#{ident}-edge)")
    whole = Markup().join([clip, inside])
    return svg_chart(whole, ident, title, description, size=(ACROSS, frame.down), fills=True, kind="map")


# -- the frame --------------------------------------------------------------------------------------------------------


def _wrapped(lon: float) -> float:
    """A longitude in degrees from −180 to 180."""
    return (lon + 180) % 360 - 180


def _fit_frame(spots: Sequence[Spot]) -> _Frame:
    middle, span = _middle([spot.lon for spot in spots])
    lats = [spot.lat for spot in spots]
    if span <= REGION:
        project, reach = _azimuthal((min(lats) + max(lats)) / 2), 100.0
    else:
        project, reach = _equal_earth, 180.0
    points = [project(_wrapped(spot.lon - middle), spot.lat) for spot in spots]
    points += [project(_wrapped(lon - middle), lat) for spot in spots if spot.radius for lon, lat in _circle(spot)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    across = max((right - left) * 1.24, (top - bottom) * 1.3 / MOST, NEAREST)
    high = min(max((top - bottom) * 1.3, across * LEAST), across * MOST)
    scale = ACROSS / across
    middle_y = (bottom + top) / 2
    if project is _equal_earth:  # the map ends at the poles
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
    """The middle of the shortest arc that contains all longitudes, and its length."""
    order = sorted({_wrapped(lon) for lon in lons})
    gaps = [(after - before, before, after) for before, after in pairwise(order)]
    gaps.append((order[0] + 360 - order[-1], order[-1], order[0] + 360))
    widest, _, after = max(gaps)
    span = 360 - widest
    return _wrapped(after + span / 2), span


def _azimuthal(lat: float) -> Project:
    sin0, cos0 = sin(radians(lat)), cos(radians(lat))

    def project(lon: float, lat: float) -> Position:
        across, up = radians(lon), radians(lat)
        cosine = cos(up) * cos(across)
        k = sqrt(2 / max(1 + sin0 * sin(up) + cos0 * cosine, 1e-9))
        return k * cos(up) * sin(across), k * (cos0 * sin(up) - sin0 * cosine)

    return project


_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796


def _equal_earth(lon: float, lat: float) -> Position:
    t = asin(sqrt(3) / 2 * sin(radians(lat)))
    t2 = t * t
    t6 = t2 * t2 * t2
    x = 2 * sqrt(3) * radians(lon) * cos(t) / (3 * (9 * _A4 * t6 * t2 + 7 * _A3 * t6 + 3 * _A2 * t2 + _A1))
    return x, t * (_A4 * t6 * t2 + _A3 * t6 + _A2 * t2 + _A1)


# -- outlines ---------------------------------------------------------------------------------------------------------


def _land(frame: _Frame) -> str:
    """The land as one path: rings clipped to the reach of the projection, then to the frame."""
    parts = []
    for ring in outlines.load().land:
        points = list(ring)
        if abs(points[-1][0] - points[0][0]) > 180:  # the ring encloses a pole
            points += [(points[-1][0], -90.0), (points[0][0], -90.0)]
        for shift in (-360, 0, 360):
            moved = [(lon + shift - frame.middle, lat) for lon, lat in points]
            if min(lon for lon, _ in moved) > frame.reach or max(lon for lon, _ in moved) < -frame.reach:
                continue
            shown = _clip(_clip(moved, 0, -frame.reach, 1), 0, frame.reach, -1)
            flat = [frame.place(lon, lat) for lon, lat in shown]
            for axis, edge, side in ((0, -20.0, 1), (0, ACROSS + 20, -1), (1, -20.0, 1), (1, frame.down + 20, -1)):
                flat = _clip(flat, axis, edge, side)
            parts.append(_path(flat, closed=True))
    return "".join(parts)


def _clip(ring: list[Position], axis: int, edge: float, side: int) -> list[Position]:
    """The part of a ring on one side of an edge (Sutherland and Hodgman 1974)."""
    along = [point[axis] * side for point in ring]
    if not ring or min(along) >= edge * side:  # most rings lie on one side of most edges
        return ring
    if max(along) < edge * side:
        return []
    clipped: list[Position] = []
    for n, point in enumerate(ring):
        before = ring[n - 1]
        inside, was = (point[axis] - edge) * side >= 0, (before[axis] - edge) * side >= 0
        if inside != was:
            share = (edge - before[axis]) / (point[axis] - before[axis])
            clipped.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if inside:
            clipped.append(point)
    return clipped


def _lines(frame: _Frame, lines: Iterable[Sequence[Position]]) -> str:
    """Open lines as one path, broken where they leave the frame or jump to its other side."""
    parts = []
    for line in lines:
        run: list[Position] = []
        before: float | None = None
        for lon, lat in line:
            turned = _wrapped(lon - frame.middle)
            x, y = frame.place(turned, lat)
            inside = -40 < x < ACROSS + 40 and -40 < y < frame.down + 40 and abs(turned) <= frame.reach
            if not inside or (before is not None and abs(turned - before) > 180):
                parts.append(_path(run))
                run = []
            if inside:
                run.append((x, y))
            before = turned
        parts.append(_path(run))
    return "".join(parts)


def _path(points: Sequence[Position], closed: bool = False) -> str:
    """Points in whole units, without those too close to the one before."""
    corners: list[tuple[int, int]] = []
    for n, (x, y) in enumerate(points):
        last = not closed and n == len(points) - 1
        if corners and not last and abs(x - corners[-1][0]) + abs(y - corners[-1][1]) < FINE:
            continue
        here = (round(x), round(y))
        if not corners or here != corners[-1]:
            corners.append(here)
    if len(corners) < (3 if closed else 2):
        return ""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(corners)]
    return f"M{corners[0][0]} {corners[0][1]}l{' '.join(steps).replace(' -', '-')}" + ("z" if closed else "")


def _graticule(frame: _Frame) -> Iterator[Sequence[Position]]:
    """Meridians and parallels: every 1, 5, 10 or 30 degrees, at most 9 across the map."""
    shown = degrees(ACROSS / frame.scale)
    step = next(step for step in (1, 5, 10, 30) if shown / step <= 9 or step == 30)
    fine = 6 if step > 5 else 1
    start = round(frame.middle / step) * step
    for lon in range(start - 180, start + 180, step):
        yield [(lon, lat) for lat in range(-84, 85, fine)]
    for lat in range(-90 + step, 90, step):
        yield [(frame.middle + lon, lat) for lon in range(-180, 181, fine)]


# -- places -----------------------------------------------------------------------------------------------------------


def _circle(spot: Spot) -> Iterator[Position]:
    """Points of the circle around a place, as longitudes and latitudes."""
    angle = min(spot.radius / EARTH, pi / 2)
    up = radians(spot.lat)
    for n in range(36):
        bearing = 2 * pi * n / 36
        lat = asin(max(-1.0, min(1.0, sin(up) * cos(angle) + cos(up) * sin(angle) * cos(bearing))))
        lon = atan2(sin(bearing) * sin(angle) * cos(up), cos(angle) - sin(up) * sin(lat))
        yield spot.lon + degrees(lon), degrees(lat)


def _area(frame: _Frame, spot: Spot) -> Markup:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in (frame.at(lon, lat) for lon, lat in _circle(spot)))
    return tag("polygon", points=points, class_="area unsure" if spot.uncertain else "area", **STEADY)


def _size(spot: Spot) -> float:
    """The diameter of a dot in pixels: its area grows with the number of events."""
    return min(5 + 3.2 * sqrt(spot.count - 1), 22)


class _Label(NamedTuple):
    text: str
    dx: float
    dy: float
    anchor: str | None
    large: bool
    """Whether there is room for the label on a phone too."""


Area = tuple[float, float, float, float]


def _labels(frame: _Frame, spots: Sequence[Spot], places: Sequence[Position]) -> dict[int, _Label]:
    """The labels of dots, by index, where there is room: first for a phone, then for wider pages."""
    labels: dict[int, _Label] = {}
    for size, pixel in ((LARGE, LARGE / 11), (SMALL, 1.0)):
        taken = []
        for n, (x, y) in enumerate(places):
            half = _size(spots[n]) / 2 * pixel
            taken.append((n, (x - half, y - half, x + half, y + half)))
        boxes: list[tuple[int, Area]] = []
        for n, spot in enumerate(spots[:NAMED]):
            text = truncate(clean(spot.text), 200, 13)
            phone = (
                [labels.pop(n)] if n in labels else []
            )  # a label that fits on a phone may overlap others on a wider page
            for label in (*phone, *_candidates(text, _size(spot), size == LARGE)):
                box = _box(label, places[n], size)
                inside = box[0] > 4 and box[2] < ACROSS - 4 and box[1] > 4 and box[3] < frame.down - 4
                if inside and not any(_over(box, other) for m, other in (*taken, *boxes) if m != n):
                    labels[n] = label
                    boxes.append((n, box))
                    break
    return labels


def _candidates(text: str, dot: float, large: bool) -> Iterator[_Label]:
    """Right of a dot, left, above and below; offsets in ems, so that a label keeps its place when the font grows."""
    off = 0.3 + dot / 2 / 11
    yield _Label(text, off, 0.35, None, large)
    yield _Label(text, -off, 0.35, "end", large)
    yield _Label(text, 0, -off, "middle", large)
    yield _Label(text, 0, off + 0.75, "middle", large)
    for down in (-0.55, 1.2):
        yield _Label(text, off * 0.7, down, None, large)
        yield _Label(text, -off * 0.7, down, "end", large)


def _box(label: _Label, at: Position, size: float) -> Area:
    across = width(label.text, size)
    x, y = at[0] + label.dx * size, at[1] + label.dy * size
    left = {None: x, "end": x - across, "middle": x - across / 2}[label.anchor]
    return (left, y - 0.85 * size, left + across, y + 0.25 * size)


def _over(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _dot(spot: Spot, at: Position, label: _Label | None) -> Markup:
    """A dot with its label: a line of no length with round ends, so that its width stays the same at every zoom."""
    x, y = number(at[0]), number(at[1])
    kind = "spot unsure" if spot.uncertain else "spot vague" if spot.radius else "spot"
    size = number(_size(spot))
    parts = [tag("title", clean(spot.tooltip or spot.text))]
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
    return tag("g", link_group(spot.href, Markup().join(parts)), class_=kind)
