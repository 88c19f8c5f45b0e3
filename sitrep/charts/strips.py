"""Timelines in the rows of a table: a date axis above, and in each row a strip with a mark for each date.

A day is a dot; a less exact date is a bar from the first possible day to the last; an approximate date fades at both
ends, an open interval at its open end. Positions along a strip are percentages of its width, so that it fits a phone at
full text size and a script can pan and stretch it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

from sitrep.charts.lettering import clean, link_group, percent, stance_class, svg_chart, tag, width
from sitrep.charts.scale import dates, day
from sitrep.i18n.words import Words
from sitrep.views.pages import EMPTY, Html, View

Phase = Literal["", "occurred", "alleged", "planned"]

EDGE = 3.0
"""Percent of the width left free at each end."""
SMALL = 11.5
WIDTH = 0.9
"""Percent: the minimum width of a bar."""
HALO = 2.2
"""Percent by which an approximate day fades on each side."""
MOST = 40
"""Marks in one strip; above that, each is drawn as a stroke."""
TICKS = 6
PAGE, COLUMN, CELL = 300.0, 200.0, 140.0
"""Minimum width of a strip in pixels: across a page, in the column of an entry's page, in a table of its own."""


class Mark(View, frozen=True, kw_only=True):
    """A dated item. Days are ISO; `0000-00-00` and `9999-99-99` stand for open ends."""

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
        """The position of a day, in percent of the width."""
        if self.last == self.first:
            return 50.0
        return EDGE + (100 - 2 * EDGE) * (at - self.first) / (self.last - self.first)


def span_of(marks: Iterable[Mark]) -> Span | None:
    """The days from the first mark to the last; None if no mark has a date."""
    days = [edge for mark in marks for edge in (day(mark.earliest), day(mark.latest)) if edge is not None]
    return Span(min(days), max(days)) if days else None


def axis(
    span: Span,
    title: str,
    description: str,
    ident: str,
    say: Words,
    min_width: float = PAGE,
    marks: Sequence[Mark] | None = None,
) -> Html:
    """The axis above the strips, with the definitions that all strips of the table use. Ids begin with `ident`.

    Labels do not overlap at `min_width` pixels. `marks`: all marks of the strips; without them, every definition that a
    mark may need is included.
    """
    ticks = dates(span.first, span.last, say, TICKS) if span.last > span.first else ()
    if len(ticks) < 2 and span.last > span.first:  # a finer scale: one tick would not show the span
        ticks = dates(span.first, span.last, say, 12)
    if not ticks:
        ticks = dates(span.first, span.first, say, 1)
    grid = [
        tag("line", x1=percent(span.share(tick.day)), x2=percent(span.share(tick.day)), y1=0, y2="100%")
        for tick in ticks
    ]
    labels = []
    free = 0.0
    for tick in ticks:
        text = " ".join(filter(None, (clean(tick.text), tick.year)))
        at, across = span.share(tick.day) / 100 * min_width, width(text, SMALL)
        side = "end" if at + across / 2 > min_width else "middle" if at >= across / 2 else None
        left = at - {"end": across, "middle": across / 2, None: 0.0}[side]
        if left >= free:
            labels.append(tag("text", text, x=percent(span.share(tick.day)), y="1em", text_anchor=side))
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
            *(tag("stop", offset=at, stop_color="currentcolor", stop_opacity=opacity) for at, opacity in gradient),
            id=f"{ident}-{name}",
        )
        for name, gradient in stops.items()
        if name in fading
    ]
    dot = tag("circle", cy="50%", r=4, id=f"{ident}-dot")
    defs = tag("defs", *fades, dot, tag("g", *grid, id=f"{ident}-grid", class_="grid"))
    inside = Markup().join([defs, tag("svg", *labels)])
    return svg_chart(inside, ident, title, description, height="1.3em", kind="axis")


def strip(marks: Sequence[Mark], span: Span, ident: str, grid: bool = True) -> Html:
    """The strip of one row. `ident`: that of the axis above; with `grid` its grid lines are repeated."""
    if len(marks) > MOST:
        days: dict[str, list[int]] = {}
        for mark in marks:
            if (at := day(mark.earliest) or day(mark.latest)) is not None:
                days.setdefault(mark.stance, []).append(at)
        return dense_strip(days, span, ident)
    by_class: dict[str, list[Markup]] = {}
    for mark in marks:
        if shapes := tuple(_shapes(mark, span, ident)):
            by_class.setdefault(_classes(mark), []).extend(shapes)
    if not by_class:
        return EMPTY
    groups = [tag("g", *shapes, class_=name) if name else Markup().join(shapes) for name, shapes in by_class.items()]
    lines = (tag("use", href=f"#{ident}-grid"),) if grid else ()
    return tag("svg", *lines, *groups)


