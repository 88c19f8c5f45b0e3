"""The list of each kind; those of actors and sources with their mentions over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import NamedTuple, cast

import msgspec

from sitrep.charts import strips
from sitrep.corpus.corpus import Corpus, Key, day
from sitrep.model.records import KINDS, SINGULAR, Event, Kind
from sitrep.pages.digest_briefs import DigestListing, listed, row
from sitrep.pages.entry import line
from sitrep.pages.feeds import calendar
from sitrep.pages.parts.context import PageContext, pager
from sitrep.pages.timelines import published
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import ListPage, ListRow

PER_LIST = 100
"""The number of lines on one page."""


class Reported(NamedTuple):
    """When actors were named and when sources published, in days of the proleptic Gregorian calendar."""

    days: dict[str, list[list[int]]]
    """Kind → for each of its entries, in the order of its list."""
    reach: tuple[int, int] | None
    """The first and last day of all articles, where they differ."""
    busiest: int
    """The highest count in one bar of a sparkline."""


class Sparks(NamedTuple):
    """What the sparklines of one page show: passed in as a value, since it is computed from all articles."""

    days: Sequence[Sequence[int]] = ()
    reach: tuple[int, int] | None = None
    busiest: int = 0


def outputs(context: PageContext) -> Iterator[Output]:
    digests = listed(context)
    reported = context.lasting("reported", partial(_reported, context.corpus), Reported)
    for kind in KINDS:
        periods = len(digests) if kind == "briefs" else 0
        filed = len(context.corpus.entries[kind])
        count = max(1, -(-(filed + periods) // PER_LIST))
        for number in range(1, count + 1):
            start, stop = (number - 1) * PER_LIST - filed, number * PER_LIST - filed
            more = tuple(digests[max(0, start) : max(0, stop)]) if periods else ()
            days = reported.days.get(kind, [])[(number - 1) * PER_LIST : number * PER_LIST]
            sparks = Sparks(days, reported.reach, reported.busiest) if kind in reported.days else Sparks()
            make_view = partial(view, context, kind, number, count, more, periods, sparks)
            yield Output(urls.index(kind, number), "list.html", make_view, about=(kind, ""))


def view(
    context: PageContext,
    kind: Kind,
    number: int,
    count: int,
    digests: tuple[DigestListing, ...],
    periods: int,
    sparks: Sparks,
) -> ListPage:
    path = urls.index(kind, number)
    root = urls.root(path)
    keys = context.orders.get(kind, partial(_order, context, kind))[(number - 1) * PER_LIST : number * PER_LIST]
    return ListPage(
        path=path,
        root=root,
        title=context.say.term("menu", kind),
        kind=SINGULAR[kind],
        description=context.say(f"lists.described_{kind}", site=context.config.title),
        banner=context.banner(),
        canonical=context.canonical(path),
        feeds=calendar.links(context, root) if kind == "events" else (),
        pager=pager(kind, None, number, count),
        rows=tuple(_row(context, key, root, sparks, n) for n, key in enumerate(keys)),
        total=len(context.corpus.entries[kind]),
        digests=tuple(row(context, listing, root) for listing in digests),
        periods=periods,
        sparks=_sparks(context, kind, sparks),
    )


def _row(context: PageContext, key: Key, root: str, sparks: Sparks, n: int) -> ListRow:
    """A line of the list; for actors and sources with counts and dates, drawn on a common scale."""
    row = line(context, key, root)
    days = sparks.days[n] if sparks.reach else ()
    if not days or not sparks.reach:
        return row
    first, last = date.fromordinal(min(days)).isoformat(), date.fromordinal(max(days)).isoformat()
    count = context.say("count.articles", n=len(days))
    form = "ledger.dated" if first == last else "ledger.from_to"
    times = context.say(form, articles=count, date=first, first=first, last=last)
    drawn = strips.sparkline(days, strips.Span(*sparks.reach), sparks.busiest)
    return msgspec.structs.replace(row, spark=drawn, times=times)


def _reported(corpus: Corpus) -> Reported:
    when = {id: at for id in corpus.entries["articles"] if (at := published(corpus, id)) is not None}
    named = [
        dict.fromkeys(s.article for s in corpus.mentions.get(("actors", id), ())) for id in corpus.entries["actors"]
    ]
    issued = [corpus.articles_of.get(id, ()) for id in corpus.entries["sources"]]
    days = {
        kind: [[when[id] for id in articles if id in when] for articles in listed]
        for kind, listed in (("actors", named), ("sources", issued))
    }
    reach = strips.Span(min(when.values()), max(when.values())) if when else None
    if not reach or reach.first == reach.last:
        return Reported(days, None, 0)
    return Reported(days, (reach.first, reach.last), strips.peak_count(chain.from_iterable(days.values()), reach))


def _sparks(context: PageContext, kind: Kind, sparks: Sparks) -> str:
    """The sparklines of a list; nothing where there are none."""
    if not sparks.reach:
        return ""
    first, last = (date.fromordinal(at).isoformat() for at in sparks.reach)
    return context.say(f"lists.sparks_{kind}", first=first, last=last)


def _order(context: PageContext, kind: Kind) -> list[Key]:
    """Events by date, latest first; other kinds in the order of the corpus."""
    keys: list[Key] = [(kind, id) for id in context.corpus.entries[kind]]
    if kind == "events":
        keys.sort(key=lambda key: day(cast(Event, context.corpus.entries["events"][key[1]].record).date), reverse=True)
    return keys
