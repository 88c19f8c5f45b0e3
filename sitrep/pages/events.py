"""Event pages: who reports an event, and when each article says it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sitrep.charts import strips
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key
from sitrep.model.records import Date, Event, EventAssertion
from sitrep.pages import timelines
from sitrep.pages.entry import Lists, common, pages
from sitrep.pages.feeds import feeds, json
from sitrep.pages.parts import summary
from sitrep.pages.parts.context import PageContext
from sitrep.pages.parts.diagrams import diagram
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, EventDate, EventPage, Html, Link


def outputs(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    yield from pages(context, "events", ids, lists, view, json.event)


def lists(corpus: Corpus, key: Key) -> Lists:
    return {"statements": corpus.statements.get(key, ())}


def view(context: PageContext, key: Key, number: int = 1) -> EventPage:
    shown = lists(context.corpus, key)
    shared = common(context, key, number, shown)
    root = shared["root"]
    record = context.corpus.entries["events"][key[1]].record
    own = record.date if isinstance(record, Event) else None
    first = number == 1
    refs = [ref for ref in shown["statements"] if context.corpus.is_anchored(ref)] if first else []
    dates, axis = _dates_given(context, refs, own, root) if first else ((), EMPTY)
    return EventPage(
        **shared,
        answer=summary.event(context, key, refs) if first else EMPTY,
        timeline=timelines.of_parts(context, key, root) if first else None,
        given=dates,
        axis=axis,
        diagram=diagram(context, refs, f"chains-{key[1]}", root) if first else EMPTY,
        feed=feeds.of_thing(context, key, shared) if first else None,
    )


def _dates_given(
    context: PageContext, refs: Sequence[AnnotationRef], own: Date | None, root: str
) -> tuple[tuple[EventDate, ...], Html]:
    """The dates that articles give, earliest first and our own before them, and whether any two exclude each other.

    With the axis on which they are drawn.

    """
    dates: dict[Date, dict[Link, None]] = {}
    for ref in refs:
        assertion = context.corpus.statement(ref)
        if isinstance(assertion, EventAssertion) and assertion.date:
            statement = context.statement(ref, root)
            if statement:
                link = Link(href=statement.href, text=statement.article.text, kind="article", id=ref.article)
                dates.setdefault(assertion.date, {})[link] = None
    if not dates:
        return (), EMPTY
    every = [*dates, *([own] if own else [])]
    marks = {date: timelines.mark(date) for date in every}
    over = strips.span_of(marks.values())
    rows: list[tuple[Date, tuple[Link, ...], bool]] = []
    if own:
        rows.append((own, (Link(href="", text=context.say("event.ours")),), False))
    for date, articles in sorted(dates.items(), key=lambda item: (item[0].earliest, item[0].latest, item[0].text)):
        differs = any(date.surely_before(other) or other.surely_before(date) for other in every)
        rows.append((date, tuple(articles), differs))
    shown = tuple(
        EventDate(
            date=date.text,
            articles=articles,
            differs=differs,
            strip=strips.strip([marks[date]], over, "given") if over else EMPTY,
        )
        for date, articles, differs in rows
    )
    if not over:
        return shown, EMPTY
    caption = context.say("event.given_told")
    return shown, strips.axis(over, context.say("event.given"), caption, "given", context.say, strips.CELL)
