"""The fields of an entry's file as labelled lines."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.analysis.places import Location, site, square
from sitrep.i18n.words import Words, capital
from sitrep.model.entries import Entry
from sitrep.model.records import Actor, Claim, Date, Event, Office, Place, Position, Relation, Source, Tie
from sitrep.pages.parts.context import PageContext, web, written
from sitrep.views import urls
from sitrep.views.pages import Fact, Link


def facts(context: PageContext, entry: Entry, root: str) -> Iterator[Fact]:
    """The fields of an entry's file as labelled lines; empty ones are omitted."""
    record, say = entry.record, context.say
    rows: list[tuple[str, tuple[Link, ...]]] = []
    if isinstance(record, Actor):
        rows = [
            (say("fact.also"), tuple(Link(href="", text=alias) for alias in record.aliases)),
            (say("fact.part_of"), _ties(context, record.part_of, root)),
            (say("fact.member_of"), _ties(context, record.member_of, root)),
            (say("fact.roles"), tuple(_office(context, office, root) for office in record.roles)),
            (say("fact.position"), _plain(coordinates(say, record.position)) if record.position else ()),
            (say("fact.relations"), tuple(_relation(context, relation, root) for relation in record.relations)),
            (say("fact.wikidata"), _identifier("https://www.wikidata.org/wiki/", record.identifiers.wikidata)),
            (say("fact.iso"), _plain(record.identifiers.iso3166)),
            (say("fact.web"), _address(record.url)),
        ]
    elif isinstance(record, Source):
        rows = [
            (say("fact.also"), tuple(Link(href="", text=alias) for alias in record.aliases)),
            (say("fact.country"), _plain(record.country)),
            (say("fact.owner"), _ties(context, record.owner, root)),
            (say("fact.controlled_by"), _ties(context, record.controlled_by, root)),
            (say("fact.reliability"), _plain(_reliability(say, record.reliability))),
            (say("fact.web"), _address(record.url)),
        ]
    elif isinstance(record, Event):
        phase = say.term("phase", record.phase) if record.phase else ""
        kind = " · ".join(part for part in (record.class_, record.mode) if part)
        place = record.place
        rows = [
            (say("fact.date"), _plain(written(record.date))),
            (say("fact.place"), _where(context, entry.id, place, root)),
            (say("fact.class"), _plain(kind)),
            (say("fact.phase"), _plain(phase)),
            *((capital(say.term("role", fact.label)), fact.values) for fact in context.roles(record.roles, root)),
            (say("fact.part_of"), tuple(context.named(id, ("events",), root) for id in record.part_of)),
            (say("fact.related"), tuple(context.named(id, ("events",), root) for id in record.related)),
        ]
    elif isinstance(record, Claim):
        rows = [
            (say("fact.about"), tuple(context.named(id, ("actors",), root) for id in record.about.actors)),
            (say("fact.events"), tuple(context.named(id, ("events",), root) for id in record.about.events)),
            (say("fact.measures"), _plain(record.measure)),
        ]
    rows.append((say("fact.topics"), context.links([("topics", topic) for topic in record.topics], root)))
    for label, values in rows:
        if values:
            yield Fact(label=label, values=values)


def _where(context: PageContext, event: str, place: Place | None, root: str) -> tuple[Link, ...]:
    """An event's place by name, with a link to it on the map."""
    location = site(context.corpus, event)
    if not location:
        if not place:
            return ()
        return _plain(context.say("number.uncertain", place=place.name) if place.uncertain else place.name)
    name = Link(href=root + urls.href(urls.map_page(), square(location.lat, location.lon)), text=location.name)
    return (name, Link(href="", text=coordinates(context.say, location)))


def coordinates(say: Words, at: Position | Location) -> str:
    """Coordinates in words: 39.03° N 125.75° E, within 50 km; uncertain."""
    north, east = (
        say("number.north" if at.lat >= 0 else "number.south"),
        say("number.east" if at.lon >= 0 else "number.west"),
    )
    words = say("number.degrees", lat=f"{abs(at.lat):g}", north=north, lon=f"{abs(at.lon):g}", east=east)
    words = say("number.within", place=words, radius=f"{at.radius:g}") if at.radius else words
    return say("number.uncertain", place=words) if isinstance(at, Location) and at.uncertain else words


def _plain(text: str) -> tuple[Link, ...]:
    return (Link(href="", text=text),) if text else ()


def _dated(say: Words, words: str, start: Date | None, until: Date | None) -> str:
    if not (start or until):
        return words
    return say("fact.dated", words=words, start=written(start), until=written(until))


def _ties(context: PageContext, ties: tuple[Tie, ...], root: str) -> tuple[Link, ...]:
    links = []
    for tie in ties:
        link = context.named(tie.id, ("actors", "sources"), root)
        links.append(Link(href=link.href, text=_dated(context.say, link.text, tie.from_, tie.until), kind=link.kind))
    return tuple(links)


def _office(context: PageContext, office: Office, root: str) -> Link:
    of = context.named(office.of, ("actors", "sources"), root) if office.of else None
    words = context.say("fact.office", title=office.title, body=of.text) if of else office.title
    return Link(href=of.href if of else "", text=_dated(context.say, words, office.from_, office.until))


def _relation(context: PageContext, relation: Relation, root: str) -> Link:
    to = context.named(relation.to, ("actors",), root)
    words = context.say("fact.relation", how=context.say.term("tie", relation.how), body=to.text)
    return Link(href=to.href, text=_dated(context.say, words, relation.from_, relation.until))


def _reliability(say: Words, letter: str | None) -> str:
    return say("fact.grade", letter=letter, reliability=say.term("reliability", letter)) if letter else ""


def _identifier(base: str, value: str) -> tuple[Link, ...]:
    return (Link(href=base + value, text=value),) if value else ()


def _address(url: str) -> tuple[Link, ...]:
    return (Link(href=web(url), text=url),) if url else ()
