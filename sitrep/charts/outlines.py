"""Coastlines and boundaries of the world, read from `outlines.json` when the first map is drawn.

The data are Natural Earth 4.1.0 at 1:50 million (naturalearthdata.com, public domain), simplified by
`tools/outlines.py`; boundaries are de facto. Each line is a string of numbers: longitude and latitude of its first
point, then the difference to each next point, in units of `unit` degrees. A number is zigzag-encoded (the lowest bit
is its sign) and written base 32, the lowest digit first, one character of ALPHABET a digit; a digit of 32 or more
means that another follows.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
FILE = Path(__file__).with_suffix(".json")

LonLat = tuple[float, float]
"""A point: degrees of longitude, which may go beyond ±180, and of latitude."""


class OutlineFile(msgspec.Struct):
    source: str
    unit: float
    """Degrees."""
    land: list[str]
    borders: list[str]


class Outlines(msgspec.Struct, frozen=True):
    """Rings of land, the largest first, and open lines of boundaries."""

    land: tuple[tuple[LonLat, ...], ...]
    borders: tuple[tuple[LonLat, ...], ...]


@cache
def load() -> Outlines:
    """The outlines, decoded once a process."""
    file = msgspec.json.decode(FILE.read_bytes(), type=OutlineFile)
    land, borders = (tuple(decode(line, file.unit) for line in lines) for lines in (file.land, file.borders))
    return Outlines(land, borders)


def decode(line: str, unit: float) -> tuple[LonLat, ...]:
    """The points of a line."""
    numbers: list[int] = []
    value = shift = 0
    for digit in map(ALPHABET.index, line):
        value |= (digit & 31) << shift
        shift += 5
        if digit < 32:
            numbers.append(-(value + 1 >> 1) if value & 1 else value >> 1)
            value = shift = 0
    x = y = 0
    points = []
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x * unit, y * unit))
    return tuple(points)
