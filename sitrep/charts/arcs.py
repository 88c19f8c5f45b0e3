"""Ties drawn as arcs: names under each other, and arcs with arrows beside them, the direction of what they say.

Nothing needs to be laid out but the order of the names, so that the picture is the same every time, and on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from sitrep.charts.lettering import clean, cut, framed, lines, linked, number, tag, width
from sitrep.views.pages import EMPTY, Html, View

LEADING, SMALL_LEADING, SIZE, SMALL = 16.0, 14.0, 13.0, 11.5
GAP = 10.0
WIDEST = 210.0
"""Of a name and of what is said under it, in units of which 16 are a rem: with the arcs it fits a phone."""
DEEP = 92.0
"""How far the widest arc reaches."""
MOST = 60


class ArcNode(View, frozen=True, kw_only=True):
    """Somebody. `aside`: what is said under the name, a line each."""

    id: str
    text: str
    href: str = ""
    aside: tuple[str, ...] = ()
    centre: bool = False


class Arc(View, frozen=True, kw_only=True):
    """A tie between two nodes, from `start` to `end`. Without a direction (`both`) it has no arrow."""

    start: str
    end: str
    told: str
    manner: str = "declared"
    """declared, events or named: how it is known."""
    both: bool = False


def draw(nodes: Sequence[ArcNode], arcs: Sequence[Arc], title: str, description: str, ident: str) -> Html:
    """The ties as SVG; nothing where there are none. Names stand in the order they are given in."""
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
        name = lines(clean(node.text), WIDEST, SIZE, node.centre)
        asides = [cut(clean(aside), WIDEST, SMALL) for aside in node.aside]
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
        letters.append(linked(node.href, Markup().join(texts)))
        widest = max(
            [widest, *(width(line, SIZE, node.centre) for line in name), *(width(aside, SMALL) for aside in asides)]
        )
        top = below + len(asides) * SMALL_LEADING + GAP
    down = top
    longest = max(abs(place[arc.start] - place[arc.end]) for arc in drawn)
    ways = [_arc(arc, place, longest) for arc in sorted(drawn, key=lambda arc: -abs(place[arc.start] - place[arc.end]))]
    dots = [tag("circle", cx=DEEP, cy=y, r=3.2, class_="end") for y in place.values()]
    across = DEEP + 12 + widest + 4
    return framed(Markup().join([*ways, *dots, *letters]), ident, title, description, size=(across, down), kind="arcs")


def _arc(arc: Arc, place: dict[str, float], longest: float) -> Markup:
    """An arc bulging to the left; its depth grows with its length. The arrow stands at the end it points to."""
    start, end = place[arc.start], place[arc.end]
    length = abs(end - start)
    deep = min(12 + (DEEP - 18) * (length / longest) ** 0.75, DEEP - 6)
    # A cubic whose handles lie at 4/3 of its depth reaches just that deep.
    handle = number(DEEP - deep * 4 / 3)
    bend = (end - start) * 0.12
    foot, bent = f"{number(DEEP)} {number(end)}", f"{handle} {number(end - bend)}"
    d = f"M{number(DEEP)} {number(start)}C{handle} {number(start + bend)} {bent} {foot}"
    parts = [tag("title", clean(arc.told)), tag("path", d=d, class_=f"way {arc.manner}")]
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
