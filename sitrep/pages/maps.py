"""Places: events on a map, and in a table by place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sitrep.analysis.places import Location, sites, square
from sitrep.charts import world
from sitrep.charts.lettering import tag
from sitrep.pages.parts.context import PageContext, pager_of
from sitrep.pages.parts.facts import coordinates
from sitrep.pages.timelines import Dated, dated
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, Html, MapPage, Moment, PlaceRow

PLACES = 60
"""Places on one page of the table."""
EVENTS = 12
"""Events listed with one place."""


def outputs(context: PageContext) -> Iterator[Output]:
    pages = context.lasting("map", partial(_count, context), int)
    for number in range(1, pages + 1):
        yield Output(urls.map_page(number), "map.html", partial(view, context, number), about=("events", ""))


def _count(context: PageContext) -> int:
    return len(_paths(_sites(context)))


def _sites(context: PageContext) -> dict[Location, list[str]]:
    return context.shared("sites", partial(sites, context.corpus))


def _paths(events_at: dict[Location, list[str]]) -> list[str]:
    return [urls.map_page(number) for number in range(1, max(1, -(-len(events_at) // PLACES)) + 1)]


def view(context: PageContext, number: int) -> MapPage:
    events_at = _sites(context)
    paths = _paths(events_at)
    path = paths[number - 1]
    root = urls.root(path)
    first = number == 1
    part = range((number - 1) * PLACES, min(number * PLACES, len(events_at)))
    places = list(events_at)
    return MapPage(
        path=path,
        root=root,
        title=context.say("menu.map"),
        kind="map",
        description=context.say("map.described", site=context.config.title),
        banner=context.banner(),
        canonical=context.canonical(path),
        pager=pager_of(paths, number),
        picture=_picture(context, events_at) if first else EMPTY,
        places=tuple(_row(context, places[n], n + 1, events_at[places[n]], root) for n in part),
        key=tuple(_key(context, places)) if first else (),
        total=len(events_at),
        elsewhere=len(context.corpus.entries["events"]) - sum(map(len, events_at.values())),
    )


def _on_page(number: int) -> str:
    """From the map to a place's row, which may be on a further page."""
    page = -(-number // PLACES)
    return urls.href(urls.map_page(page) if page > 1 else "", f"place-{number}")


def _picture(context: PageContext, events_at: dict[Location, list[str]]) -> Html:
    spots = [
        world.Spot(
            text=location.name,
            lat=location.lat,
            lon=location.lon,
            radius=location.radius,
            uncertain=location.uncertain,
            count=len(events),
            href=_on_page(n),
            square=square(location.lat, location.lon),
            tooltip=context.say("map.spot", n=len(events), place=location.name),
        )
        for n, (location, events) in enumerate(events_at.items(), 1)
    ]
    caption = context.say("map.told", n=len(spots))
    return world.draw(spots, context.say("map.caption"), caption, "map")


def _row(context: PageContext, location: Location, number: int, events: list[str], root: str) -> PlaceRow:
    dates = [(id, dated(context, id)) for id in events]
    dates.sort(key=lambda item: (item[1].date.earliest if item[1] else "9999-99-99", item[0]))
    return PlaceRow(
        id=f"place-{number}",
        name=location.name,
        link=context.link(location.actor, root) if location.actor else None,
        where=coordinates(context.say, location),
        events=tuple(_event(context, id, date, root) for id, date in dates[:EVENTS]),
        left=max(0, len(events) - EVENTS),
    )


def _event(context: PageContext, id: str, date: Dated | None, root: str) -> Moment:
    link = context.link(("events", id), root)
    return Moment(date=date.date.text if date else "", strip=EMPTY, link=link, reported=bool(date and date.reported))


def _key(context: PageContext, places: Sequence[Location]) -> Iterator[tuple[Html, str]]:
    if any(place.radius for place in places):
        yield _sample("area"), context.say("map.area")
    if any(place.uncertain for place in places):
        yield _sample("unsure"), context.say("map.unsure")


def _sample(kind: str) -> Html:
    parts = (
        [tag("circle", cx=12, cy=6.5, r=5.5, class_="area")]
        if kind == "area"
        else [
            tag("path", d="M12 6.5h0", class_="dot", stroke_width=8),
            tag("path", d="M12 6.5h0", class_="hole", stroke_width=5),
        ]
    )
    return tag("svg", *parts, class_="sample place", viewBox="0 0 24 13")
