"""An adjacency matrix of ties: rows and columns in the same order, so that communities form blocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import ceil

from markupsafe import Markup

from sitrep.charts.lettering import clean, link_group, number, svg_chart, tag, truncate, width
from sitrep.views.pages import EMPTY, Html, View

CELL = 14.0
MOST = 48
WIDEST = 170.0
SIZE = 12.0


class Name(View, frozen=True, kw_only=True):
    """A row and column. `group`: its community, whose members are consecutive."""

    id: str
    text: str
    href: str = ""
    group: int = 0


class Cell(View, frozen=True, kw_only=True):
    """Row `start`, column `end`. `weight`: articles that name both. `declared`: the declared tie from row to column."""

    start: str
    end: str
    weight: int = 0
    declared: str = ""


def draw(names: Sequence[Name], cells: Sequence[Cell], title: str, description: str, ident: str) -> Html:
    """The matrix as SVG; empty for fewer than three names."""
    shown = names[:MOST]
    if len(shown) < 3 or not cells:
        return EMPTY
    place = {name.id: n for n, name in enumerate(shown)}
    labels = [truncate(clean(name.text), WIDEST, SIZE) for name in shown]
    left = float(ceil(max(width(label, SIZE) for label in labels)) + 34)
    top = 22.0
    side = CELL * len(shown)
    parts = [tag("rect", x=left, y=top, width=side, height=side, class_="room")]
    cell = number(CELL)
    diagonal = f"m{cell} {cell}".join([f"h{cell}v{cell}h-{cell}z"] * len(shown))
    parts.append(tag("path", d=f"M{number(left)} {number(top)}{diagonal}", class_="self"))
    for n, (name, label) in enumerate(zip(shown, labels, strict=True)):
        y = top + n * CELL
        inside = tag("text", label, x=left - 28, y=y + CELL - 3.2, text_anchor="end")
        parts.append(link_group(name.href, inside))
        parts.append(tag("text", str(n + 1), x=left - 5, y=y + CELL - 3.2, text_anchor="end", class_="aside"))
        parts.append(
            tag("text", str(n + 1), x=left + n * CELL + CELL / 2, y=top - 6, text_anchor="middle", class_="aside")
        )
    most = max((cell.weight for cell in cells), default=1) or 1
    squares: dict[int, list[str]] = {}
    frames: list[Markup] = []
    for square in cells:
        if square.start not in place or square.end not in place:
            continue
        row, column = place[square.start], place[square.end]
        x, y = left + column * CELL, top + row * CELL
        if square.weight:
            size = max(3, round((CELL - 4) * (square.weight / most) ** 0.5))
            squares.setdefault(size, []).append(f"M{number(x + CELL / 2)} {number(y + CELL / 2)}h0")
        if square.declared:
            title_tag = tag("title", f"{clean(shown[row].text)}: {clean(square.declared)} {clean(shown[column].text)}")
            frames.append(
                tag("g", title_tag, tag("rect", x=x + 1.5, y=y + 1.5, width=CELL - 3, height=CELL - 3), class_="tie")
            )
    # A square is a line of no length with square ends: its area grows with the number of articles.
    parts += [
        tag("path", d="".join(moves), stroke_width=size, class_="named") for size, moves in sorted(squares.items())
    ]
    parts += frames
    sizes: dict[int, int] = {}
    for name in shown:
        sizes[name.group] = sizes.get(name.group, 0) + 1
    ends = [0, *accumulate(sizes.values())]
    for start, end in pairwise(ends):
        if end - start > 1:
            size = (end - start) * CELL
            parts.append(
                tag("rect", x=left + start * CELL, y=top + start * CELL, width=size, height=size, class_="group")
            )
    across, down = left + side + 2, top + side + 2
    return svg_chart(Markup().join(parts), ident, title, description, size=(across, down), kind="matrix")
