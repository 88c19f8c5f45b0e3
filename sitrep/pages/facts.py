"""The data of a thing's file as labelled lines."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep import urls
from sitrep.pages.desk import Desk, web, written
from sitrep.places import Site, site, square
from sitrep.records import Actor, Claim, Date, Entry, Event, Office, Place, Position, Relation, Source, Tie
from sitrep.telling import RELIABILITY
from sitrep.views import Fact, Link


def facts(desk: Desk, entry: Entry, root: str) -> Iterator[Fact]:
    """The data of a thing's file as labelled lines; empty ones are left out."""
    record = entry.record
    found: list[tuple[str, tuple[Link, ...]]] = []
    if isinstance(record, Actor):
        found = [
            ("Also", tuple(Link(href="", text=alias) for alias in record.aliases)),
            ("Part of", _ties(desk, record.part_of, root)),
            ("Member of", _ties(desk, record.member_of, root)),
            ("Roles", tuple(_office(desk, office, root) for office in record.roles)),
            ("Position", _plain(coordinates(record.position)) if record.position else ()),
            ("Relations", tuple(_relation(desk, relation, root) for relation in record.relations)),
            ("Wikidata", _identifier("https://www.wikidata.org/wiki/", record.identifiers.wikidata)),
            ("ISO 3166", _plain(record.identifiers.iso3166)),
            ("Web", _address(record.url)),
        ]
    elif isinstance(record, Source):
        found = [
            ("Also", tuple(Link(href="", text=alias) for alias in record.aliases)),
            ("Country", _plain(record.country)),
            ("Owner", _ties(desk, record.owner, root)),
            ("Controlled by", _ties(desk, record.controlled_by, root)),
            ("Reliability", _plain(_reliability(record.reliability))),
            ("Web", _address(record.url)),
        ]
    elif isinstance(record, Event):
        phase = {"planned": "planned", "alleged": "alleged", "occurred": "occurred"}.get(record.phase or "", "")
        kind = " · ".join(part for part in (record.class_, record.mode) if part)
        place = record.place
        found = [
            ("Date", _plain(written(record.date))),
            ("Place", _where(desk, entry.id, place, root)),
            ("Class", _plain(kind)),
            ("Phase", _plain(phase)),
            *((fact.label.capitalize(), fact.values) for fact in desk.roles(record.roles, root)),
            ("Part of", tuple(desk.named(id, ("events",), root) for id in record.part_of)),
            ("Related", tuple(desk.named(id, ("events",), root) for id in record.related)),
        ]
    elif isinstance(record, Claim):
        found = [
            ("About", tuple(desk.named(id, ("actors",), root) for id in record.about.actors)),
            ("Events", tuple(desk.named(id, ("events",), root) for id in record.about.events)),
            ("Measures", _plain(record.measure)),
        ]
    found.append(("Topics", desk.links([("topics", topic) for topic in record.topics], root)))
    for label, values in found:
        if values:
            yield Fact(label=label, values=values)


def _where(desk: Desk, event: str, place: Place | None, root: str) -> tuple[Link, ...]:
    """An event's place by name, with the way to where it is on the map."""
    made = site(desk.corpus, event)
    if not made:
        return _plain(place.name + ("; uncertain" if place.uncertain else "")) if place else ()
    name = Link(href=root + urls.href(urls.map_page(), square(made.lat, made.lon)), text=made.name)
    return (name, Link(href="", text=coordinates(made)))


def coordinates(at: Position | Site) -> str:
    """39.03° N 125.75° E, within 50 km; uncertain."""
    words = f"{abs(at.lat):g}° {'N' if at.lat >= 0 else 'S'} {abs(at.lon):g}° {'E' if at.lon >= 0 else 'W'}"
    words += f", within {at.radius:g} km" if at.radius else ""
    return words + ("; uncertain" if isinstance(at, Site) and at.uncertain else "")


def _plain(text: str) -> tuple[Link, ...]:
    return (Link(href="", text=text),) if text else ()


def _dated(words: str, start: Date | None, until: Date | None) -> str:
    if not (start or until):
        return words
    return f"{words} ({written(start)}–{written(until)})"


def _ties(desk: Desk, ties: tuple[Tie, ...], root: str) -> tuple[Link, ...]:
    made = []
    for tie in ties:
        link = desk.named(tie.id, ("actors", "sources"), root)
        made.append(Link(href=link.href, text=_dated(link.text, tie.from_, tie.until), kind=link.kind))
    return tuple(made)


def _office(desk: Desk, office: Office, root: str) -> Link:
    of = desk.named(office.of, ("actors", "sources"), root) if office.of else None
    words = f"{office.title}, {of.text}" if of else office.title
    return Link(href=of.href if of else "", text=_dated(words, office.from_, office.until))


def _relation(desk: Desk, relation: Relation, root: str) -> Link:
    to = desk.named(relation.to, ("actors",), root)
    return Link(href=to.href, text=_dated(f"{relation.how} {to.text}", relation.from_, relation.until))


CREDIBILITY: dict[str, str] = {
    "1": "confirmed by other sources",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "cannot be judged",
}


def _reliability(letter: str | None) -> str:
    return f"{letter}: {RELIABILITY[letter]} (Admiralty code, as declared)" if letter else ""


def _identifier(base: str, value: str) -> tuple[Link, ...]:
    return (Link(href=base + value, text=value),) if value else ()


def _address(url: str) -> tuple[Link, ...]:
    return (Link(href=web(url), text=url),) if url else ()
