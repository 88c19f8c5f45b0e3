"""Time drawn in the rows of a table: an axis above, and in each row a strip with what happened when.

A day is a dot; what is known no more exactly is a bar from the first day it may mean to the last; an approximate date
fades at its ends, an open one at the end that is open. Places along a strip are shares of its width, whatever that is,
so that it fits a phone without growing small, and that a script can move and stretch it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

from sitrep.charts.lettering import clean, framed, linked, manner, number, tag, width
from sitrep.charts.scale import dates, day
from sitrep.i18n.words import Words
from sitrep.views.pages import EMPTY, Html, View

Phase = Literal["", "occurred", "alleged", "planned"]

EDGE = 3.0
"""Percent of the width that are left free at each end."""
SMALL = 11.5
WIDTH = 0.9
"""Percent: the least width of a bar."""
HALO = 2.2
"""Percent by which an approximate day fades to both sides."""
MOST = 40
"""Marks in one strip; of more, a stroke for each says as much."""
TICKS = 6
PAGE, COLUMN, CELL = 300.0, 200.0, 140.0
"""Pixels that a strip has at least: across a page, in the column of a thing's page, in a table of its own."""


class Mark(View, frozen=True, kw_only=True):
    """Something with a date. Days are ISO, `0000-00-00` and `9999-99-99` for open ends."""

    earliest: str
    latest: str
    approximate: bool = False
    uncertain: bool = False
    phase: Phase = ""
    stance: str = ""


class Span(NamedTuple):
    """The days that a table of strips covers."""

    first: int
    last: int

    def share(self, at: float) -> float:
        """Where a day stands, in percent of the width."""
        if self.last == self.first:
            return 50.0
        return EDGE + (100 - 2 * EDGE) * (at - self.first) / (self.last - self.first)


def span(marks: Iterable[Mark]) -> Span | None:
    """The days that marks cover, from the first to the last; None where none has a date."""
    days = [edge for mark in marks for edge in (day(mark.earliest), day(mark.latest)) if edge is not None]
    return Span(min(days), max(days)) if days else None


def axis(
    over: Span,
    title: str,
    description: str,
    ident: str,
    say: Words,
    least: float = PAGE,
    marks: Sequence[Mark] | None = None,
) -> Html:
    """The dates above the strips, with what all strips of the table use. Ids begin with `ident`.

    What is written keeps clear of what is beside it where the strip has the `least` of widths. `marks`: all that the
    strips will have; without them, whatever they may have is made ready.
    """
    ticks = dates(over.first, over.last, say, TICKS) if over.last > over.first else ()
    if len(ticks) < 2 and over.last > over.first:  # the ends say more than one day between them
        ticks = dates(over.first, over.last, say, 12)
    if not ticks:
        ticks = dates(over.first, over.first, say, 1)
    grid = [
        tag("line", x1=_percent(over.share(tick.day)), x2=_percent(over.share(tick.day)), y1=0, y2="100%")
        for tick in ticks
    ]
    labels = []
    free = 0.0
    for tick in ticks:
        text = " ".join(filter(None, (clean(tick.text), tick.year)))
        at, across = over.share(tick.day) / 100 * least, width(text, SMALL)
        side = "end" if at + across / 2 > least else "middle" if at >= across / 2 else None
        left = at - {"end": across, "middle": across / 2, None: 0.0}[side]
        if left >= free:
            labels.append(tag("text", text, x=_percent(over.share(tick.day)), y="1em", text_anchor=side))
            free = left + across + 8
    stops = {
        "both": ((0, 0), (0.3, 1), (0.7, 1), (1, 0)),
        "start": ((0, 0), (0.5, 1), (1, 1)),
        "end": ((0, 1), (0.5, 1), (1, 0)),
    }
    fading = set(stops) if marks is None else {_fades(mark) for mark in marks}
    fades = [
        tag(
            "linearGradient",
            *(tag("stop", offset=at, stop_color="currentcolor", stop_opacity=shown) for at, shown in found),
            id=f"{ident}-{name}",
        )
        for name, found in stops.items()
        if name in fading
    ]
    dot = tag("circle", cy="50%", r=4, id=f"{ident}-dot")
    defs = tag("defs", *fades, dot, tag("g", *grid, id=f"{ident}-grid", class_="grid"))
    inside = Markup().join([defs, tag("svg", *labels)])
    return framed(inside, ident, title, description, height="1.3em", kind="axis")


def strip(marks: Sequence[Mark], over: Span, ident: str, grid: bool = True) -> Html:
    """One row's drawing. `ident`: of the axis above, whose lines it repeats with `grid`."""
    if len(marks) > MOST:
        days: dict[str, list[int]] = {}
        for mark in marks:
            if (at := day(mark.earliest) or day(mark.latest)) is not None:
                days.setdefault(mark.stance, []).append(at)
        return ticks(days, over, ident)
    alike: dict[str, list[Markup]] = {}
    for mark in marks:
        if found := tuple(_drawn(mark, over, ident)):
            alike.setdefault(_manner(mark), []).extend(found)
    if not alike:
        return EMPTY
    drawn = [tag("g", *found, class_=named) if named else Markup().join(found) for named, found in alike.items()]
    lines = (tag("use", href=f"#{ident}-grid"),) if grid else ()
    return tag("svg", *lines, *drawn)


def _percent(share: float) -> str:
    return f"{number(share)}%"


