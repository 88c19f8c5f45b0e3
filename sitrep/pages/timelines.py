"""Timelines: the page of all events, its years, and the timelines on other pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date as ordinal
from functools import partial
from typing import NamedTuple, cast

import msgspec
from markupsafe import Markup

from sitrep.analysis import network
from sitrep.charts import scale, strips
from sitrep.charts.lettering import tag
from sitrep.charts.strips import Mark, Phase, Span
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key, day
from sitrep.i18n.words import Words
from sitrep.model.dates import parse
from sitrep.model.records import STANCES, Article, Claim, Date, Event, EventAssertion
from sitrep.pages.parts.context import PageContext, pager_of
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, Html, Link, ListRow, Moment, StanceChange, Timeline, TimelinePage

PATH = "timeline.html"
ABOUT = ("events", "")
WHOLE = 150
"""The number of events up to which the timeline is one page; beyond it, each year has its own."""
LATEST = 40
"""The number of latest events that the first page then shows."""
OF_THING = 40
"""The number of rows of a timeline on an entry's page."""
SPEAKERS = 20
"""The number of speakers in a claim's timeline."""
IDENT = "t"
"""Prefix of the ids in a page's timeline."""


class Dated(NamedTuple):
    """An event with the date at which it is shown."""

    id: str
    date: Date
    reported: bool


def dated(context: PageContext, event: str) -> Dated | None:
    """The date in the event's own file, else the earliest that an article gives; None where there is neither."""
    record = cast(Event, context.corpus.entries["events"][event].record)
    if record.date:
        return Dated(event, record.date, False)
    dates = [
        statement.date
        for ref in context.corpus.statements.get(("events", event), ())
        if isinstance(statement := context.corpus.statement(ref), EventAssertion)
        and statement.date
        and context.corpus.is_anchored(ref)
    ]
    if not dates:
        return None
    return Dated(event, min(dates, key=lambda date: (date.earliest, date.latest, date.text)), True)


