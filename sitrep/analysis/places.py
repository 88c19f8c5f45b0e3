"""Where events happened: by their own coordinates, else by those of the actor that has the role of their place."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import NamedTuple

from sitrep.corpus.corpus import Corpus, Key
from sitrep.model.records import Actor, Event, EventAssertion


class Location(NamedTuple):
    """A place with coordinates. Two are equal if name, coordinates and precision agree."""

    name: str
    lat: float
    lon: float
    radius: float
    """Kilometres around the point within which it was; 0 for the point itself."""
    uncertain: bool
    actor: Key | None = None
    """The actor that is this place."""


def sites(corpus: Corpus) -> dict[Location, list[str]]:
    """Places with their events, the place with the most events first."""
    events_at: dict[Location, list[str]] = {}
    for event in corpus.entries["events"]:
        if location := site(corpus, event):
            events_at.setdefault(location, []).append(event)
    order = sorted(events_at, key=lambda location: (-len(events_at[location]), location.name.casefold(), location))
    return {location: events_at[location] for location in order}


def square(lat: float, lon: float) -> str:
    """The name of the five-degree square that contains a point: `n35e125`. Pages link to it on the map."""
    south, west = floor(lat / 5) * 5, floor(lon / 5) * 5
    return f"{'s' if south < 0 else 'n'}{abs(south):02}{'w' if west < 0 else 'e'}{abs(west):03}"


def site(corpus: Corpus, event: str) -> Location | None:
    """Where an event happened, if that is known."""
    record = corpus.entries["events"][event].record
    assert isinstance(record, Event)
    place = record.place
    if place and place.lat is not None and place.lon is not None:
        return Location(place.name, place.lat, place.lon, place.radius or 0, place.uncertain)
    for key in _placed(corpus, event, record):
        entry = corpus.entries[key[0]][key[1]]
        where = entry.record.position if isinstance(entry.record, Actor) else None
        if where:
            return Location(entry.name, where.lat, where.lon, where.radius or 0, bool(place and place.uncertain), key)
    return None


def _placed(corpus: Corpus, event: str, record: Event) -> Iterator[Key]:
    """The actor with the role of a place in an event, by its file, else by the articles."""
    named = list(record.roles.get("place", ()))
    if not named:
        for ref in corpus.statements.get(("events", event), ()):
            statement = corpus.statement(ref)
            if isinstance(statement, EventAssertion):
                named += statement.roles.get("place", ())
    for raw in dict.fromkeys(named):
        if key := corpus.resolve(raw, ("actors",)):
            yield key