def _drawn(mark: Mark, over: Span, ident: str) -> Iterator[Markup]:
    first, last = day(mark.earliest), day(mark.latest)
    if first is None and last is None:
        return
    start = over.share(first) if first is not None else 0.0
    end = over.share(last) if last is not None else 100.0
    if first is None or last is None:
        fade = "start" if first is None else "end"
        yield _bar(start, end, fill=f"url(#{ident}-{fade})", class_="fades")
        yield _dot(end if first is None else start, ident)
    elif mark.approximate:
        wide = max(HALO, (end - start) * 0.2)
        yield _bar(start - wide, end + wide, fill=f"url(#{ident}-both)", class_="fades")
    elif last > first:
        middle, half = (start + end) / 2, max(end - start, WIDTH) / 2
        yield _bar(middle - half, middle + half)
    else:
        yield _dot(start, ident)


def _fades(mark: Mark) -> str:
    """Where a mark's bar fades: at its start, its end, both, or nowhere."""
    if day(mark.earliest) is None:
        return "start"
    return "end" if day(mark.latest) is None else "both" if mark.approximate else ""


def _manner(mark: Mark) -> str:
    """The classes of a mark; what occurred, and what asserts, needs none."""
    stance = manner(mark.stance) if mark.stance else ""
    kind = stance if stance not in ("", "asserts") else mark.phase if mark.phase != "occurred" else ""
    return " ".join(filter(None, (kind, "unsure" * mark.uncertain)))


def _bar(start: float, end: float, **more: str) -> Markup:
    left, right = max(start, 0.0), min(end, 100.0)
    return tag("rect", x=_percent(left), width=_percent(right - left), y="32%", height="36%", **more)


def _dot(at: float, ident: str) -> Markup:
    return tag("use", href=f"#{ident}-dot", x=_percent(at))


def ticks(days: Mapping[str, Sequence[int]], over: Span, ident: str) -> Html:
    """A row's drawing of many days: a stroke for each, those of one stance in its manner."""
    paths = []
    for stance, found in days.items():
        places = sorted({round(over.share(at) * 10) for at in found})
        d = "".join([f"M{place} 0v1" for place in places])
        paths.append(tag("path", d=d, vector_effect="non-scaling-stroke", class_=manner(stance)))
    many = tag("svg", *paths, viewBox="0 0 1000 1", preserveAspectRatio="none", class_="ticks")
    return tag("svg", tag("use", href=f"#{ident}-grid"), many)


# -- small multiples --------------------------------------------------------------------------------------------------

BINS = 30
STEP, HIGH = 3, 19


def spark(days: Sequence[int], over: Span, most: int) -> Html:
    """How many of these days fall into each thirtieth of a span, as strokes; `most` is what reaches the top.

    The same span and the same `most` for all, so that one may be compared with another.
    """
    counts = [0] * BINS
    length = over.last - over.first + 1
    for at in days:
        counts[min((at - over.first) * BINS // length, BINS - 1)] += 1
    strokes = [
        f"M{n * STEP + 1} {HIGH}v-{max(2, round(count / max(most, 1) * (HIGH - 1)))}"
        for n, count in enumerate(counts)
        if count
    ]
    base = f"M0 {HIGH}.5h{BINS * STEP}"
    return tag(
        "svg",
        tag("path", d=base, class_="base"),
        tag("path", d="".join(strokes)),
        class_="spark",
        viewBox=f"0 0 {BINS * STEP} {HIGH + 1}",
    )


def busiest(all_days: Iterable[Sequence[int]], over: Span) -> int:
    """The most that any of them has in one thirtieth of the span."""
    length = over.last - over.first + 1
    most = 0
    for days in all_days:
        counts: dict[int, int] = {}
        for at in days:
            place = min((at - over.first) * BINS // length, BINS - 1)
            counts[place] = counts.get(place, 0) + 1
        most = max(most, *counts.values()) if counts else most
    return most


# -- how many, year by year or month by month -------------------------------------------------------------------------


class Bar(View, frozen=True, kw_only=True):
    """A column of a chart of counts: what it is of, how many, and where it leads."""

    text: str
    count: int
    href: str = ""
    label: str = ""
    """Written under it; empty for none."""


def columns(found: Sequence[Bar], title: str, description: str, ident: str, say: Words) -> Html:
    """Counts as columns side by side, each a link where it leads somewhere."""
    if len(found) < 2:
        return EMPTY
    most = max(column.count for column in found) or 1
    across = 100 / len(found)
    parts = []
    for n, column in enumerate(found):
        high = max(column.count / most * 72, 1.5 if column.count else 0)
        told = say("timeline.column", what=column.text, n=column.count)
        inside = [tag("title", clean(told))]
        inside.append(tag("rect", x=_percent(n * across), width=_percent(across), y=0, height="100%", class_="room"))
        inside.append(
            tag(
                "rect",
                x=_percent(n * across + across * 0.12),
                width=_percent(across * 0.76),
                y=_percent(80 - high),
                height=_percent(high),
                class_="column",
            )
        )
        if column.label:
            inside.append(tag("text", column.label, x=_percent((n + 0.5) * across), y="96%", text_anchor="middle"))
        parts.append(linked(column.href, Markup().join(inside)))
    parts.append(tag("line", x1=0, x2="100%", y1="80%", y2="80%", class_="base"))
    return framed(Markup().join(parts), ident, title, description, height="8em", kind="columns")
