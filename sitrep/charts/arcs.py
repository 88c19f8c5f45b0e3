"""An arc diagram of ties: names in a column, and arcs beside them with arrows in the direction of the tie.

The layout is the order of the names alone, so it is stable and fits a phone.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from sitrep.charts.lettering import clean, link_group, number, svg_chart, tag, truncate, width, wrap
from sitrep.views.pages import EMPTY, Html, View

LEADING, SMALL_LEADING, SIZE, SMALL = 16.0, 14.0, 13.0, 11.5
GAP = 10.0
WIDEST = 210.0
"""Maximum width of a name and of the lines under it, in units of 1/16 rem: with the arcs it fits a phone."""
DEEP = 92.0
"""The depth of the space for arcs."""
MOST = 60


class ArcNode(View, frozen=True, kw_only=True):
    """An actor or source. `aside`: lines under the name."""

    id: str
    text: str
    href: str = ""
    aside: tuple[str, ...] = ()
    centre: bool = False


class Arc(View, frozen=True, kw_only=True):
    """A tie between two nodes, from `start` to `end`; with `both` it has no direction and no arrow."""

    start: str
    end: str
    tooltip: str
    manner: str = "declared"
    """The evidence of the tie: declared, events or named."""
    both: bool = False


def draw(nodes: Sequence[ArcNode], arcs: Sequence[Arc], title: str, description: str, ident: str) -> Html:
    """The ties as SVG; empty without ties. Names keep their order."""
    shown = nodes[:MOST]
    known = {node.id for node in shown}
    drawn = [arc for arc in arcs if arc.start in known and arc.end in known and arc.start != arc.end]
    if len(shown) < 2 or not drawn:
        return EMPTY
    place: dict[str, float] = {}
    top = GAP
    letters: list[Markup] = []
    widest = 0.0
    for node in shown:
        name = wrap(clean(node.text), WIDEST, SIZE, node.centre)
        asides = [truncate(clean(aside), WIDEST, SMALL) for aside in node.aside]
        y = place[node.id] = top + SIZE / 2 + 1
        texts = [
            tag("text", line, x=DEEP + 12, y=y + 4.5 + n * LEADING, class_="group" if node.centre else None)
            for n, line in enumerate(name)
        ]
        below = y + 4.5 + (len(name) - 1) * LEADING
        texts += [
            tag("text", aside, x=DEEP + 12, y=below + (n + 1) * SMALL_LEADING, class_="aside")
            for n, aside in enumerate(asides)
        ]
        letters.append(link_group(node.href, Markup().join(texts)))
        widest = max(
            [widest, *(width(line, SIZE, node.centre) for line in name), *(width(aside, SMALL) for aside in asides)]
        )
        top = below + len(asides) * SMALL_LEADING + GAP
    longest = max(abs(place[arc.start] - place[arc.end]) for arc in drawn)
    drawn.sort(key=lambda arc: -abs(place[arc.start] - place[arc.end]))
    curves = [_arc(arc, place, longest) for arc in drawn]
    dots = [tag("circle", cx=DEEP, cy=y, r=3.2, class_="end") for y in place.values()]
    across = DEEP + 12 + widest + 4
    inside = Markup().join([*curves, *dots, *letters])
    return svg_chart(inside, ident, title, description, size=(across, top), kind="arcs")


def _arc(arc: Arc, place: dict[str, float], longest: float) -> Markup:
    """An arc that bulges to the left, the deeper the longer it is, with an arrowhead at its end."""
    start, end = place[arc.start], place[arc.end]
    length = abs(end - start)
    deep = min(12 + (DEEP - 18) * (length / longest) ** 0.75, DEEP - 6)
    # A cubic with handles at 4/3 of its depth reaches exactly that depth.
    handle = number(DEEP - deep * 4 / 3)
    bend = (end - start) * 0.12
    foot, bent = f"{number(DEEP)} {number(end)}", f"{handle} {number(end - bend)}"
    d = f"M{number(DEEP)} {number(start)}C{handle} {number(start + bend)} {bent} {foot}"
    parts = [tag("title", clean(arc.tooltip)), tag("path", d=d, class_=f"way {arc.manner}")]
    if not arc.both:
        # The tangent at the end runs along the last handle.
        dx, dy = deep * 4 / 3, (end - start) * 0.12
        length = (dx * dx + dy * dy) ** 0.5
        ux, uy = dx / length, dy / length
        tip = (DEEP - 4 * ux, end - 4 * uy)
        left = (tip[0] - 8 * ux - 3.6 * uy, tip[1] - 8 * uy + 3.6 * ux)
        right = (tip[0] - 8 * ux + 3.6 * uy, tip[1] - 8 * uy - 3.6 * ux)
        points = " ".join(f"{number(x)},{number(y)}" for x, y in (tip, left, right))
        parts.append(tag("polygon", points=points, class_=f"arrow {arc.manner}"))
    return tag("g", *parts, class_="arc")
