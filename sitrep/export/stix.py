"""STIX 2.1 (OASIS, 2021): one bundle, with TLP 2.0 markings (FIRST's extension of October 2022).

STIX has no objects for claims and chains: a claim is a `note`, a statement about it an `opinion`, and data without a
property in the standard are in a property extension. `docs/exports.md` documents the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.export.context import ExportContext, ExportRelation, ExportStatement, web_address, written
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import (
    KINDS,
    Actor,
    Article,
    Assessment,
    Brief,
    Claim,
    ClaimAssertion,
    Date,
    Event,
    EventAssertion,
    Judgment,
    Marking,
    Source,
)
from sitrep.parse import references

Object = dict[str, Any]

TLP = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_CREATED = "2022-10-01T00:00:00.000Z"
TLP_MARKINGS: dict[Marking, str] = {
    "TLP:CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""The ids that FIRST published for TLP 2.0."""
UNDATED = "1970-01-01T00:00:00.000Z"
"""`created` of an object without a date of its own: it must never change, so it is not guessed."""
CONFIDENCE = {"low": 15, "moderate": 50, "high": 85}
"""The scale none, low, medium, high of the standard's appendix A."""
OPINION = {"asserts": "agree", "doubts": "disagree", "denies": "strongly-disagree"}
CLASSES = {"person": "individual", "organization": "organization", "state": "organization", "group": "group"}
TYPES = {
    "actors": "identity",
    "sources": "identity",
    "events": "incident",
    "claims": "note",
    "articles": "report",
    "briefs": "report",
    "topics": "grouping",
}
CHUNK = 256


def bundle(context: ExportContext) -> Iterator[bytes]:
    """The bundle, one object per line. The first line of a preview says that it is one."""
    name = "NOT-FOR-RELEASE" if context.preview else "bundle"
    head = f'{{"type": "bundle", "id": "bundle--{context.uuid(name)}", "objects": [\n'.encode()
    parts = [head]
    for n, item in enumerate(_BundleMaker(context).objects()):
        parts += [b",\n", msgspec.json.encode(item)] if n else [msgspec.json.encode(item)]
        if n % CHUNK == CHUNK - 1:
            yield b"".join(parts)
            parts = []
    yield b"".join([*parts, b"\n]}\n"])


