"""The social image of a brief, which other sites show with a link to it: drawn as SVG and rendered as PNG.

The font comes as a package, so that the same brief gives the same bytes on every machine. A brief with characters that
the font lacks has no image, rather than one with empty boxes.
"""

from __future__ import annotations

import importlib.util
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sitrep.views.pages import Cover

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1200, 630
"""The size in pixels that most sites show."""
EDGE = 72
ROOM = WIDTH - 2 * EDGE
MODULES = ("resvg_py", "fontpkg_source_serif_4")
PACKAGES = ("resvg-py", "fontpkg-source-serif-4", "pillow")
FAMILY = "Source Serif 4"
SIZES = ((62, 3), (50, 4), (40, 6))
"""Font sizes of the title, each with the number of lines that fit."""
PAPER, INK, SOFT, RULE = "#fcfbf8", "#1d1b18", "#5d5850", "#d8d3c8"
LABELS = {
    "TLP:RED": "#ff2b2b",
    "TLP:AMBER": "#ffc000",
    "TLP:AMBER+STRICT": "#ffc000",
    "TLP:GREEN": "#33ff00",
    "TLP:CLEAR": "#ffffff",
}
UNASSIGNED = "\U0010ffff"
"""A code point that no font has."""


class _Line(NamedTuple):
    x: float
    y: float
    size: int
    text: str
    weight: int = 400
    fill: str = INK
    end: bool = False


def missing_packages() -> list[str]:
    """The modules for social images that are not installed."""
    return [name for name in MODULES if importlib.util.find_spec(name) is None]


@cache
def renderer_versions() -> str:
    """The packages that render images, with their versions, which the bytes depend on; empty if one is missing."""
    from importlib.metadata import version  # slow to import, and few sites have social images

    return "" if missing_packages() else ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def legible(*texts: str) -> bool:
    """Whether the font has all the characters."""
    return all(letter == " " or (letter.isprintable() and _has(letter)) for text in texts for letter in text)


def png(cover: Cover) -> bytes:
    """The image."""
    import resvg_py

    image: bytes = resvg_py.svg_to_bytes(
        svg_string=svg(cover), skip_system_fonts=True, font_files=[str(_font_file())], font_family=FAMILY
    )
    return image


def svg(cover: Cover) -> str:
    """The drawing: site and marking, the title, counts, and the line at the bottom."""
    size, lines = _title_lines(cover.title)
    texts = [_Line(EDGE, 92, 28, _cut(cover.site, 28, ROOM - 300), 600)]
    top = 168 + size
    texts += [_Line(EDGE, top + n * size * 1.16, size, line, 600) for n, line in enumerate(lines)]
    texts.append(_Line(EDGE, HEIGHT - 58, 26, _cut(cover.line, 26, ROOM - (340 if cover.preview else 0)), fill=SOFT))
    label = _width(cover.marking, 24, 700) + 28
    texts.append(_Line(WIDTH - EDGE - 14, 90, 24, cover.marking, 700, LABELS.get(cover.marking, "#ffffff"), end=True))
    if cover.preview:
        texts.append(_Line(WIDTH - EDGE, HEIGHT - 58, 26, cover.preview, 700, "#8c1010", end=True))
    shapes = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        f'<rect x="{WIDTH - EDGE - label:.1f}" y="62" width="{label:.1f}" height="38" fill="#000"/>',
        f'<rect x="{EDGE}" y="124" width="{ROOM}" height="3" fill="{INK}"/>',
        f'<rect x="{EDGE}" y="{HEIGHT - 110}" width="{ROOM}" height="1.5" fill="{RULE}"/>',
    ]
    bottom = top + len(lines) * size * 1.16
    texts += [_Line(EDGE, bottom + n * 44, 30, text, fill=SOFT) for n, text in enumerate(cover.counts)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{FAMILY}">'
        f"{''.join(shapes)}{''.join(map(_text, texts))}</svg>"
    )


def _text(line: _Line) -> str:
    anchor = ' text-anchor="end"' if line.end else ""
    return (
        f'<text x="{line.x:.1f}" y="{line.y:.1f}" font-size="{line.size}" font-weight="{line.weight}" '
        f'fill="{line.fill}"{anchor}>{escape(line.text, quote=False)}</text>'
    )


# -- letters ----------------------------------------------------------------------------------------------------------


def _font_file() -> Path:
    """The upright variable font."""
    package: Any = __import__("fontpkg_source_serif_4")
    fonts = Path(package.__file__).parent.glob("files/*.ttf")
    return min(path for path in fonts if "Italic" not in path.name)


@cache
def _font(size: int, weight: int) -> FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.truetype(str(_font_file()), size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight, min(size, 60)])
    return font


def _width(text: str, size: int, weight: int) -> float:
    return float(_font(size, weight).getlength(text))


@lru_cache(4096)
def _has(letter: str) -> bool:
    """Whether the font has a character: a missing one is drawn as the box for missing characters."""
    font = _font(40, 400)
    return bytes(font.getmask(letter)) != bytes(font.getmask(UNASSIGNED))


def _title_lines(title: str) -> tuple[int, list[str]]:
    """The largest font size in which the title fits, and its lines; truncated in the smallest size."""
    for size, most in SIZES:
        lines = _lines(title, size)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), size, ROOM, 600)]


def _lines(title: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size, 600) <= ROOM:
            lines[-1] = longer
        else:
            lines.append(_cut(word, size, ROOM, 600))
    return lines


def _cut(text: str, size: int, room: float, weight: int = 400) -> str:
    """A text in one line, with an ellipsis if it is too wide."""
    if _width(text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(f"{text[:middle].rstrip()}…", size, weight) <= room else (low, middle - 1)
    return f"{text[:low].rstrip()}…"
