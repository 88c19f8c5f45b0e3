"""The list of each kind, and home."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import cast

from sitrep import urls
from sitrep.corpus import Key, day
from sitrep.outputs import Output
from sitrep.pages import calendar, feeds
from sitrep.pages.assembled import Listed, listed, row
from sitrep.pages.desk import Desk, pager
from sitrep.pages.things import line
from sitrep.records import KINDS, SINGULAR, Event, Kind
from sitrep.views import HomePage, Link, ListPage, Row

PER_LIST = 100
"""Lines of a list on one page."""
LATEST = 12
"""Lines of each list on the home page."""


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
    latest = assembled[0] if assembled else None
    yield Output("index.html", "home.html", partial(home, desk, latest), feeds.beside(desk), ("", "index"))


def view(desk: Desk, kind: Kind, number: int, count: int, assembled: tuple[Listed, ...], periods: int) -> ListPage:
    path = urls.index(kind, number)
    root = urls.root(path)
    title = kind.capitalize()
    keys = desk.orders.get(kind, partial(_order, desk, kind))
    return ListPage(
        path=path,
        root=root,
        title=title,
        kind=SINGULAR[kind],
        description=f"All {kind} of {desk.config.title}",
        banner=desk.banner(),
        canonical=desk.canonical(path),
        feeds=calendar.links(desk, root) if kind == "events" else (),
        pager=pager(kind, None, number, count),
        rows=tuple(line(desk, key, root) for key in keys[(number - 1) * PER_LIST : number * PER_LIST]),
        total=len(desk.corpus.entries[kind]),
        assembled=tuple(row(desk, made, root) for made in assembled),
        periods=periods,
    )


def _order(desk: Desk, kind: Kind) -> list[Key]:
    """Events by date, the latest first; the rest as the corpus has them."""
    keys: list[Key] = [(kind, id) for id in desk.corpus.entries[kind]]
    if kind == "events":
        keys.sort(key=lambda key: day(cast(Event, desk.corpus.entries["events"][key[1]].record).date), reverse=True)
    return keys


def home(desk: Desk, latest: Listed | None) -> HomePage:
    """What changed, what is contested, what happened, what is due."""
    corpus = desk.corpus
    events = desk.orders.get("events", partial(_order, desk, "events"))
    planned = [key for key in events if cast(Event, corpus.entries["events"][key[1]].record).phase == "planned"]
    due = set(planned)
    happened = [key for key in events if key not in due]
    return HomePage(
        path="index.html",
        root="",
        title=desk.config.title,
        kind="home",
        description=desk.config.description,
        banner=desk.banner(),
        canonical=desk.canonical(""),
        feeds=feeds.links(desk, "", desk.config.title),
        feed=feeds.of_site(desk, desk.config.title),
        briefs=_rows(desk, islice(corpus.entries["briefs"], 5), "briefs"),
        assembled=(row(desk, latest, ""),) if latest else (),
        articles=_rows(desk, islice(corpus.entries["articles"], LATEST), "articles"),
        contested=tuple(_contested(desk)),
        events=tuple(line(desk, key, "") for key in happened[:LATEST]),
        planned=tuple(line(desk, key, "") for key in planned[:LATEST]),
        topics=_rows(desk, corpus.entries["topics"], "topics"),
        counts=tuple(
            Link(href=urls.index(kind), text=f"{len(corpus.entries[kind])} {kind}", kind=kind) for kind in KINDS
        ),
    )


def _rows(desk: Desk, ids: object, kind: Kind) -> tuple[Row, ...]:
    return tuple(line(desk, (kind, id), "") for id in cast("list[str]", ids))


def _contested(desk: Desk) -> Iterator[Row]:
    """Claims that somebody denies, doubts, or will not speak about; the most disputed first."""
    against = ("denies", "doubts", "withholds", "silent")
    found: list[tuple[int, Key]] = []
    for id in desk.corpus.entries["claims"]:
        key: Key = ("claims", id)
        weight = sum(n for stance, n in desk.tally(key) if stance in against)
        if weight:
            found.append((-weight, key))
    for _, key in sorted(found)[:LATEST]:
        yield line(desk, key, "")