class _BundleMaker:
    def __init__(self, context: ExportContext) -> None:
        self.context = context
        self.producer = f"identity--{context.uuid('producer')}"
        self.extension = f"extension-definition--{context.uuid('extension')}"
        self.now = f"{context.now}T00:00:00.000Z" if context.now else UNDATED
        self._ids: dict[Key, str] = {}

    def objects(self) -> Iterator[Object]:
        yield from self._frame()
        for entry in self.context.entries("actors", "sources"):
            yield self._identity(entry)
        for entry in self.context.entries("events"):
            yield from self._incident(entry)
        for entry in self.context.entries("claims"):
            yield from self._claim(entry)
        for tie in self.context.relations():
            yield self._relation(tie)
        for entry in self.context.entries("articles"):
            yield from self._article(entry)
        for entry in self.context.entries("briefs"):
            yield from self._brief(entry)
        for entry in self.context.entries("topics"):
            yield from self._topic(entry)

    # -- pieces ---------------------------------------------------------------------------------------------------

    def id(self, key: Key) -> str:
        if key not in self._ids:
            self._ids[key] = f"{TYPES[key[0]]}--{self.context.uuid(*key)}"
        return self._ids[key]

    def refs(self, kind: Any, ids: Iterable[str]) -> list[str]:
        return [self.id((kind, id)) for id in dict.fromkeys(ids) if id in self.context.corpus.entries[kind]]

    def _object(self, id: str, marking: Marking, created: str, **rest: Any) -> Object:
        """An object with the common properties, without empty ones."""
        return {
            "type": id.partition("--")[0],
            "spec_version": "2.1",
            "id": id,
            "created_by_ref": self.producer,
            "created": created,
            "modified": max(created, self.now),
            **_present(rest),
            "object_marking_refs": [TLP_MARKINGS[marking]],
        }

    def _extension(self, **properties: Any) -> Object:
        """The property extension for data without a property in STIX."""
        return {self.extension: {"extension_type": "property-extension", **_present(properties)}}

    def _entry_extension(self, entry: Entry, **properties: Any) -> Object:
        """The extension of an entry: its kind and id, and further properties."""
        return self._extension(kind=entry.kind, id=entry.id, filed=bool(entry.files), **properties)

    def page(self, key: Key, fragment: str = "") -> list[Object]:
        address = self.context.address(key, fragment)
        return [{"source_name": self.context.config.title, "url": address}] if address else []

    def _frame(self) -> Iterator[Object]:
        """The objects that all others refer to: markings, the producer, the extension."""
        context = self.context
        used = {context.strictest, *(context.marking(entry) for entry in context.entries())}
        for mark, id in TLP_MARKINGS.items():
            if mark in used:
                yield {
                    "type": "marking-definition",
                    "spec_version": "2.1",
                    "id": id,
                    "created": TLP_CREATED,
                    "name": mark,
                    "extensions": {
                        TLP: {"extension_type": "property-extension", "tlp_2_0": mark.removeprefix("TLP:").lower()}
                    },
                }
        site = [{"source_name": context.config.title, "url": context.config.url}] if context.config.url else []
        yield self._object(
            self.producer,
            context.strictest,
            UNDATED,
            name=context.title,
            description=context.config.description,
            external_references=site,
        )
        yield self._object(
            self.extension,
            "TLP:CLEAR",
            UNDATED,
            name="sitrep",
            description="What sitrep says of a thing and STIX has no property for: ids, dates as written, chains.",
            schema="Documented with sitrep, in docs/exports.md.",
            version="1.0.0",
            extension_types=["property-extension"],
        )

    # -- entries --------------------------------------------------------------------------------------------------

    def _identity(self, entry: Entry) -> Object:
        record = cast("Actor | Source", entry.record)
        references = self.page((entry.kind, entry.id))
        if isinstance(record, Actor):
            identity_class = CLASSES.get(record.kind or "", "unknown")
            properties: Object = {"iso3166": record.identifiers.iso3166, "wikidata": record.identifiers.wikidata}
            properties["offices"] = [
                {"title": office.title, **_dated(office.from_, office.until)} for office in record.roles
            ]
            if record.identifiers.wikidata:
                item = record.identifiers.wikidata
                url = f"https://www.wikidata.org/wiki/{item}"
                references.append({"source_name": "wikidata", "external_id": item, "url": url})
        else:
            identity_class = "unknown" if record.kind in (None, "account", "other") else "organization"
            properties = {"country": record.country, "reliability": record.reliability}
        if web_address(record.url):
            references.append({"source_name": entry.name, "url": web_address(record.url)})
        return self._object(
            self.id((entry.kind, entry.id)),
            self.context.marking(entry),
            UNDATED,
            name=entry.name,
            description=self.context.words(record.description),
            identity_class=identity_class,
            labels=list(record.topics),
            lang=record.language,
            external_references=references,
            extensions=self._entry_extension(entry, what=record.kind, aliases=list(record.aliases), **properties),
        )

    def _incident(self, entry: Entry) -> Iterator[Object]:
        record = cast(Event, entry.record)
        id = self.id(("events", entry.id))
        mark = self.context.marking(entry)
        place = record.place
        yield self._object(
            id,
            mark,
            UNDATED,
            name=entry.name,
            description=self.context.words(record.description),
            labels=list(record.topics),
            lang=record.language,
            external_references=self.page(("events", entry.id)),
            extensions=self._entry_extension(
                entry,
                date=written(record.date),
                place=place.name if place else "",
                **{"class": record.class_},
                mode=record.mode,
                phase=record.phase,
            ),
        )
        if place and place.lat is not None and place.lon is not None:
            where = f"location--{self.context.uuid('place', entry.id)}"
            yield self._object(where, mark, UNDATED, name=place.name, latitude=place.lat, longitude=place.lon)
            yield self._relationship(id, "located-at", where, mark, UNDATED, "place", entry.id)
        for role, actors in record.roles.items():
            for actor in self.refs("actors", actors):
                yield self._relationship(
                    actor, "related-to", id, mark, UNDATED, "role", entry.id, role, description=role
                )
        for how, ids in (("part-of", record.part_of), ("related-to", record.related)):
            for other in self.refs("events", ids):
                yield self._relationship(id, how, other, mark, UNDATED, "event", entry.id)

    def _claim(self, entry: Entry) -> Iterator[Object]:
        record = cast(Claim, entry.record)
        key: Key = ("claims", entry.id)
        mark = self.context.marking(entry)
        about = [*self.refs("actors", record.about.actors), *self.refs("events", record.about.events)]
        asserting = self.refs("articles", (ref.article for ref in self.context.corpus.statements.get(key, ())))
        yield self._object(
            self.id(key),
            mark,
            UNDATED,
            abstract="Claim",
            content=entry.name,
            object_refs=list(dict.fromkeys([*about, *asserting])) or [self.producer],
            labels=list(record.topics),
            lang=record.language,
            external_references=self.page(key),
            extensions=self._entry_extension(
                entry, measure=record.measure, description=self.context.words(record.description)
            ),
        )
        for n, assessment in enumerate(record.assessments, 1):
            yield self._assessment(entry, n, assessment)
        for conflict in record.conflicts:
            for other in self.refs("claims", [conflict.claim]):
                yield self._relationship(
                    *(self.id(key), "related-to", other, mark, UNDATED, "conflict", entry.id), description=conflict.how
                )

    def _assessment(self, entry: Entry, n: int, assessment: Assessment) -> Object:
        parts = [
            assessment.likelihood or "",
            assessment.confidence and f"confidence {assessment.confidence}",
            self.context.words(assessment.because),
        ]
        return self._object(
            f"note--{self.context.uuid('assessment', entry.id, str(n))}",
            self.context.marking(entry),
            _moment(assessment.date),
            abstract="Assessment",
            content="; ".join(part for part in parts if part) or "assessed",
            object_refs=[self.id(("claims", entry.id))],
            confidence=CONFIDENCE.get(assessment.confidence or ""),
            extensions=self._extension(
                kind="assessments",
                claim=entry.id,
                number=n,
                date=assessment.date.text,
                likelihood=assessment.likelihood,
                confidence=assessment.confidence,
                would_change=self.context.words(assessment.would_change),
            ),
        )

    def _relation(self, tie: ExportRelation) -> Object:
        how = "related-to" if tie.how in ("office", "related") else tie.how.replace(" ", "-")
        start, end = _stamp(iso(tie.since)[0]), _stamp(iso(tie.until)[1], last=True)
        return self._relationship(
            *(self.id(tie.subject), how, self.id(tie.object), tie.marking, UNDATED),
            *(tie.how, tie.words, str(tie.since), str(tie.until)),
            description=tie.words,
            start_time=start,
            stop_time=end if end > start else "",
            extensions=self._extension(kind="relations", how=tie.how, **_dated(tie.since, tie.until)),
        )

    def _relationship(
        self, source: str, how: str, target: str, mark: Marking, created: str, *which: str, **rest: Any
    ) -> Object:
        id = f"relationship--{self.context.uuid(source, how, target, *which)}"
        return self._object(id, mark, created, relationship_type=how, source_ref=source, target_ref=target, **rest)

    # -- articles -------------------------------------------------------------------------------------------------

    def _article(self, entry: Entry) -> Iterator[Object]:
        record = cast(Article, entry.record)
        context = self.context
        created = _moment(record.captured or record.published)
        source = record.source if record.source and record.source in context.corpus.entries["sources"] else None
        refs = [self.id(("sources", source))] if source else []
        refs += [self.id(key) for _, key, _ in context.mentioned(entry)]
        for statement in context.statements(entry):
            refs += map(self.id, statement.about)
            for item in self._statement(statement, created):
                refs.append(item["id"])
                yield item
        references = self.page(("articles", entry.id))
        publisher = context.name(("sources", source)) if source else "publisher"
        references += [
            {"source_name": name, "url": web_address(url)}
            for name, url in ((publisher, record.url), ("archive", record.archived))
            if web_address(url)
        ]
        updates = record.updates
        yield self._object(
            self.id(("articles", entry.id)),
            context.marking(entry),
            created,
            name=entry.name,
            description=context.words(record.summary),
            published=_moment(record.published or record.captured),
            object_refs=list(dict.fromkeys(refs)) or [self.producer],
            labels=list(record.topics),
            lang=record.language,
            external_references=references,
            extensions=self._entry_extension(
                entry,
                source=record.source,
                published=written(record.published),
                captured=written(record.captured),
                rights=context.rights(record),
                translation_of=record.translation_of,
                copy_of=record.copy_of,
                updates={"article": updates.article, "how": updates.how} if updates else None,
            ),
        )

    def _statement(self, statement: ExportStatement, created: str) -> Iterator[Object]:
        """An opinion on each event or claim it is about; a note without any, or for a stance that is no opinion."""
        assertion = statement.assertion
        report = self.id(("articles", statement.entry.id))
        number = assertion.value if isinstance(assertion, ClaimAssertion) else None
        happened = assertion.date if isinstance(assertion, EventAssertion) else None
        speakers = self.context.speakers(statement)
        common: Object = {
            "authors": speakers,
            "lang": statement.article.language,
            "external_references": self.page(("articles", statement.entry.id), statement.fragment),
            "extensions": self._extension(
                kind="statements",
                id=statement.id,
                stance=assertion.stance,
                quote=statement.quote,
                translation=statement.translation,
                note=self.context.words(assertion.note),
                chains=[[step.words for step in chain] for chain in statement.chains],
                said=written(assertion.said),
                happened=written(happened),
                value=number.text if number else "",
                credibility=assertion.credibility,
                proposed=assertion.proposed or None,
            ),
        }
        about = [self.id(key) for key in statement.about]
        opinion = OPINION.get(assertion.stance, "")
        for target in about if opinion else ():
            id = f"opinion--{self.context.uuid(statement.id, target)}"
            yield self._object(
                *(id, statement.marking, created),
                opinion=opinion,
                explanation=statement.quote,
                object_refs=[target],
                **common,
            )
        if not opinion or not about:
            names = ", ".join(speakers) or "somebody"
            words = statement.quote or ("states something that is not shown" if opinion else "is not quoted")
            yield self._object(
                f"note--{self.context.uuid(statement.id)}",
                statement.marking,
                created,
                abstract="Statement",
                content=words if opinion else f"{names}: {assertion.stance} ({words})",
                object_refs=about or [report],
                **common,
            )

    # -- briefs and topics ----------------------------------------------------------------------------------------

    def _brief(self, entry: Entry) -> Iterator[Object]:
        record = cast(Brief, entry.record)
        created = _moment(record.date)
        refs = [self.id(key) for key in self._cited(entry) if key[0] != "topics"]
        for n, judgment in enumerate(record.key_judgments, 1):
            note = self._judgment(entry, n, judgment, created)
            refs.append(note["id"])
            yield note
        yield self._object(
            self.id(("briefs", entry.id)),
            self.context.marking(entry),
            created,
            name=entry.name,
            description=self.context.uncited(record.summary),
            published=created,
            object_refs=list(dict.fromkeys(refs)) or [self.producer],
            labels=list(record.topics),
            lang=record.language,
            external_references=self.page(("briefs", entry.id)),
            extensions=self._entry_extension(entry, date=written(record.date), period=written(record.period)),
        )

    def _cited(self, entry: Entry) -> Iterator[Key]:
        corpus = self.context.corpus
        for _, raw, kinds in references.of(entry.record):
            if key := corpus.resolve(raw, kinds) if kinds else corpus.target(raw)[0]:
                yield key
        for raw in entry.prose.refs:
            if key := corpus.target(raw)[0]:
                yield key

    def _judgment(self, entry: Entry, n: int, judgment: Judgment, created: str) -> Object:
        return self._object(
            f"note--{self.context.uuid('judgment', entry.id, str(n))}",
            self.context.marking(entry),
            created,
            abstract="Key judgment",
            content=self.context.uncited(judgment.text) or "not said",
            object_refs=self.refs("claims", judgment.rests_on) or [self.id(("briefs", entry.id))],
            confidence=CONFIDENCE.get(judgment.confidence or ""),
            extensions=self._extension(
                kind="judgments",
                brief=entry.id,
                number=n,
                likelihood=judgment.likelihood,
                confidence=judgment.confidence,
                because=self.context.uncited(judgment.because),
            ),
        )

    def _topic(self, entry: Entry) -> Iterator[Object]:
        members = [self.id(key) for key in self.context.corpus.tagged.get(entry.id, ())]
        yield self._object(
            self.id(("topics", entry.id)),
            self.context.marking(entry),
            UNDATED,
            name=entry.name,
            description=self.context.words(getattr(entry.record, "description", "")),
            context="unspecified",
            object_refs=list(dict.fromkeys(members)) or [self.producer],
            external_references=self.page(("topics", entry.id)),
            extensions=self._entry_extension(entry),
        )


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _moment(date: Date | None) -> str:
    """The first moment of a date, since STIX has timestamps only; the date as written is in the extension."""
    if date is None:
        return UNDATED
    if _TIME.fullmatch(date.text):
        return f"{date.text[:-1]}.000Z"
    return f"{date.earliest}T00:00:00.000Z" if "0001" <= date.earliest[:4] <= "9998" else UNDATED


def _stamp(part: str, *, last: bool = False) -> str:
    """An ISO day, month or year as a timestamp: its first moment or, with `last`, its last."""
    if not part:
        return ""
    day = part + ("-12-31" if last else "-01-01")[len(part) - 4 :] if len(part) < 10 else part
    if last and len(part) == 7:
        day = f"{part}-28"
    return f"{day}T{'23:59:59.000' if last else '00:00:00.000'}Z" if _DAY.fullmatch(day) else ""


def _dated(since: Date | None, until: Date | None) -> Object:
    return _present({"from": written(since), "until": written(until)})


assert set(TYPES) == set(KINDS)


def _present(properties: Object) -> Object:
    """The properties that are not empty."""
    return {key: value for key, value in properties.items() if value not in ("", None, [], {})}
