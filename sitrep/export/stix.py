"""STIX 2.1 (OASIS, 2021): one bundle, with TLP 2.0 markings (FIRST's extension of October 2022).

Claims and chains have no object in STIX: a claim is a `note`, what an article says of it an `opinion`, and what the
standard has no property for stands in a property extension of ours. `docs/exports.md` has the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.export.holding import ExportContext, ExportRelation, ExportStatement, web
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
MARKED: dict[Marking, str] = {
    "TLP:CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""The ids that FIRST has published for TLP 2.0."""
UNDATED = "1970-01-01T00:00:00.000Z"
"""When an object was created that says nothing of it: `created` may never change, so it is not guessed."""
CONFIDENCE = {"low": 15, "moderate": 50, "high": 85}
"""The standard's own scale of none, low, medium and high, appendix A."""
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


def bundle(h: ExportContext) -> Iterator[bytes]:
    """The bundle, an object a line."""
    # A preview says so first: a reader of the file's first line knows what it is.
    name = "NOT-FOR-RELEASE" if h.preview else "bundle"
    head = f'{{"type": "bundle", "id": "bundle--{h.uuid(name)}", "objects": [\n'.encode()
    parts = [head]
    for n, made in enumerate(_BundleMaker(h).objects()):
        parts += [b",\n", msgspec.json.encode(made)] if n else [msgspec.json.encode(made)]
        if n % CHUNK == CHUNK - 1:
            yield b"".join(parts)
            parts = []
    yield b"".join([*parts, b"\n]}\n"])


