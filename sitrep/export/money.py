"""FollowTheMoney entities, one a line of JSON (`.ftm.json`), as `ftm` and OpenAleph read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.export.holding import ExportContext, ExportRelation, ExportStatement, web
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import SINGULAR, Actor, Article, Brief, Claim, Date, Event, EventAssertion, Source

Entity = dict[str, Any]

SCHEMATA = {"person": "Person", "organization": "Organization", "state": "PublicBody", "group": "Organization"}
LEGAL = {"Person", "Organization", "PublicBody", "LegalEntity"}
BODIES = {"Organization", "PublicBody"}
PLACE = "Address"
CHUNK = 512
_PAIRS = (
    "afafr amamh arara azaze bebel bgbul bnben bsbos cacat csces dadan dedeu elell eneng esspa etest fafas fifin "
    "frfra gagle heheb hihin hrhrv huhun hyhye idind isisl itita jajpn kakat kkkaz kmkhm knkan kokor kykir lbltz "
    "lolao ltlit lvlav mkmkd mnmon msmsa mtmlt mymya nbnor nenep nlnld nnnor nonor plpol pspus ptpor roron rurus "
    "sisin skslk slslv sqsqi srsrp svswe swswa tatam tetel tgtgk ththa tktuk tltgl trtur ukukr ururd uzuzb vivie "
    "zhzho"
)
LANGUAGES = {pair[:2]: pair[2:] for pair in _PAIRS.split()}
"""ISO 639-1 → 639-3, of the languages that FollowTheMoney knows."""
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


def entities(h: ExportContext) -> Iterator[bytes]:
    parts = []
    for n, made in enumerate(_EntityMaker(h).entities(), 1):
        parts.append(msgspec.json.encode(made) + b"\n")
        if n % CHUNK == 0:
            yield b"".join(parts)
            parts = []
    yield b"".join(parts)


class _EntityMaker:
    def __init__(self, h: ExportContext) -> None:
        self.h = h

    def entities(self) -> Iterator[Entity]:
        for entry in self.h.things("actors", "sources"):
            yield self._party(entry)
        for entry in self.h.things("events"):
            yield self._event(entry)
        for entry in self.h.things("claims"):
            yield from self._claim(entry)
        for relation in self.h.relations():
            yield from self._relation(relation)
        for entry in self.h.things("articles"):
            yield from self._article(entry)
        for entry in self.h.things("briefs"):
            yield self._brief(entry)

    # -- pieces ---------------------------------------------------------------------------------------------------

    def id(self, key: Key) -> str:
        """`actor.kim-jong-un`: the kind and the id. An id in another script is one made of it."""
        kind, id = SINGULAR[key[0]], key[1]
        return f"{kind}.{id}" if _PLAIN.fullmatch(id) else f"{kind}.{self.h.uuid(*key)}"

    def made(self, id: str, schema: str, /, **said: Any) -> Entity:
        properties = {}
        for name, value in said.items():
            values = [value] if isinstance(value, str) else [*(value or ())]
            if kept := list(dict.fromkeys(text for value in values if (text := (value or "").strip()))):
                properties[name] = kept
        return {"id": id, "schema": schema, "properties": properties}

    def schema(self, key: Key) -> str:
        """Which schema a thing is of."""
        entry = self.h.corpus.get(key)
        record = entry.record if entry else None
        if isinstance(record, Actor):
            return PLACE if record.kind == "place" else SCHEMATA.get(record.kind or "", "LegalEntity")
        if isinstance(record, Source):
            return "PublicBody" if record.kind in ("ministry", "government") else "Organization"
        return {"events": "Event", "claims": "Note", "articles": "Article", "briefs": "Article"}[key[0]]

    def legal(self, keys: Iterable[Key]) -> list[str]:
        """Those that may be party to something."""
        return [self.id(key) for key in keys if self.schema(key) in LEGAL]

    def keywords(self, entry: Entry) -> list[str]:
        """The marking, which has no property of its own, and the topics."""
        topics = [self.h.name(("topics", topic)) for topic in entry.record.topics]
        release = ["NOT FOR RELEASE"] if self.h.preview else []
        return [*release, self.h.marking(entry), *topics]

    # -- things ---------------------------------------------------------------------------------------------------

    def _party(self, entry: Entry) -> Entity:
        record = cast("Actor | Source", entry.record)
        key: Key = (entry.kind, entry.id)
        schema = self.schema(key)
        said: dict[str, Any] = {"sourceUrl": self.h.address(key)}
        if isinstance(record, Actor):
            said["wikidataId"] = record.identifiers.wikidata
            said["country"] = record.identifiers.iso3166[:2].lower()
        else:
            said["country"] = record.country.lower()
            said["notes"] = [f"Reliability {record.reliability}"] if record.reliability else []
        if schema == PLACE:
            said["full"] = entry.name
        else:
            said["website"] = _address(record.url)
        return self.made(
            *(self.id(key), schema),
            name=entry.name,
            alias=record.aliases,
            summary=self.h.words(record.description),
            keywords=[*self.keywords(entry), *([record.kind] if record.kind else [])],
            **said,
        )

    def _event(self, entry: Entry) -> Entity:
        record = cast(Event, entry.record)
        here = self.h.corpus.entries["actors"]
        actors: list[Key] = [("actors", id) for ids in record.roles.values() for id in ids if id in here]
        places = [self.h.name(key) for key in actors if self.schema(key) == PLACE]
        return self.made(
            *(self.id(("events", entry.id)), "Event"),
            name=entry.name,
            **_dates(record.date),
            location=[*([record.place.name] if record.place else []), *places],
            involved=self.legal(actors),
            summary=self.h.words(record.description),
            sourceUrl=self.h.address(("events", entry.id)),
            keywords=[*self.keywords(entry), *([record.class_] if record.class_ else [])],
        )

    def _claim(self, entry: Entry) -> Iterator[Entity]:
        record = cast(Claim, entry.record)
        key: Key = ("claims", entry.id)
        about: list[Key] = [("actors", id) for id in record.about.actors if id in self.h.corpus.entries["actors"]]
        about += [("events", id) for id in record.about.events if id in self.h.corpus.entries["events"]]
        yield self.made(
            *(self.id(key), "Note"),
            name=entry.name,
            description=entry.name,
            entity=[self.id(other) for other in about],
            summary=self.h.words(record.description),
            notes=[
                "; ".join(
                    part
                    for part in (made.date.text, made.likelihood, made.confidence, self.h.words(made.because))
                    if part
                )
                for made in record.assessments
            ],
            sourceUrl=self.h.address(key),
            keywords=[*self.keywords(entry), "claim"],
        )

    def _relation(self, made: ExportRelation) -> Iterator[Entity]:
        one, other = self.schema(made.subject), self.schema(made.object)
        ends = (self.id(made.subject), self.id(made.object))
        id = f"relation.{self.h.uuid(*ends, made.how, made.words, str(made.since), str(made.until))}"
        dated = {"startDate": iso(made.since)[0], "endDate": iso(made.until)[1]}
        if made.how == "office" and one == "Person":
            post = f"position.{self.h.uuid(made.words, ends[1])}"
            organization = ends[1] if other in BODIES else ""
            name = f"{made.words}, {self.h.name(made.object)}"
            yield self.made(post, "Position", name=name, organization=organization)
            yield self.made(id, "Occupancy", holder=ends[0], post=post, **dated)
        elif made.how in ("part of", "member of") and one in LEGAL and other in BODIES:
            yield self.made(id, "Membership", member=ends[0], organization=ends[1], role=made.how, **dated)
        elif made.how == "controlled by" and one in LEGAL and other in LEGAL:
            yield self.made(id, "Control", controller=ends[1], controlled=ends[0], **dated)
        else:
            role = made.words or made.how
            yield self.made(id, "UnknownLink", subject=ends[0], object=ends[1], role=role, **dated)

    # -- articles -------------------------------------------------------------------------------------------------

    def _article(self, entry: Entry) -> Iterator[Entity]:
        record = cast(Article, entry.record)
        h = self.h
        key: Key = ("articles", entry.id)
        yield self.made(
            *(self.id(key), "Article"),
            title=entry.name,
            fileName=f"{entry.id}.md",
            publishedAt=iso(record.published)[0],
            retrievedAt=iso(record.captured)[0],
            publisher=h.name(("sources", record.source)) if record.source else "",
            sourceUrl=[_address(record.url), _address(record.archived), h.address(key)],
            language=_language(record.language),
            summary=h.words(record.summary),
            bodyText=h.excerpt(entry),
            keywords=self.keywords(entry),
        )
        for n, party, places in h.mentioned(entry):
            words = [entry.prose.text[place.start : place.end] for place in places]
            schema = self.schema(party)
            yield self.made(
                f"mention.{h.uuid('mention', entry.id, str(n))}",
                "Mention",
                document=self.id(key),
                name=words or h.name(party),
                resolved=self.id(party) if schema in LEGAL else "",
                detectedSchema=schema,
            )
        for said in h.statements(entry):
            yield from self._statement(said)

    def _statement(self, said: ExportStatement) -> Iterator[Entity]:
        happened = said.made.date if isinstance(said.made, EventAssertion) else None
        chains = [" → ".join(step.words for step in chain) for chain in said.chains]
        for id in said.things:
            thing = self.id((said.kind, id))
            yield self.made(
                f"statement.{self.h.uuid('statement', said.id, thing)}",
                "Documentation",
                document=self.id(("articles", said.entry.id)),
                entity=thing,
                role=said.made.stance,
                summary=said.quote,
                description=[*chains, self.h.words(said.made.note)],
                **_dates(happened),
            )

    def _brief(self, entry: Entry) -> Entity:
        record = cast(Brief, entry.record)
        return self.made(
            *(self.id(("briefs", entry.id)), "Article"),
            title=entry.name,
            fileName=f"{entry.id}.md",
            publishedAt=iso(record.date)[0],
            publisher=self.h.config.title,
            summary=self.h.uncited(record.summary),
            bodyText=self.h.uncited_prose(entry.prose),
            sourceUrl=self.h.address(("briefs", entry.id)),
            keywords=[*self.keywords(entry), "brief"],
        )


def _language(tag: str) -> str:
    """The code that FollowTheMoney has for a language (ISO 639-3), where it has one."""
    code = tag.partition("-")[0].lower()
    return code if len(code) == 3 and code in LANGUAGES.values() else LANGUAGES.get(code, "")


def _address(url: str) -> str:
    """A web address in the form that FollowTheMoney keeps: the host in lower case, a path where there is none."""
    if not web(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/"))


def _dates(date: Date | None) -> dict[str, str]:
    """A date as precise as it is: a day, a month, a year; an interval as its two ends."""
    start, end = iso(date)
    return {"date": start} if start == end else {"startDate": start, "endDate": end}
