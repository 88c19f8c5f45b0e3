"""FollowTheMoney entities, one per line of JSON (`.ftm.json`), the format of `ftm` and OpenAleph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.export.context import ExportContext, ExportRelation, ExportStatement, web_address
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
"""ISO 639-1 → 639-3 for the languages that FollowTheMoney knows."""
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


def entities(context: ExportContext) -> Iterator[bytes]:
    parts = []
    for n, entity in enumerate(_EntityMaker(context).entities(), 1):
        parts.append(msgspec.json.encode(entity) + b"\n")
        if n % CHUNK == 0:
            yield b"".join(parts)
            parts = []
    yield b"".join(parts)


class _EntityMaker:
    def __init__(self, context: ExportContext) -> None:
        self.context = context

    def entities(self) -> Iterator[Entity]:
        for entry in self.context.entries("actors", "sources"):
            yield self._party(entry)
        for entry in self.context.entries("events"):
            yield self._event(entry)
        for entry in self.context.entries("claims"):
            yield from self._claim(entry)
        for relation in self.context.relations():
            yield from self._relation(relation)
        for entry in self.context.entries("articles"):
            yield from self._article(entry)
        for entry in self.context.entries("briefs"):
            yield self._brief(entry)

    # -- pieces ---------------------------------------------------------------------------------------------------

    def id(self, key: Key) -> str:
        """`actor.kim-jong-un`: the kind and the id; a UUID made from the id if it is not plain ASCII."""
        kind, id = SINGULAR[key[0]], key[1]
        return f"{kind}.{id}" if _PLAIN.fullmatch(id) else f"{kind}.{self.context.uuid(*key)}"

    def _entity(self, id: str, schema: str, /, **fields: Any) -> Entity:
        properties = {}
        for name, value in fields.items():
            values = [value] if isinstance(value, str) else [*(value or ())]
            if texts := list(dict.fromkeys(text for value in values if (text := (value or "").strip()))):
                properties[name] = texts
        return {"id": id, "schema": schema, "properties": properties}

    def schema(self, key: Key) -> str:
        """The FollowTheMoney schema of an entry."""
        entry = self.context.corpus.get(key)
        record = entry.record if entry else None
        if isinstance(record, Actor):
            return PLACE if record.kind == "place" else SCHEMATA.get(record.kind or "", "LegalEntity")
        if isinstance(record, Source):
            return "PublicBody" if record.kind in ("ministry", "government") else "Organization"
        return {"events": "Event", "claims": "Note", "articles": "Article", "briefs": "Article"}[key[0]]

    def legal(self, keys: Iterable[Key]) -> list[str]:
        """The ids of those whose schema is a legal entity."""
        return [self.id(key) for key in keys if self.schema(key) in LEGAL]

    def keywords(self, entry: Entry) -> list[str]:
        """The marking, which has no property of its own in FollowTheMoney, and the topics."""
        topics = [self.context.name(("topics", topic)) for topic in entry.record.topics]
        release = ["NOT FOR RELEASE"] if self.context.preview else []
        return [*release, self.context.marking(entry), *topics]

    # -- entries --------------------------------------------------------------------------------------------------

    def _party(self, entry: Entry) -> Entity:
        record = cast("Actor | Source", entry.record)
        key: Key = (entry.kind, entry.id)
        schema = self.schema(key)
        fields: dict[str, Any] = {"sourceUrl": self.context.address(key)}
        if isinstance(record, Actor):
            fields["wikidataId"] = record.identifiers.wikidata
            fields["country"] = record.identifiers.iso3166[:2].lower()
        else:
            fields["country"] = record.country.lower()
            fields["notes"] = [f"Reliability {record.reliability}"] if record.reliability else []
        if schema == PLACE:
            fields["full"] = entry.name
        else:
            fields["website"] = _address(record.url)
        return self._entity(
            *(self.id(key), schema),
            name=entry.name,
            alias=record.aliases,
            summary=self.context.words(record.description),
            keywords=[*self.keywords(entry), *([record.kind] if record.kind else [])],
            **fields,
        )

    def _event(self, entry: Entry) -> Entity:
        record = cast(Event, entry.record)
        here = self.context.corpus.entries["actors"]
        actors: list[Key] = [("actors", id) for ids in record.roles.values() for id in ids if id in here]
        places = [self.context.name(key) for key in actors if self.schema(key) == PLACE]
        return self._entity(
            *(self.id(("events", entry.id)), "Event"),
            name=entry.name,
            **_dates(record.date),
            location=[*([record.place.name] if record.place else []), *places],
            involved=self.legal(actors),
            summary=self.context.words(record.description),
            sourceUrl=self.context.address(("events", entry.id)),
            keywords=[*self.keywords(entry), *([record.class_] if record.class_ else [])],
        )

    def _claim(self, entry: Entry) -> Iterator[Entity]:
        record = cast(Claim, entry.record)
        key: Key = ("claims", entry.id)
        about: list[Key] = [("actors", id) for id in record.about.actors if id in self.context.corpus.entries["actors"]]
        about += [("events", id) for id in record.about.events if id in self.context.corpus.entries["events"]]
        yield self._entity(
            *(self.id(key), "Note"),
            name=entry.name,
            description=entry.name,
            entity=[self.id(other) for other in about],
            summary=self.context.words(record.description),
            notes=[
                "; ".join(
                    part
                    for part in (
                        judged.date.text,
                        judged.likelihood,
                        judged.confidence,
                        self.context.words(judged.because),
                    )
                    if part
                )
                for judged in record.assessments
            ],
            sourceUrl=self.context.address(key),
            keywords=[*self.keywords(entry), "claim"],
        )

    def _relation(self, relation: ExportRelation) -> Iterator[Entity]:
        one, other = self.schema(relation.subject), self.schema(relation.object)
        ends = (self.id(relation.subject), self.id(relation.object))
        parts = (*ends, relation.how, relation.words, str(relation.since), str(relation.until))
        id = f"relation.{self.context.uuid(*parts)}"
        dated = {"startDate": iso(relation.since)[0], "endDate": iso(relation.until)[1]}
        if relation.how == "office" and one == "Person":
            post = f"position.{self.context.uuid(relation.words, ends[1])}"
            organization = ends[1] if other in BODIES else ""
            name = f"{relation.words}, {self.context.name(relation.object)}"
            yield self._entity(post, "Position", name=name, organization=organization)
            yield self._entity(id, "Occupancy", holder=ends[0], post=post, **dated)
        elif relation.how in ("part of", "member of") and one in LEGAL and other in BODIES:
            yield self._entity(id, "Membership", member=ends[0], organization=ends[1], role=relation.how, **dated)
        elif relation.how == "controlled by" and one in LEGAL and other in LEGAL:
            yield self._entity(id, "Control", controller=ends[1], controlled=ends[0], **dated)
        else:
            role = relation.words or relation.how
            yield self._entity(id, "UnknownLink", subject=ends[0], object=ends[1], role=role, **dated)

    # -- articles -------------------------------------------------------------------------------------------------

    def _article(self, entry: Entry) -> Iterator[Entity]:
        record = cast(Article, entry.record)
        context = self.context
        key: Key = ("articles", entry.id)
        yield self._entity(
            *(self.id(key), "Article"),
            title=entry.name,
            fileName=f"{entry.id}.md",
            publishedAt=iso(record.published)[0],
            retrievedAt=iso(record.captured)[0],
            publisher=context.name(("sources", record.source)) if record.source else "",
            sourceUrl=[_address(record.url), _address(record.archived), context.address(key)],
            language=_language(record.language),
            summary=context.words(record.summary),
            bodyText=context.excerpt(entry),
            keywords=self.keywords(entry),
        )
        for n, party, places in context.mentioned(entry):
            words = [entry.prose.text[place.start : place.end] for place in places]
            schema = self.schema(party)
            yield self._entity(
                f"mention.{context.uuid('mention', entry.id, str(n))}",
                "Mention",
                document=self.id(key),
                name=words or context.name(party),
                resolved=self.id(party) if schema in LEGAL else "",
                detectedSchema=schema,
            )
        for statement in context.statements(entry):
            yield from self._statement(statement)

    def _statement(self, statement: ExportStatement) -> Iterator[Entity]:
        assertion = statement.assertion
        for key in statement.about:
            subject = self.id(key)
            yield self._entity(
                f"statement.{self.context.uuid('statement', statement.id, subject)}",
                "Documentation",
                document=self.id(("articles", statement.entry.id)),
                entity=subject,
                role=assertion.stance,
                summary=statement.quote,
                description=[*statement.chain_texts, self.context.words(assertion.note)],
                **_dates(assertion.date if isinstance(assertion, EventAssertion) else None),
            )

    def _brief(self, entry: Entry) -> Entity:
        record = cast(Brief, entry.record)
        return self._entity(
            *(self.id(("briefs", entry.id)), "Article"),
            title=entry.name,
            fileName=f"{entry.id}.md",
            publishedAt=iso(record.date)[0],
            publisher=self.context.config.title,
            summary=self.context.uncited(record.summary),
            bodyText=self.context.uncited_prose(entry.prose),
            sourceUrl=self.context.address(("briefs", entry.id)),
            keywords=[*self.keywords(entry), "brief"],
        )


def _language(tag: str) -> str:
    """The ISO 639-3 code of a language; empty if FollowTheMoney does not know it."""
    code = tag.partition("-")[0].lower()
    return code if len(code) == 3 and code in LANGUAGES.values() else LANGUAGES.get(code, "")


def _address(url: str) -> str:
    """A web address as FollowTheMoney normalizes it: scheme and host in lower case, with a path."""
    if not web_address(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/"))


def _dates(date: Date | None) -> dict[str, str]:
    """A date with its own precision (day, month or year); an interval as its two ends."""
    start, end = iso(date)
    return {"date": start} if start == end else {"startDate": start, "endDate": end}