class _BundleMaker:
    def __init__(self, h: ExportContext) -> None:
        self.h = h
        self.producer = f"identity--{h.uuid('producer')}"
        self.extension = f"extension-definition--{h.uuid('extension')}"
        self.now = f"{h.now}T00:00:00.000Z" if h.now else UNDATED
        self._ids: dict[Key, str] = {}

    def objects(self) -> Iterator[Object]:
        yield from self._frame()
        for entry in self.h.things("actors", "sources"):
            yield self._identity(entry)
        for entry in self.h.things("events"):
            yield from self._incident(entry)
        for entry in self.h.things("claims"):
            yield from self._claim(entry)
        for made in self.h.relations():
            yield self._relation(made)
        for entry in self.h.things("articles"):
            yield from self._article(entry)
        for entry in self.h.things("briefs"):
            yield from self._brief(entry)
        for entry in self.h.things("topics"):
            yield from self._topic(entry)

    # -- pieces ---------------------------------------------------------------------------------------------------

    def id(self, key: Key) -> str:
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = f"{TYPES[key[0]]}--{self.h.uuid(*key)}"
        return found

    def refs(self, kind: Any, ids: Iterable[str]) -> list[str]:
        return [self.id((kind, id)) for id in dict.fromkeys(ids) if id in self.h.corpus.entries[kind]]

    def made(self, id: str, marking: Marking, created: str, **rest: Any) -> Object:
        """An object with what every object has; what is empty is left out."""
        kept = {key: value for key, value in rest.items() if value not in ("", None, [], {})}
        return {
            "type": id.partition("--")[0],
            "spec_version": "2.1",
            "id": id,
            "created_by_ref": self.producer,
            "created": created,
            "modified": max(created, self.now),
            **kept,
            "object_marking_refs": [MARKED[marking]],
        }

    def ours(self, **ref: Any) -> Object:
        """The extension in which stands what STIX cannot say."""
        kept = {key: value for key, value in ref.items() if value not in ("", None, [], {})}
        return {self.extension: {"extension_type": "property-extension", **kept}}

    def kept(self, entry: Entry, **ref: Any) -> Object:
        """The extension of a thing of ours: its kind, id, and what else it says."""
        return self.ours(kind=entry.kind, id=entry.id, filed=bool(entry.files), **ref)

    def page(self, key: Key, fragment: str = "") -> list[Object]:
        address = self.h.address(key, fragment)
        return [{"source_name": self.h.config.title, "url": address}] if address else []

    def _frame(self) -> Iterator[Object]:
        """What all others refer to: who made this, the markings, our extension."""
        h = self.h
        used = {h.strictest, *(h.marking(entry) for entry in h.things())}
        for mark, id in MARKED.items():
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
        title = f"NOT FOR RELEASE: {h.config.title}" if h.preview else h.config.title
        site = [{"source_name": h.config.title, "url": h.config.url}] if h.config.url else []
        yield self.made(
            self.producer, h.strictest, UNDATED, name=title, description=h.config.description, external_references=site
        )
        yield self.made(
            self.extension,
            "TLP:CLEAR",
            UNDATED,
            name="sitrep",
            description="What sitrep says of a thing and STIX has no property for: ids, dates as written, chains.",
            schema="Documented with sitrep, in docs/exports.md.",
            version="1.0.0",
            extension_types=["property-extension"],
        )

    # -- things ---------------------------------------------------------------------------------------------------

    def _identity(self, entry: Entry) -> Object:
        record = cast("Actor | Source", entry.record)
        references = self.page((entry.kind, entry.id))
        if isinstance(record, Actor):
            what = CLASSES.get(record.kind or "", "unknown")
            ref: Object = {"iso3166": record.identifiers.iso3166, "wikidata": record.identifiers.wikidata}
            ref["offices"] = [{"title": office.title, **_dated(office.from_, office.until)} for office in record.roles]
            if record.identifiers.wikidata:
                item = record.identifiers.wikidata
                url = f"https://www.wikidata.org/wiki/{item}"
                references.append({"source_name": "wikidata", "external_id": item, "url": url})
        else:
            what = "unknown" if record.kind in (None, "account", "other") else "organization"
            ref = {"country": record.country, "reliability": record.reliability}
        if web(record.url):
            references.append({"source_name": entry.name, "url": web(record.url)})
        return self.made(
            self.id((entry.kind, entry.id)),
            self.h.marking(entry),
            UNDATED,
            name=entry.name,
            description=self.h.words(record.description),
            identity_class=what,
            labels=list(record.topics),
            lang=record.language,
            external_references=references,
            extensions=self.kept(entry, what=record.kind, aliases=list(record.aliases), **ref),
        )

    def _incident(self, entry: Entry) -> Iterator[Object]:
        record = cast(Event, entry.record)
        id = self.id(("events", entry.id))
        mark = self.h.marking(entry)
        place = record.place
        yield self.made(
            id,
            mark,
            UNDATED,
            name=entry.name,
            description=self.h.words(record.description),
            labels=list(record.topics),
            lang=record.language,
            external_references=self.page(("events", entry.id)),
            extensions=self.kept(
                entry,
                date=_written(record.date),
                place=place.name if place else "",
                **{"class": record.class_},
                mode=record.mode,
                phase=record.phase,
            ),
        )
        if place and place.lat is not None and place.lon is not None:
            where = f"location--{self.h.uuid('place', entry.id)}"
            yield self.made(where, mark, UNDATED, name=place.name, latitude=place.lat, longitude=place.lon)
            yield self._tie(id, "located-at", where, mark, UNDATED, "place", entry.id)
        for role, actors in record.roles.items():
            for actor in self.refs("actors", actors):
                yield self._tie(actor, "related-to", id, mark, UNDATED, "role", entry.id, role, description=role)
        for how, ids in (("part-of", record.part_of), ("related-to", record.related)):
            for other in self.refs("events", ids):
                yield self._tie(id, how, other, mark, UNDATED, "event", entry.id)

    def _claim(self, entry: Entry) -> Iterator[Object]:
        record = cast(Claim, entry.record)
        key: Key = ("claims", entry.id)
        mark = self.h.marking(entry)
        about = [*self.refs("actors", record.about.actors), *self.refs("events", record.about.events)]
        asserting = self.refs("articles", (ref.article for ref in self.h.corpus.statements.get(key, ())))
        yield self.made(
            self.id(key),
            mark,
            UNDATED,
            abstract="Claim",
            content=entry.name,
            object_refs=list(dict.fromkeys([*about, *asserting])) or [self.producer],
            labels=list(record.topics),
            lang=record.language,
            external_references=self.page(key),
            extensions=self.kept(entry, measure=record.measure, description=self.h.words(record.description)),
        )
        for n, made in enumerate(record.assessments, 1):
            yield self._assessment(entry, n, made)
        for conflict in record.conflicts:
            for other in self.refs("claims", [conflict.claim]):
                yield self._tie(
                    *(self.id(key), "related-to", other, mark, UNDATED, "conflict", entry.id), description=conflict.how
                )

    def _assessment(self, entry: Entry, n: int, made: Assessment) -> Object:
        ref = [made.likelihood or "", made.confidence and f"confidence {made.confidence}", self.h.words(made.because)]
        return self.made(
            f"note--{self.h.uuid('assessment', entry.id, str(n))}",
            self.h.marking(entry),
            _moment(made.date),
            abstract="Assessment",
            content="; ".join(part for part in ref if part) or "assessed",
            object_refs=[self.id(("claims", entry.id))],
            confidence=CONFIDENCE.get(made.confidence or ""),
            extensions=self.ours(
                kind="assessments",
                claim=entry.id,
                number=n,
                date=made.date.text,
                likelihood=made.likelihood,
                confidence=made.confidence,
                would_change=self.h.words(made.would_change),
            ),
        )

    def _relation(self, made: ExportRelation) -> Object:
        how = "related-to" if made.how in ("office", "related") else made.how.replace(" ", "-")
        start, end = _stamp(iso(made.since)[0]), _stamp(iso(made.until)[1], last=True)
        return self._tie(
            *(self.id(made.subject), how, self.id(made.object), made.marking, UNDATED),
            *(made.how, made.words, str(made.since), str(made.until)),
            description=made.words,
            start_time=start,
            stop_time=end if end > start else "",
            extensions=self.ours(kind="relations", how=made.how, **_dated(made.since, made.until)),
        )

    def _tie(self, source: str, how: str, target: str, mark: Marking, created: str, *which: str, **rest: Any) -> Object:
        id = f"relationship--{self.h.uuid(source, how, target, *which)}"
        return self.made(id, mark, created, relationship_type=how, source_ref=source, target_ref=target, **rest)

    # -- articles -------------------------------------------------------------------------------------------------

    def _article(self, entry: Entry) -> Iterator[Object]:
        record = cast(Article, entry.record)
        h = self.h
        created = _moment(record.captured or record.published)
        source = record.source if record.source and record.source in h.corpus.entries["sources"] else None
        refs = [self.id(("sources", source))] if source else []
        refs += [self.id(key) for _, key, _ in h.mentioned(entry)]
        for ref in h.statements(entry):
            refs += self.refs(ref.kind, ref.things)
            for made in self._statement(ref, created):
                refs.append(made["id"])
                yield made
        references = self.page(("articles", entry.id))
        publisher = h.name(("sources", source)) if source else "publisher"
        references += [
            {"source_name": name, "url": web(url)}
            for name, url in ((publisher, record.url), ("archive", record.archived))
            if web(url)
        ]
        updates = record.updates
        yield self.made(
            self.id(("articles", entry.id)),
            h.marking(entry),
            created,
            name=entry.name,
            description=h.words(record.summary),
            published=_moment(record.published or record.captured),
            object_refs=list(dict.fromkeys(refs)) or [self.producer],
            labels=list(record.topics),
            lang=record.language,
            external_references=references,
            extensions=self.kept(
                entry,
                source=record.source,
                published=_written(record.published),
                captured=_written(record.captured),
                rights=h.rights(record),
                translation_of=record.translation_of,
                copy_of=record.copy_of,
                updates={"article": updates.article, "how": updates.how} if updates else None,
            ),
        )

    def _statement(self, ref: ExportStatement, created: str) -> Iterator[Object]:
        """An opinion on each thing it is about; what is neither for nor against, and the article's own, is a note."""
        made = ref.made
        report = self.id(("articles", ref.entry.id))
        number = made.value if isinstance(made, ClaimAssertion) else None
        happened = made.date if isinstance(made, EventAssertion) else None
        speakers = self.h.speakers(ref)
        common: Object = {
            "authors": speakers,
            "lang": ref.article.language,
            "external_references": self.page(("articles", ref.entry.id), f"note-{ref.ref.list}-{ref.ref.n}"),
            "extensions": self.ours(
                kind="statements",
                id=ref.id,
                stance=made.stance,
                quote=ref.quote,
                translation=ref.translation,
                note=self.h.words(made.note),
                chains=[[step.words for step in chain] for chain in ref.chains],
                said=_written(made.said),
                happened=_written(happened),
                value=number.text if number else "",
                credibility=made.credibility,
                proposed=made.proposed or None,
            ),
        }
        things = self.refs(ref.kind, ref.things)
        opinion = OPINION.get(made.stance, "")
        for thing in things if opinion else ():
            id = f"opinion--{self.h.uuid(ref.id, thing)}"
            yield self.made(
                *(id, ref.marking, created), opinion=opinion, explanation=ref.quote, object_refs=[thing], **common
            )
        if not opinion or not things:
            who = ", ".join(speakers) or "somebody"
            words = ref.quote or ("states something that is not shown" if opinion else "is not quoted")
            yield self.made(
                f"note--{self.h.uuid(ref.id)}",
                ref.marking,
                created,
                abstract="Statement",
                content=words if opinion else f"{who}: {made.stance} ({words})",
                object_refs=things or [report],
                **common,
            )

    # -- briefs and topics ----------------------------------------------------------------------------------------

    def _brief(self, entry: Entry) -> Iterator[Object]:
        record = cast(Brief, entry.record)
        created = _moment(record.date)
        refs = [self.id(key) for key in self._cited(entry) if key[0] != "topics"]
        for n, made in enumerate(record.key_judgments, 1):
            note = self._judgment(entry, n, made, created)
            refs.append(note["id"])
            yield note
        yield self.made(
            self.id(("briefs", entry.id)),
            self.h.marking(entry),
            created,
            name=entry.name,
            description=self.h.uncited(record.summary),
            published=created,
            object_refs=list(dict.fromkeys(refs)) or [self.producer],
            labels=list(record.topics),
            lang=record.language,
            external_references=self.page(("briefs", entry.id)),
            extensions=self.kept(entry, date=_written(record.date), period=_written(record.period)),
        )

    def _cited(self, entry: Entry) -> Iterator[Key]:
        corpus = self.h.corpus
        for _, raw, kinds in references.of(entry.record):
            if key := corpus.resolve(raw, kinds) if kinds else corpus.target(raw)[0]:
                yield key
        for raw in entry.prose.refs:
            if key := corpus.target(raw)[0]:
                yield key

    def _judgment(self, entry: Entry, n: int, made: Judgment, created: str) -> Object:
        return self.made(
            f"note--{self.h.uuid('judgment', entry.id, str(n))}",
            self.h.marking(entry),
            created,
            abstract="Key judgment",
            content=self.h.uncited(made.text) or "not said",
            object_refs=self.refs("claims", made.rests_on) or [self.id(("briefs", entry.id))],
            confidence=CONFIDENCE.get(made.confidence or ""),
            extensions=self.ours(
                kind="judgments",
                brief=entry.id,
                number=n,
                likelihood=made.likelihood,
                confidence=made.confidence,
                because=self.h.uncited(made.because),
            ),
        )

    def _topic(self, entry: Entry) -> Iterator[Object]:
        members = [self.id(key) for key in self.h.corpus.tagged.get(entry.id, ())]
        yield self.made(
            self.id(("topics", entry.id)),
            self.h.marking(entry),
            UNDATED,
            name=entry.name,
            description=self.h.words(getattr(entry.record, "description", "")),
            context="unspecified",
            object_refs=list(dict.fromkeys(members)) or [self.producer],
            external_references=self.page(("topics", entry.id)),
            extensions=self.kept(entry),
        )


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _moment(date: Date | None) -> str:
    """The first moment of a date: STIX knows no others. What was written stands in the extension."""
    if date is None:
        return UNDATED
    if _TIME.fullmatch(date.text):
        return f"{date.text[:-1]}.000Z"
    return f"{date.earliest}T00:00:00.000Z" if "0001" <= date.earliest[:4] <= "9998" else UNDATED


def _stamp(part: str, *, last: bool = False) -> str:
    """A plain ISO part as a moment, its last one where it ends something."""
    if not part:
        return ""
    day = part + ("-12-31" if last else "-01-01")[len(part) - 4 :] if len(part) < 10 else part
    if last and len(part) == 7:
        day = f"{part}-28"
    return f"{day}T{'23:59:59.000' if last else '00:00:00.000'}Z" if _DAY.fullmatch(day) else ""


def _dated(since: Date | None, until: Date | None) -> Object:
    ref = {"from": _written(since), "until": _written(until)}
    return {key: value for key, value in ref.items() if value}


def _written(date: Date | None) -> str:
    return date.text if date else ""


assert set(TYPES) == set(KINDS)