def _shapes(mark: Mark, span: Span, ident: str) -> Iterator[Markup]:
    first, last = day(mark.earliest), day(mark.latest)
    if first is None and last is None:
        return
    start = span.share(first) if first is not None else 0.0
    end = span.share(last) if last is not None else 100.0
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
    """The end at which a mark's bar fades: start, end, both, or empty."""
    if day(mark.earliest) is None:
        return "start"
    return "end" if day(mark.latest) is None else "both" if mark.approximate else ""


def _classes(mark: Mark) -> str:
    """The CSS classes of a mark; events that occurred and assertions have none."""
    stance = stance_class(mark.stance) if mark.stance else ""
    kind = stance if stance not in ("", "asserts") else mark.phase if mark.phase != "occurred" else ""
    return " ".join(filter(None, (kind, "unsure" * mark.uncertain)))


def _bar(start: float, end: float, **more: str) -> Markup:
    left, right = max(start, 0.0), min(end, 100.0)
    return tag("rect", x=percent(left), width=percent(right - left), y="32%", height="36%", **more)


def _dot(at: float, ident: str) -> Markup:
    return tag("use", href=f"#{ident}-dot", x=percent(at))


def dense_strip(days: Mapping[str, Sequence[int]], span: Span, ident: str) -> Html:
    """A strip of many days, by stance: a stroke for each day."""
    paths = []
    for stance, of_stance in days.items():
        places = sorted({round(span.share(at) * 10) for at in of_stance})
        d = "".join([f"M{place} 0v1" for place in places])
        paths.append(tag("path", d=d, vector_effect="non-scaling-stroke", class_=stance_class(stance)))
    many = tag("svg", *paths, viewBox="0 0 1000 1", preserveAspectRatio="none", class_="ticks")
    return tag("svg", tag("use", href=f"#{ident}-grid"), many)


# -- small multiples --------------------------------------------------------------------------------------------------

BINS = 30
STEP, HIGH = 3, 19


def sparkline(days: Sequence[int], span: Span, most: int) -> Html:
    """A histogram of days in BINS equal parts of a span; a count of `most` reaches the top.

    Sparklines with the same span and `most` can be compared with each other.
    """
    counts = _binned(days, span)
    strokes = [
        f"M{n * STEP + 1} {HIGH}v-{max(2, round(count / max(most, 1) * (HIGH - 1)))}"
        for n, count in sorted(counts.items())
    ]
    base = f"M0 {HIGH}.5h{BINS * STEP}"
    return tag(
        "svg",
        tag("path", d=base, class_="base"),
        tag("path", d="".join(strokes)),
        class_="spark",
        viewBox=f"0 0 {BINS * STEP} {HIGH + 1}",
    )


def peak_count(all_days: Iterable[Sequence[int]], span: Span) -> int:
    """The highest count that any of these sparklines has in one bin."""
    return max((count for days in all_days for count in _binned(days, span).values()), default=0)


def _binned(days: Sequence[int], span: Span) -> Counter[int]:
    length = span.last - span.first + 1
    return Counter(min((at - span.first) * BINS // length, BINS - 1) for at in days)


# -- counts by year or month ------------------------------------------------------------------------------------------


class Bar(View, frozen=True, kw_only=True):
    """A column of a column chart: its name, count and link."""

    text: str
    count: int
    href: str = ""
    label: str = ""
    """Written under the column."""


def column_chart(bars: Sequence[Bar], title: str, description: str, ident: str, say: Words) -> Html:
    """Counts as columns side by side, each a link if it has an address."""
    if len(bars) < 2:
        return EMPTY
    most = max(bar.count for bar in bars) or 1
    across = 100 / len(bars)
    parts = []
    for n, bar in enumerate(bars):
        high = max(bar.count / most * 72, 1.5 if bar.count else 0)
        inside = [tag("title", clean(say("timeline.column", what=bar.text, n=bar.count)))]
        inside.append(tag("rect", x=percent(n * across), width=percent(across), y=0, height="100%", class_="room"))
        inside.append(
            tag(
                "rect",
                x=percent(n * across + across * 0.12),
                width=percent(across * 0.76),
                y=percent(80 - high),
                height=percent(high),
                class_="column",
            )
        )
        if bar.label:
            inside.append(tag("text", bar.label, x=percent((n + 0.5) * across), y="96%", text_anchor="middle"))
        parts.append(link_group(bar.href, Markup().join(inside)))
    parts.append(tag("line", x1=0, x2="100%", y1="80%", y2="80%", class_="base"))
    return svg_chart(Markup().join(parts), ident, title, description, height="8em", kind="columns")
