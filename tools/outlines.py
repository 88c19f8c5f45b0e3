"""Write `sitrep/charts/outlines.json` from Natural Earth's outlines: `python tools/outlines.py countries-50m.json`.

The input is the TopoJSON of the npm package world-atlas 2.0.2, which holds Natural Earth 4.1.0 (public domain) at
1:50 million. Points that hardly matter are left out (Visvalingam and Whyatt, 1993), and so are the smallest islands.
"""

from __future__ import annotations

import heapq
import json
import sys
from collections import Counter
from math import cos, radians
from pathlib import Path
from typing import Any

from sitrep.charts.outlines import ALPHABET, FILE

SOURCE = "Natural Earth 4.1.0, 1:50 million (naturalearthdata.com, public domain), simplified by tools/outlines.py"
UNIT = 0.02
"""Degrees."""
LEAST = 0.0035
"""The area, in square degrees at the equator, of the smallest triangle of a point and its neighbours that stays."""
ISLAND = 0.03
"""The area, in square degrees, of the smallest ring that stays."""

Point = tuple[float, float]


def main(path: str) -> None:
    topology = json.loads(Path(path).read_bytes())
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [simplified(decoded(arc, scale, move)) for arc in topology["arcs"]]
    (land,) = topology["objects"]["land"]["geometries"]
    rings = [joined(ring, arcs) for polygon in land["arcs"] for ring in polygon]
    rings = [ring for ring in rings if len(ring) > 3 and area(ring) >= ISLAND]
    rings.sort(key=lambda ring: -area(ring))
    countries = topology["objects"]["countries"]["geometries"]
    used = Counter(n if n >= 0 else ~n for country in countries for n in flat(country))
    borders = [arcs[n] for n in sorted(n for n, times in used.items() if times > 1)]
    write(UNIT, rings, borders)
    print(len(rings), sum(map(len, rings)), len(borders), sum(map(len, borders)), FILE.stat().st_size)


def decoded(arc: list[list[int]], scale: list[float], move: list[float]) -> list[Point]:
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * scale[0] + move[0], y * scale[1] + move[1]))
    return points


def flat(geometry: dict[str, Any]) -> list[int]:
    def walk(arcs: Any) -> list[int]:
        return [arcs] if isinstance(arcs, int) else [n for part in arcs for n in walk(part)]

    return walk(geometry.get("arcs", []))


def joined(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for n in ring:
        arc = arcs[n] if n >= 0 else arcs[~n][::-1]
        points += arc[1:] if points else arc
    return unwrapped(points)


def unwrapped(points: list[Point]) -> list[Point]:
    """The same points without jumps at the 180th meridian: longitudes continue beyond it."""
    line = [points[0]]
    for x, y in points[1:]:
        while x - line[-1][0] > 180:
            x -= 360
        while line[-1][0] - x > 180:
            x += 360
        line.append((x, y))
    return line


def area(ring: list[Point]) -> float:
    total = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    return abs(total) / 2 * cos(radians(sum(y for _, y in ring) / len(ring)))


def simplified(points: list[Point]) -> list[Point]:
    """Visvalingam and Whyatt: the point of the smallest triangle is removed first; the ends stay."""
    points = unwrapped(points)
    before = list(range(-1, len(points) - 1))
    after = list(range(1, len(points) + 1))

    def triangle(n: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[before[n]], points[n], points[after[n]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2 * cos(radians(by))

    size = {n: triangle(n) for n in range(1, len(points) - 1)}
    heap = [(extent, n) for n, extent in size.items()]
    heapq.heapify(heap)
    while heap:
        extent, n = heapq.heappop(heap)
        if size.get(n) != extent:
            continue
        if extent >= LEAST:
            break
        del size[n]
        left, right = before[n], after[n]
        after[left], before[right] = right, left
        for other in (left, right):
            if other in size:
                size[other] = max(extent, triangle(other))
                heapq.heappush(heap, (size[other], other))
    return [point for n, point in enumerate(points) if n in size or n in (0, len(points) - 1)]


def write(unit: float, land: list[list[Point]], borders: list[list[Point]]) -> None:
    """The file as JSON, a ring or a line of boundary a row."""
    members = [f' "source": {json.dumps(SOURCE)}', f' "unit": {unit}']
    for name, lines in (("land", land), ("borders", borders)):
        rows = ",\n  ".join(json.dumps(encoded(points, unit)) for points in lines)
        members.append(f' "{name}": [\n  {rows}\n ]')
    FILE.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")


def encoded(points: list[Point], unit: float) -> str:
    """A line in the notation of `sitrep/charts/outlines.py`; points that fall on the one before are left out."""
    x = y = 0
    text = ""
    for lon, lat in points:
        next_x, next_y = round(lon / unit), round(lat / unit)
        if not text or (next_x, next_y) != (x, y):
            text += number(next_x - x) + number(next_y - y)
            x, y = next_x, next_y
    return text


def number(value: int) -> str:
    value = value * 2 if value >= 0 else -value * 2 - 1
    text = ""
    while value >= 32:
        text += ALPHABET[(value & 31) | 32]
        value >>= 5
    return text + ALPHABET[value]


if __name__ == "__main__":
    main(sys.argv[1])
