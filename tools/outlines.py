"""Make `sitrep/charts/outlines.py` from Natural Earth's outlines: `python tools/outlines.py countries-50m.json`.

The file is the TopoJSON of the npm package world-atlas 2.0.2, which holds Natural Earth 4.1.0 (public domain) at
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

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
UNIT = 0.02
"""Degrees."""
LEAST = 0.0035
"""The area, in square degrees of the equator, of the triangle that a point makes with its neighbours."""
ISLAND = 0.03
"""The area of the smallest ring that is kept, likewise."""

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
    head = f'{DOC}\nUNIT = {UNIT}\nALPHABET = "{ALPHABET}"\n'
    text = f'{head}LAND = """\n{lines(rings)}\n"""\nBORDERS = """\n{lines(borders)}\n"""\n'
    Path(__file__).resolve().parent.parent.joinpath("sitrep/charts/outlines.py").write_text(text, encoding="utf-8")
    print(len(rings), sum(map(len, rings)), len(borders), sum(map(len, borders)), len(text))


DOC = '''"""Coastlines and boundaries of the world: data, made by `tools/outlines.py`.

Natural Earth 4.1.0, 1:50 million (naturalearthdata.com), which its makers put into the public domain; simplified.
Boundaries are theirs, de facto. A line follows another in one text, apart by a comma: longitude and latitude of its
first point, then the differences to each next, in UNIT degrees, as numbers of five bits a letter, the lowest first; a
letter's sixth bit says that more follow, a number's lowest that it is negative.
"""
'''


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
    """Without leaps at the 180th meridian: longitudes go on beyond it."""
    made = [points[0]]
    for x, y in points[1:]:
        while x - made[-1][0] > 180:
            x -= 360
        while made[-1][0] - x > 180:
            x += 360
        made.append((x, y))
    return made


def area(ring: list[Point]) -> float:
    total = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    return abs(total) / 2 * cos(radians(sum(y for _, y in ring) / len(ring)))


def simplified(points: list[Point]) -> list[Point]:
    """Visvalingam and Whyatt: the point of the smallest triangle goes first; ends stay."""
    points = unwrapped(points)
    before = list(range(-1, len(points) - 1))
    after = list(range(1, len(points) + 1))

    def triangle(n: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[before[n]], points[n], points[after[n]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2 * cos(radians(by))

    size = {n: triangle(n) for n in range(1, len(points) - 1)}
    heap = [(made, n) for n, made in size.items()]
    heapq.heapify(heap)
    while heap:
        made, n = heapq.heappop(heap)
        if size.get(n) != made:
            continue
        if made >= LEAST:
            break
        del size[n]
        left, right = before[n], after[n]
        after[left], before[right] = right, left
        for other in (left, right):
            if other in size:
                size[other] = max(made, triangle(other))
                heapq.heappush(heap, (size[other], other))
    return [point for n, point in enumerate(points) if n in size or n in (0, len(points) - 1)]


def lines(found: list[list[Point]]) -> str:
    text = ",".join(map(encoded, found))
    return "\n".join(text[n : n + 118] for n in range(0, len(text), 118))


def encoded(points: list[Point]) -> str:
    x = y = 0
    out: list[str] = []
    for lon, lat in points:
        nx, ny = round(lon / UNIT), round(lat / UNIT)
        if out and (nx, ny) == (x, y):
            continue
        out += [number(nx - x), number(ny - y)]
        x, y = nx, ny
    return "".join(out)


def number(value: int) -> str:
    value = value * 2 if value >= 0 else -value * 2 - 1
    out = []
    while True:
        more = value >> 5
        out.append(ALPHABET[(value & 31) | (32 if more else 0)])
        if not more:
            return "".join(out)
        value = more


if __name__ == "__main__":
    main(sys.argv[1])
