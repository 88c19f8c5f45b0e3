"""A brief's cover: the image that stands for it where a link to it is shown. Drawn as SVG, and from that as PNG.

Its letters are those of one font, which comes as a package, so that the same brief is the same bytes on every machine;
what is written in other letters has no cover rather than empty boxes.
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
"""What most who show such images take."""
EDGE = 72
ROOM = WIDTH - 2 * EDGE
NEEDS = ("resvg_py", "fontpkg_source_serif_4")
PACKAGES = ("resvg-py", "fontpkg-source-serif-4", "pillow")
FAMILY = "Source Serif 4"
SIZES = ((62, 3), (50, 4), (40, 6))
"""Of the title: a size, and how many lines of it there is room for."""
PAPER, INK, SOFT, RULE = "#fcfbf8", "#1d1b18", "#5d5850", "#d8d3c8"
LABELS = {
    "TLP:RED": "#ff2b2b",
    "TLP:AMBER": "#ffc000",
    "TLP:AMBER+STRICT": "#ffc000",
    "TLP:GREEN": "#33ff00",
    "TLP:CLEAR": "#ffffff",
}
NOWHERE = "\U0010ffff"
"""No font has this one."""


class _Line(NamedTuple):
    x: float
    y: float
    size: int
    text: str
    weight: int = 400
    fill: str = INK
    end: bool = False


def lacking() -> list[str]:
    """What is not installed of what draws covers."""
    return [name for name in NEEDS if importlib.util.find_spec(name) is None]


@cache
def drawn_by() -> str:
    """What draws covers, and in which version: another one may draw other bytes."""
    from importlib.metadata import version  # here, since it takes long to load and few sites have covers

    return "" if lacking() else ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def legible(*texts: str) -> bool:
    """Whether the font has all the letters."""
    return all(letter == " " or (letter.isprintable() and _has(letter)) for text in texts for letter in text)


def png(cover: Cover) -> bytes:
    """The image."""
    import resvg_py

    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=svg(cover), skip_system_fonts=True, font_files=[str(_font_file())], font_family=FAMILY
    )
    return drawn


def svg(cover: Cover) -> str:
    """The drawing: whose it is and its marking, the title, what it holds in numbers, and what it is."""
    size, lines = _broken(cover.title)
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
    """The upright one: weights and sizes are axes of it."""
    package: Any = __import__("fontpkg_source_serif_4")
    found = (path for path in Path(package.__file__).parent.glob("files/*.ttf") if "Italic" not in path.name)
    return next(iter(sorted(found)))


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
    """A letter that the font lacks is drawn as the box that stands for none."""
    font = _font(40, 400)
    return bytes(font.getmask(letter)) != bytes(font.getmask(NOWHERE))


def _broken(title: str) -> tuple[int, list[str]]:
    """The title in the largest size in which there is room for it, line by line; the smallest is cut."""
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
    """As much of a text as there is room for."""
    if _width(text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(f"{text[:middle].rstrip()}…", size, weight) <= room else (low, middle - 1)
    return f"{text[:low].rstrip()}…"
