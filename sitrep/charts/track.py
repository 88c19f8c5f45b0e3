"""Numbers over time: the figures that statements give, by the date of the statement.

No line joins the points, since they are statements, not measurements. The form of a mark shows how exact a number is.
Positions along the date axis are percentages of the width, so that the chart fits a phone at full text size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite
from typing import Literal, NamedTuple

import msgspec
from markupsafe import Markup

from sitrep.charts.lettering import (
    SIGNS,
    clean,
    link_group,
    number,
    percent,
    stance_class,
    svg_chart,
    tag,
    truncate,
    width,
)
from sitrep.charts.scale import dates, day, figure, ticks
from sitrep.i18n.words import Words
from sitrep.views.pages import EMPTY, Html, View

Form = Literal["exact", "at least", "at most", "about", "range"]
FORMS: tuple[Form, ...] = ("exact", "at least", "at most", "about", "range")
_KEYS = {form: form.replace(" ", "_") for form in FORMS}

MOST = 120
"""Marks in one chart."""
LABELLED = 40
"""Marks that may be labelled with their number, if there is room."""
NARROW, BROAD = 312.0, 660.0
"""The widths, in units of 1/13 em, between which labels do not overlap."""
EM, SMALL = 13.0, 11.5
TOP, FLOOR, HALF = 44.0, 226.0, 5.0
RIGHT = 95.0
SHIFT = 10.0
SHIFTS = (0, *(n * side for n in range(1, 9) for side in (1, -1)))


class Point(View, frozen=True, kw_only=True):
    """One number in a statement."""

    earliest: str
    """The first ISO day that its date may mean; 0000-00-00 if the start is open."""
    latest: str
    date: str
    """The date as written."""
    form: Form
    low: float
    high: float
    value: str = ""
    """The number as written, if it differs from its form and bounds."""
    href: str = ""
    by: str = ""
    article: str = ""
    outlet: str = ""
    stance: str = "asserts"
    flags: tuple[str, ...] = ()
    """Doubts about the number, in words."""


class _PlacedPoint(msgspec.Struct):
    """A point with its position: x, start and end in percent of the width; heights and the sideways shift in units."""

    point: Point
    x: float
    start: float
    end: float
    low: float
    high: float
    shift: float = 0

    @property
    def y(self) -> float:
        return self.high if self.point.form == "range" else self.low


class _Area(NamedTuple):
    """A rectangle around an x in percent of the width; `left` and `right` are offsets from it in units."""

    x: float
    left: float
    right: float
    top: float
    bottom: float

    def clear_of(self, other: _Area) -> bool:
        """Whether the two do not overlap at any width from NARROW to BROAD."""
        if self.bottom <= other.top or other.bottom <= self.top:
            return True
        spans = [(a.x * w / 100 + a.left, a.x * w / 100 + a.right) for w in (NARROW, BROAD) for a in (self, other)]
        (a1, a2), (b1, b2), (c1, c2), (d1, d2) = spans
        return (a2 <= b1 and c2 <= d1) or (b2 <= a1 and d2 <= c1)

    @property
    def inside(self) -> bool:
        return all(self.x * w / 100 + self.left >= 0 and self.x * w / 100 + self.right <= w for w in (NARROW, BROAD))


def draw(points: Sequence[Point], measure: str, ident: str, say: Words, *, description: str = "") -> Html:
    """The numbers as SVG; empty for fewer than two, which a line of text shows better.

    Ids begin with `ident`, which is unique on the page.
    """
    usable = [point for point in points if _bounds(point) and _days(point)]
    usable.sort(key=lambda point: _days(point) or (0, 0))
    if len(usable) < 2:
        return EMPTY
    drawn = _thinned(usable)
    scale = ticks(*_extent(drawn))
    left = _axis_start(scale, say)
    marks = _place(drawn, scale, left)
    parts = [*_value_axis(scale, say), *_date_axis(drawn, left, say)]
    parts += [extent for mark in marks for extent in _date_span(mark)]
    labels = _labels(marks, [_Area(0, 0, *_figure_area(value, scale, say)) for value in scale], say)
    for x, group in groupby(enumerate(marks), key=lambda item: item[1].x):
        parts.append(_placed_at(x, *(_mark(mark, labels.get(n), say) for n, mark in group)))
    legend, bottom = _legend(marks, say, len(usable))
    description = " ".join(filter(None, (clean(description), _summary(usable, say))))
    return svg_chart(Markup().join([*parts, *legend]), ident, measure, description, height=_em(bottom), kind="track")


# -- selection --------------------------------------------------------------------------------------------------------


def _bounds(point: Point) -> tuple[float, float] | None:
    """The lowest and highest value to draw, without open ends; None if it is not a finite number."""
    low, high = point.low, point.high
    if point.form == "at most":
        low = high
    elif point.form != "range":
        high = low
    fits = isfinite(low) and isfinite(high) and max(abs(low), abs(high)) < 1e300
    return (min(low, high), max(low, high)) if fits else None


def _days(point: Point) -> tuple[int, int] | None:
    """The first and last day of its date; an open end is replaced by the other end."""
    first, last = day(point.earliest), day(point.latest)
    first, last = first if first is not None else last, last if last is not None else first
    return (min(first, last), max(first, last)) if first is not None and last is not None else None


def _extent(points: Sequence[Point]) -> tuple[float, float]:
    bounds = [bound for point in points for bound in _bounds(point) or ()]
    return min(bounds), max(bounds)


def _thinned(points: list[Point]) -> list[Point]:
    """At most MOST points: the first, the last, the extremes, and an even selection of the rest."""
    if len(points) <= MOST:
        return points
    order = sorted(range(len(points)), key=lambda n: (_bounds(points[n]) or (0, 0), n))
    selected = {0, len(points) - 1, order[0], order[-1]}
    selected |= {n * len(points) // (MOST - 4) for n in range(MOST - 4)}
    return [point for n, point in enumerate(points) if n in selected]


def _summary(points: Sequence[Point], say: Words) -> str:
    first, last = points[0], points[-1]
    return f"{_value_text(first, say)} ({clean(first.date)}) … {_value_text(last, say)} ({clean(last.date)})."


def _value_text(point: Point, say: Words) -> str:
    """A number in words: 1,500; 3,000+; up to 500; about 10,000; 10,000–12,000."""
    if point.value:
        return clean(point.value)
    low, high = _bounds(point) or (0, 0)
    if point.form == "range" and low < high:
        return f"{figure(low, say)}–{figure(high, say)}"
    if point.form in ("exact", "range"):
        return figure(low, say)
    return say(f"track.{_KEYS[point.form]}", number=figure(low, say))


# -- axes -------------------------------------------------------------------------------------------------------------


def _em(units: float) -> str:
    return f"{number(units / EM)}em"


def _axis_start(scale: tuple[float, ...], say: Words) -> float:
    """The start of the date axis in percent, after the figures of the value axis at the minimum width."""
    room = max(width(figure(value, say), SMALL) for value in scale) + 16
    return min(room / NARROW * 100, 40)


def _height(value: float, scale: tuple[float, ...]) -> float:
    return FLOOR - (value - scale[0]) / (scale[-1] - scale[0]) * (FLOOR - TOP)


def _placed_at(x: float, *inside: Markup) -> Markup:
    """Shapes in units, placed at a percentage of the width."""
    return tag(
        "svg",
        *inside,
        x=percent(x),
        width="1em",
        height="1em",
        viewBox=f"0 0 {number(EM)} {number(EM)}",
    )


def _value_axis(scale: tuple[float, ...], say: Words) -> Iterator[Markup]:
    for value in scale:
        y = _height(value, scale)
        yield tag(
            "line", x1=0, x2="100%", y1=_em(y), y2=_em(y), class_="rule" if value else "rule base", stroke_width=1
        )
    figures = ((figure(value, say), _height(value, scale)) for value in scale)
    yield _placed_at(0, *(tag("text", text, y=y - 4, class_="aside") for text, y in figures))


def _figure_area(value: float, scale: tuple[float, ...], say: Words) -> tuple[float, float, float]:
    """The right, top and bottom of a figure on the value axis."""
    y = _height(value, scale)
    return width(figure(value, say), SMALL) + 4, y - 15, y


def _span(points: Sequence[Point]) -> tuple[int, int]:
    days = [edge for point in points for edge in _days(point) or ()]
    return min(days), max(days)


def _share(at: float, span: tuple[int, int], left: float) -> float:
    first, last = span
    return left + (RIGHT - left) * ((at - first) / (last - first) if last > first else 0.5)


def _date_axis(points: Sequence[Point], left: float, say: Words) -> Iterator[Markup]:
    span = _span(points)
    room = (RIGHT - left) / 100 * NARROW
    for tick in dates(*span, say, most=max(2, min(5, int(room // 46)))):
        stroke = tag("path", d=f"M0 {number(FLOOR)}v5", class_="rule base")
        text = tag("text", clean(tick.text), x=0, y=FLOOR + 18, class_="aside", text_anchor="middle")
        year = [tag("text", tick.year, x=0, y=FLOOR + 32, class_="aside", text_anchor="middle")] if tick.year else []
        yield _placed_at(_share(tick.day, span, left), stroke, text, *year)


# -- marks ------------------------------------------------------------------------------------------------------------


def _place(points: Sequence[Point], scale: tuple[float, ...], left: float) -> list[_PlacedPoint]:
    """The position of each mark; marks of one day at one height are side by side, around the first if there is room."""
    span = _span(points)
    marks = []
    together: dict[tuple[float, int], int] = {}
    for point in points:
        low, high = _bounds(point) or (0, 0)
        first, last = _days(point) or span
        x = _share((first + last) / 2, span, left)
        mark = _PlacedPoint(
            point,
            x,
            _share(first, span, left),
            _share(last, span, left),
            _height(low, scale),
            _height(high, scale),
        )
        if point.form == "about":
            mark.high = mark.low
        here = (round(x, 1), round(mark.y / 9))
        shifts = [
            n * SHIFT for n in SHIFTS if abs(mark.x - 50) / 100 * NARROW + n * SHIFT * _side(x) < NARROW / 2 - HALF
        ]
        mark.shift = shifts[min(together.get(here, 0), len(shifts) - 1)]
        together[here] = together.get(here, 0) + 1
        marks.append(mark)
    return marks


def _side(x: float) -> int:
    return 1 if x >= 50 else -1


def _date_span(mark: _PlacedPoint) -> Iterator[Markup]:
    """A line over the days of a date that is not a single day; dashed if an end is open."""
    point = mark.point
    closed = day(point.earliest) is not None and day(point.latest) is not None
    if mark.end > mark.start or not closed:
        y = _em((mark.low + mark.high) / 2)
        start = mark.start if day(point.earliest) is not None else max(mark.start - 6, 0)
        end = mark.end if day(point.latest) is not None else min(mark.end + 5, 100)
        kind = f"span {stance_class(point.stance)}" + ("" if closed else " open")
        yield tag("line", x1=percent(start), x2=percent(end), y1=y, y2=y, class_=kind)


def _glyph(form: Form, low: float, high: float, x: float = 0) -> Iterator[Markup]:
    """The shape of a mark: a dot, a dot with an arrow up or down, a ring, or a bar between two ends."""
    if form == "range":
        left, right, up, down = number(x - 4), number(x + 4), number(high), number(low)
        yield tag("path", d=f"M{left} {up}H{right}M{left} {down}H{right}M{number(x)} {up}V{down}", class_="stroke")
        return
    if form in ("at least", "at most"):
        to = -1 if form == "at least" else 1
        tip = low + 17 * to
        yield tag(
            "path",
            d=f"M{number(x)} {number(low)}V{number(tip)}M{number(x - 4)} {number(tip - 5 * to)}"
            f"L{number(x)} {number(tip)}L{number(x + 4)} {number(tip - 5 * to)}",
            class_="stroke",
        )
    yield tag("circle", cx=x, cy=low, r=4 if form == "about" else 3.5, class_="ring" if form == "about" else "dot")


def _mark(mark: _PlacedPoint, label: Markup | None, say: Words) -> Markup:
    point, x = mark.point, mark.shift
    parts = [tag("title", _tooltip(point, say)), *_glyph(point.form, mark.low, mark.high, x)]
    if point.stance == "denies":
        y = (mark.low + mark.high) / 2
        parts.append(tag("path", d=f"M{number(x - 6)} {number(y + 6)}l12 -12", class_="stroke"))
    if label:
        parts.append(label)
    return tag("g", link_group(point.href, Markup().join(parts)), class_=f"mark {stance_class(point.stance)}")


def _tooltip(point: Point, say: Words) -> str:
    text = _value_text(point, say)
    if point.stance != "asserts":
        text = say("track.told", stance=say.term("stance", point.stance), number=text)
    parts = (text, point.by, point.date, point.article, point.outlet, *point.flags)
    return " · ".join(filter(None, map(clean, parts)))


# -- labels -----------------------------------------------------------------------------------------------------------


def _mark_area(mark: _PlacedPoint) -> _Area:
    """The area of a mark."""
    top, bottom = min(mark.low, mark.high), max(mark.low, mark.high)
    top -= {"at least": 18}.get(mark.point.form, HALF)
    bottom += {"at most": 18}.get(mark.point.form, HALF)
    return _Area(mark.x, mark.shift - HALF, mark.shift + HALF, top, bottom)


def _labels(marks: Sequence[_PlacedPoint], taken: list[_Area], say: Words) -> dict[int, Markup]:
    """The labels of marks, by index, where there is room; the last, the first and the highest take precedence."""
    taken = [*taken, *map(_mark_area, marks)]
    taken += [
        _Area(mark.start, 0, (mark.end - mark.start) * BROAD / 100, mark.low - 2, mark.low + 2)
        for mark in marks
        if mark.end > mark.start
    ]
    same: dict[tuple[float, str, str], list[int]] = {}
    for n, mark in enumerate(marks):
        same.setdefault((round(mark.x, 2), _value_text(mark.point, say), mark.point.stance), []).append(n)
    highest = min(range(len(marks)), key=lambda n: (marks[n].high, n))
    ranked = sorted(same.values(), key=lambda ns: (len(marks) - 1 not in ns, 0 not in ns, highest not in ns, ns))
    labels: dict[int, Markup] = {}
    for ns in ranked[:LABELLED]:
        first = marks[ns[0]]
        sign = SIGNS.get(first.point.stance, "")
        value = " ".join(
            filter(None, (sign, _value_text(first.point, say), "†" * any(marks[n].point.flags for n in ns)))
        )
        for aside in _asides([marks[n].point for n in ns], say):
            spot = _free_spot(
                marks, ns, width(value, 12.5, bold=True) + (5 + width(aside, SMALL) if aside else 0), taken
            )
            if spot:
                area, x, y, anchor = spot
                taken.append(area)
                rest = [tag("tspan", f"\u00a0{aside}", class_="aside")] if aside else []
                labels[ns[0]] = tag("text", value, *rest, x=x, y=y, text_anchor=anchor, class_="value")
                break
    return labels


def _asides(points: Sequence[Point], say: Words) -> Iterator[str]:
    """What may follow a number, the longest first: the speaker and how many more; how many statements; nothing."""
    speakers = list(dict.fromkeys(filter(None, (clean(point.by) for point in points))))
    if speakers:
        first = truncate(speakers[0], 150, SMALL)
        yield (first if len(speakers) == 1 else say("track.more", name=first, n=len(speakers) - 1))
    yield f"×{len(points)}" if len(points) > 1 else ""


def _free_spot(
    marks: Sequence[_PlacedPoint], ns: list[int], across: float, taken: Sequence[_Area]
) -> tuple[_Area, float, float, str | None] | None:
    """A free place for a label of this width, if any: right or left of its marks, above or below them."""
    bodies = [_mark_area(marks[n]) for n in ns]
    x, y = bodies[0].x, marks[ns[0]].y
    left, right = min(body.left for body in bodies) - 4, max(body.right for body in bodies) + 4
    top, bottom = min(body.top for body in bodies), max(body.bottom for body in bodies)
    spots: tuple[tuple[float, float, float, str | None], ...] = (
        (right, right + across, y + 4.5, None),
        (left - across, left, y + 4.5, "end"),
        (-across / 2, across / 2, top - 4, "middle"),
        (left + 4, left + 4 + across, top - 4, None),
        (right - 4 - across, right - 4, top - 4, "end"),
        (-across / 2, across / 2, bottom + 12, "middle"),
        (left + 4, left + 4 + across, bottom + 12, None),
        (right - 4 - across, right - 4, bottom + 12, "end"),
    )
    for start, end, base, anchor in spots:
        area = _Area(x, start, end, base - 11, base + 3.5)
        if area.inside and area.top >= 0 and area.bottom < FLOOR and all(map(area.clear_of, taken)):
            return area, {None: start, "end": end, "middle": (start + end) / 2}[anchor], base, anchor
    return None


def _legend(marks: Sequence[_PlacedPoint], say: Words, count: int) -> tuple[list[Markup], float]:
    """The legend of the kinds of marks in use, and the height of the whole chart."""
    present = {mark.point.form for mark in marks}
    items: list[tuple[Markup, str]] = []
    if present != {"exact"}:
        for form in FORMS:
            if form in present:
                low, high = {"at least": (6, 6), "at most": (-6, -6), "range": (7, -7)}.get(form, (0, 0))
                items.append((tag("g", *_glyph(form, low, high), class_="mark"), say(f"track.form_{_KEYS[form]}")))
    if any(mark.end > mark.start for mark in marks):
        items.append((tag("path", d="M-10 0H10", class_="span"), say("track.when")))
    if any(mark.point.flags for mark in marks):
        items.append((tag("text", "†", y=4, text_anchor="middle"), say("track.flagged")))
    parts = []
    x, y = 0.0, FLOOR + 58
    for sign, text in items:
        across = 26 + width(text, SMALL)
        if x and x + across > NARROW:
            x, y = 0.0, y + 22
        parts.append(tag("g", sign, transform=f"translate({number(x + 10)} {number(y - 4)})"))
        parts.append(tag("text", text, x=x + 24, y=y, class_="aside"))
        x += across + 16
    bottom = y + 10 if items else FLOOR + 38
    if len(marks) < count:
        bottom += 20
        left = say("track.left", drawn=len(marks), all=count)
        parts.append(tag("text", left, x=0, y=bottom - 8, class_="aside"))
    return [_placed_at(0, *parts)] if parts else [], bottom
