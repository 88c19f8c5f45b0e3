"""The list of each kind; those of actors and sources with their mentions over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import NamedTuple, cast

import msgspec

from sitrep import urls
from sitrep.charts import strips
from sitrep.corpus import Corpus, Key, day
from sitrep.outputs import Output
from sitrep.pages import calendar
from sitrep.pages.assembled import Listed, listed, row
from sitrep.pages.desk import Desk, pager
from sitrep.pages.things import line
from sitrep.pages.timelines import published
from sitrep.records import KINDS, SINGULAR, Event, Kind
from sitrep.views import ListPage, Row

PER_LIST = 100
"""Lines of a list on one page."""


def outputs(desk: Desk) -> Iterator[Output]:
    assembled = listed(desk)
    for kind in KINDS:
        periods = len(assembled) if kind == "briefs" else 0
        filed = len(desk.corpus.entries[kind])
        count = max(1, -(-(filed + periods) // PER_LIST))
        for number in range(1, count + 1):
            start, stop = (number - 1) * PER_LIST - filed, number * PER_LIST - filed
            more = tuple(assembled[max(0, start) : max(0, stop)]) if periods else ()
            made = partial(view, desk, kind, number, count, more, periods)
            yield Output(urls.index(kind, number), "list.html", made, about=(kind, ""))


def view(desk: Desk, kind: Kind, number: int, count: int, assembled: tuple[Listed, ...], periods: int) -> ListPage:
    path = urls.index(kind, number)
    root = urls.root(path)
    keys = desk.orders.get(kind, partial(_order, desk, kind))
    return ListPage(
        path=path,
        root=root,
        title=desk.say.term("menu", kind),
        kind=SINGULAR[kind],
        description=desk.say(f"lists.described_{kind}", site=desk.config.title),
        banner=desk.banner(),
        canonical=desk.canonical(path),
        feeds=calendar.links(desk, root) if kind == "events" else (),
        pager=pager(kind, None, number, count),
        rows=tuple(_row(desk, key, root) for key in keys[(number - 1) * PER_LIST : number * PER_LIST]),
        total=len(desk.corpus.entries[kind]),
        assembled=tuple(row(desk, made, root) for made in assembled),
        periods=periods,
        sparks=_sparks(desk, kind),
    )


def _row(desk: Desk, key: Key, root: str) -> Row:
    """A line of the list; an actor's and a source's with how often and when, drawn on one scale for all."""
    row = line(desk, key, root)
    if key[0] not in ("actors", "sources"):
        return row
    named = desk.shared("reported", partial(_reported, desk.corpus))
    days = named.days.get(key)
    if not days or not named.reach:
        return row
    first, last = date.fromordinal(min(days)).isoformat(), date.fromordinal(max(days)).isoformat()
    count = desk.say("count.articles", n=len(days))
    form = "told.dated" if first == last else "told.from_to"
    times = desk.say(form, articles=count, date=first, first=first, last=last)
    drawn = strips.spark(days, named.reach, named.busiest)
    return msgspec.structs.replace(row, spark=drawn, times=times)


class _Reported(NamedTuple):
    """When actors were named, and when sources published."""

    days: dict[Key, list[int]]
    reach: strips.Span | None
    """The days that all articles cover, where it is more than one."""
    busiest: int
    """The most that anybody has in one stroke of a spark."""


def _reported(corpus: Corpus) -> _Reported:
    when = {id: at for id in corpus.entries["articles"] if (at := published(corpus, id)) is not None}
    days: dict[Key, list[int]] = {}
    for key, saids in corpus.mentions.items():
        if key[0] == "actors":
            days[key] = [when[id] for id in dict.fromkeys(said.article for said in saids) if id in when]
    for source, ids in corpus.published.items():
        days["sources", source] = [when[id] for id in ids if id in when]
    reach = strips.Span(min(when.values()), max(when.values())) if when else None
    if not reach or reach.first == reach.last:
        return _Reported(days, None, 0)
    return _Reported(days, reach, strips.busiest(days.values(), reach))


def _sparks(desk: Desk, kind: Kind) -> str:
    if kind not in ("actors", "sources"):
        return ""
    reach = desk.shared("reported", partial(_reported, desk.corpus)).reach
    if not reach:
        return ""
    first, last = (date.fromordinal(at).isoformat() for at in reach)
    return desk.say(f"lists.sparks_{kind}", first=first, last=last)


def _order(desk: Desk, kind: Kind) -> list[Key]:
    """Events by date, the latest first; the rest as the corpus has them."""
    keys: list[Key] = [(kind, id) for id in desk.corpus.entries[kind]]
    if kind == "events":
        keys.sort(key=lambda key: day(cast(Event, desk.corpus.entries["events"][key[1]].record).date), reverse=True)
    return keys