def outputs(context: PageContext) -> Iterator[Output]:
    """One page, or one with the latest events and one or more for each year."""
    years = context.lasting("timeline", partial(_years, context), dict[str, int])
    if sum(years.values()) <= WHOLE:
        yield Output(PATH, "timeline.html", partial(whole, context), about=ABOUT)
        return
    yield Output(PATH, "timeline.html", partial(front, context), about=ABOUT)
    for year, count in years.items():
        for number in range(1, -(-count // WHOLE) + 1):
            yield Output(_path(year, number), "timeline.html", partial(of_year, context, year, number), about=ABOUT)


def _years(context: PageContext) -> dict[str, int]:
    """Year → number of events shown at a date that begins in it."""
    return {year: len(events) for year, events in by_year(ordered(context)[0]).items()}


def ordered(context: PageContext) -> tuple[list[Dated], list[str]]:
    """Events in chronological order, and those without a date that can be drawn."""
    return context.shared("timeline", partial(_ordered, context))


def _ordered(context: PageContext) -> tuple[list[Dated], list[str]]:
    events: list[Dated] = []
    undated: list[str] = []
    for id in context.corpus.entries["events"]:
        event = dated(context, id)
        if event and strips.span_of([mark(event.date)]):
            events.append(event)
        else:
            undated.append(id)
    return sorted(events, key=_sorted_by), undated


def _sorted_by(event: Dated) -> tuple[str, str, str]:
    return (_start(event.date), event.date.latest, event.id)


def _start(date: Date) -> str:
    """The first day, or the last of an interval with an open start."""
    return date.latest if date.earliest.startswith("0000") else date.earliest


def by_year(events: Iterable[Dated]) -> dict[str, list[Dated]]:
    years: dict[str, list[Dated]] = {}
    for event in events:
        years.setdefault(_start(event.date)[:4], []).append(event)
    return years


def _path(year: str, number: int = 1) -> str:
    return f"timeline/{year}.html" if number == 1 else f"timeline/{year}/{number}.html"


def whole(context: PageContext) -> TimelinePage:
    events, undated = ordered(context)
    return _page(context, PATH, events, undated=undated, total=len(events) + len(undated))


def front(context: PageContext) -> TimelinePage:
    """The latest events, and links to the others."""
    dated_events, undated = ordered(context)
    years = by_year(dated_events)
    links = tuple(Link(href=urls.href(_path(year)), text=year, kind=str(len(events))) for year, events in years.items())
    shown = list(years)[-60:]
    columns = [
        strips.Bar(text=year, count=len(years[year]), href=urls.href(_path(year)), label=_label(year, n, len(shown)))
        for n, year in enumerate(shown)
    ]
    caption = context.say("timeline.by_year_told", n=len(dated_events), first=shown[0], last=shown[-1])
    density = strips.column_chart(columns, context.say("timeline.by_year"), caption, "years", context.say)
    return _page(
        context,
        PATH,
        dated_events[-LATEST:],
        undated=undated[:LATEST],
        total=len(dated_events) + len(undated),
        density=density,
        years=links,
    )


def _label(text: str, n: int, count: int) -> str:
    """Every label where there are few, else one in so many."""
    return text if n % max(1, -(-count // 8)) == 0 else ""


def of_year(context: PageContext, year: str, number: int) -> TimelinePage:
    events = by_year(ordered(context)[0])[year]
    months = Counter(_start(event.date)[5:7] for event in events)
    columns = [
        strips.Bar(text=context.say("period.month", month=name, year=year), count=months[f"{n:02}"], label=name)
        for n, name in enumerate(scale.months(context.say), 1)
    ]
    caption = context.say("timeline.by_month_told", n=len(events), year=year)
    title = context.say("timeline.by_month", year=year)
    count = -(-len(events) // WHOLE)
    paths = [_path(year, n) for n in range(1, count + 1)]
    part = events[(number - 1) * WHOLE : number * WHOLE]
    density = strips.column_chart(columns, title, caption, "months", context.say) if number == 1 else EMPTY
    view = _page(
        context,
        paths[number - 1],
        part,
        total=len(events),
        density=density,
        title=context.say("timeline.titled", year=year),
    )
    return msgspec.structs.replace(view, pager=pager_of(paths, number))


def _page(
    context: PageContext,
    path: str,
    events: Sequence[Dated],
    *,
    undated: Sequence[str] = (),
    total: int,
    density: Html = EMPTY,
    years: tuple[Link, ...] = (),
    title: str = "",
) -> TimelinePage:
    root = urls.root(path)
    title = title or context.say("menu.timeline")
    return TimelinePage(
        path=path,
        root=root,
        title=title,
        kind="timeline",
        description=context.say("timeline.described", site=context.config.title),
        banner=context.banner(),
        canonical=context.canonical(path),
        total=total,
        density=density,
        years=years,
        timeline=of_events(context, events, root, title, least=strips.PAGE),
        undated=tuple(
            ListRow(link=context.link(("events", id), root), date=_text(dated(context, id))) for id in undated
        ),
    )


def _text(event: Dated | None) -> str:
    return event.date.text if event else ""


# -- rows -------------------------------------------------------------------------------------------------------------


def mark(date: Date, **more: object) -> Mark:
    return Mark(
        earliest=date.earliest,
        latest=date.latest,
        approximate=date.approximate,
        uncertain=date.uncertain,
        **more,  # type: ignore[arg-type]
    )


def of_events(
    context: PageContext,
    events: Sequence[Dated],
    root: str,
    title: str,
    notes: dict[str, str] | None = None,
    lanes: Sequence[tuple[Link, str, Html | list[Mark]]] = (),
    over: Span | None = None,
    least: float = strips.COLUMN,
) -> Timeline | None:
    """Events as rows of a timeline; `notes` is shown beside an event, `lanes` above all of them."""
    marks = [mark(event.date, phase=_phase(context, event)) for event in events]
    over = over or strips.span_of(marks)
    if over is None:
        return None
    rows = [
        Moment(date=note, strip=drawn if isinstance(drawn, Markup) else strips.strip(drawn, over, IDENT), link=link)
        for link, note, drawn in lanes
    ]
    for event, drawn_mark in zip(events, marks, strict=True):
        record = cast(Event, context.corpus.entries["events"][event.id].record)
        note = (notes or {}).get(event.id, "") or (record.place.name if record.place else "")
        rows.append(
            Moment(
                date=event.date.text,
                strip=strips.strip([drawn_mark], over, IDENT),
                link=context.link(("events", event.id), root),
                meta=(Link(href="", text=note),) if note else (),
                reported=event.reported,
            )
        )
    reported = any(event.reported for event in events)
    all_marks = [*marks, *(mark for _, _, drawn in lanes if isinstance(drawn, list) for mark in drawn)]
    described = context.say("timeline.told_none", title=title)
    if events:
        first, last = events[0].date.text, events[-1].date.text
        described = context.say("timeline.told", n=len(events), first=first, last=last)
    return Timeline(
        axis=strips.axis(over, title, described, IDENT, context.say, least, all_marks),
        rows=tuple(rows),
        shows=context.say("timeline.reported" if reported else "timeline.ours") if events else "",
        key=tuple(key(context.say, all_marks)),
    )


def _phase(context: PageContext, event: Dated) -> Phase:
    return cast(Event, context.corpus.entries["events"][event.id].record).phase or "occurred"


def key(say: Words, marks: Sequence[Mark]) -> Iterator[tuple[Html, str]]:
    """The legend, where there is more than plain days and spans."""
    phases = {mark.phase for mark in marks}
    stances = {mark.stance for mark in marks} & set(STANCES)
    if stances - {"asserts"}:
        for stance in STANCES:
            if stance in stances:
                yield _sample(stance), say.term("stance", stance)
    if any(mark.earliest != mark.latest for mark in marks):
        yield _sample("", bar=True), say("timeline.within")
    if any(mark.approximate for mark in marks):
        yield _sample("approximate", bar=True), say("timeline.about")
    if any(mark.uncertain for mark in marks):
        yield _sample("unsure"), say("timeline.uncertain")
    if phases & {"alleged", "planned"}:
        yield _sample("occurred"), say("phase.occurred")
    if "alleged" in phases:
        yield _sample("alleged"), say("phase.alleged")
    if "planned" in phases:
        yield _sample("planned"), say("phase.planned")


def _sample(kind: str, bar: bool = False) -> Html:
    if bar:
        parts = [tag("rect", x=1, y=4, width=22, height=5)]
        if kind == "approximate":
            parts = [tag("rect", x=0, y=4, width=24, height=5, fill=f"url(#{IDENT}-both)")]
    else:
        parts = [tag("circle", cx=12, cy=6.5, r=4)]
    inside = tag("g", *parts, class_=kind or None)
    return tag("svg", inside, class_="sample", viewBox="0 0 24 13")


def of_actor(context: PageContext, key: Key, root: str) -> Timeline | None:
    """When an actor was named, when it spoke, and the events in which it has a role."""
    corpus = context.corpus
    articles = dict.fromkeys(ref.article for ref in corpus.mentions.get(key, ()))
    days = sorted(at for id in articles if (at := published(corpus, id)) is not None)
    roles = network.roles(context.corpus, key)
    events = _drawn(context, roles)
    if not events and len(set(days)) < 3:
        return None
    spoken = _spoken(context, corpus.statements_by.get(key, ()))
    over = strips.span_of([*(mark(event.date) for event in events), *spoken, *_days(days)])
    if over is None:
        return None
    lanes: list[tuple[Link, str, Html | list[Mark]]] = []
    if len(days) > 1:
        ticks = strips.dense_strip({"asserts": days}, over, IDENT)
        lanes.append(
            (Link(href="", text=context.say("timeline.named")), context.say("ledger.times", n=len(days)), ticks)
        )
    if spoken:
        total = sum(map(context.corpus.is_anchored, corpus.statements_by.get(key, ())))
        lanes.append((Link(href="", text=context.say("timeline.speaks")), context.say("ledger.times", n=total), spoken))
    if len(events) + len(lanes) < 2:
        return None
    title = context.say("timeline.of", name=corpus.entries[key[0]][key[1]].name)
    roles = {event: context.say.term("role", role) for event, role in roles.items()}
    return of_events(context, events, root, title, roles, lanes, over)


def drawn(context: PageContext, key: Key) -> set[str]:
    """The events that an actor's timeline has for certain: of a single one there may be none."""
    events = _drawn(context, network.roles(context.corpus, key))
    return {event.id for event in events} if len(events) > 1 else set()


def _drawn(context: PageContext, events: Iterable[str]) -> list[Dated]:
    """Of these events, those with a date that can be drawn, in order; the latest, if there are very many."""
    drawable = [event for id in events if (event := dated(context, id)) and strips.span_of([mark(event.date)])]
    return sorted(drawable, key=_sorted_by)[-OF_THING:]


def _days(days: Sequence[int]) -> list[Mark]:
    ends = {days[0], days[-1]} if days else set()
    isos = [ordinal.fromordinal(at).isoformat() for at in sorted(ends)]
    return [Mark(earliest=iso, latest=iso) for iso in isos]


def _spoken(context: PageContext, refs: Sequence[AnnotationRef]) -> list[Mark]:
    """Statements by the date they were made."""
    marks = []
    for ref in refs:
        entry = context.corpus.article(ref.article)
        statement = context.corpus.statement(ref)
        when = statement.said or cast(Article, entry.record).published
        if when and context.corpus.is_anchored(ref):
            marks.append(mark(when, stance=statement.stance))
    return marks


def of_topic(context: PageContext, id: str, root: str) -> Timeline | None:
    """The events of a topic."""
    events = [key[1] for key in context.corpus.tagged.get(id, ()) if key[0] == "events"]
    drawable = _drawn(context, events)
    if len(drawable) < 2:
        return None
    return of_events(context, drawable, root, context.say("timeline.of_topic"))


def of_parts(context: PageContext, key: Key, root: str) -> Timeline | None:
    """An event among its parents, and its parts and related events."""
    record = cast(Event, context.corpus.entries["events"][key[1]].record)
    near: dict[str, str] = {key[1]: context.say("timeline.this")}
    near |= {id: context.say("timeline.part_of_this") for id in record.part_of if id not in near}
    for tied in context.corpus.backlinks.get(key, ()):
        if tied.how == "includes":
            near.setdefault(tied.key[1], context.say("timeline.part_of_it"))
    for other in (
        *record.related,
        *(tied.key[1] for tied in context.corpus.backlinks.get(key, ()) if tied.how == "related"),
    ):
        near.setdefault(other, context.say("timeline.related"))
    events = _drawn(context, (id for id in near if id in context.corpus.entries["events"]))
    if len(events) < 2:
        return None
    return of_events(context, events, root, context.say("event.in_time"), near)


def of_claim(context: PageContext, claim: Claim, turns: Sequence[StanceChange]) -> Timeline | None:
    """Each speaker's stances over time, one row each, below our assessments; `turns` are latest first."""
    rows: dict[str, tuple[Link, dict[Mark, None], list[Link]]] = {}
    for turn in reversed(turns):
        if not turn.date:
            continue
        named = f"{turn.speaker.kind}:{turn.speaker.id}" if turn.speaker.id else turn.speaker.text
        words = turn.speaker.text
        if turn.unnamed and words != context.say("statement.nobody"):
            words = context.say("list.unnamed", words=words)
        link = msgspec.structs.replace(turn.speaker, text=words)
        _, marks, since = rows.setdefault(named, (link, {}, []))
        marks[mark(parse(turn.date), stance=turn.stance)] = None
        # Unnamed sources are not one voice that changes its mind: each stance appears once, with the first statement.
        if turn.moved and not (turn.unnamed and any(link.kind == turn.stance for link in since)):
            since.append(Link(href=turn.statement.href, text=turn.date, kind=turn.stance))
    judged = [mark(assessment.date, stance="judged") for assessment in claim.assessments]
    over = strips.span_of([*judged, *(drawn_mark for _, marks, _ in rows.values() for drawn_mark in marks)])
    if over is None or not rows or len(rows) + len(judged) < 2:
        return None
    ours = Link(href="", text=context.say("claim.assessment"))
    moments = [Moment(date="", strip=strips.strip(judged, over, IDENT, grid=False), link=ours)]
    for link, marks, since in list(rows.values())[:SPEAKERS]:
        moments.append(
            Moment(date="", strip=strips.strip(list(marks), over, IDENT, grid=False), link=link, meta=tuple(since))
        )
    caption = context.say("timeline.stances_told")
    return Timeline(
        axis=strips.axis(over, context.say("claim.in_time"), caption, IDENT, context.say, strips.COLUMN, judged),
        rows=tuple(moments if judged else moments[1:]),
        shows=context.say("timeline.by_said"),
        left=max(0, len(rows) - SPEAKERS),
    )


def published(corpus: Corpus, article: str) -> int | None:
    """The number of the earliest day on which an article may have been published."""
    return scale.day(day(cast(Article, corpus.article(article).record).published))
