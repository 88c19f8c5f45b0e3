"""All content as tables, for CSV and SQLite. A many-to-many relation is a table, so that no cell contains a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, cast

from sitrep.analysis import provenance
from sitrep.corpus.corpus import PARTIES, Key
from sitrep.export.context import ExportContext, ExportStatement, web_address, written
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, SINGULAR, Actor, Article, Brief, Claim, Date, Event, EventAssertion, Source

Cell = str | int | float | None
Row = tuple[Cell, ...]


class Column(NamedTuple):
    name: str
    type: Literal["text", "integer", "real"] = "text"
    references: str = ""
    """The table whose `id` it contains."""


class Table(NamedTuple):
    """Rows come from the whole corpus (`make`) or from each statement (`rows_of`): one pass fills all tables."""

    name: str
    columns: tuple[Column, ...]
    make: Callable[[ExportContext], Iterator[Row]] | None = None
    search: tuple[str, ...] = ()
    """Columns with full-text search."""
    rows_of: Callable[[ExportContext, ExportStatement], Iterator[Row]] | None = None

    def rows(self, context: ExportContext) -> Iterator[Row]:
        if self.make:
            yield from self.make(context)
        elif self.rows_of:
            for statement in statements(context):
                yield from self.rows_of(context, statement)


def _columns(line: str) -> tuple[Column, ...]:
    """`id source>sources start:integer` → columns."""
    columns = []
    for word in line.split():
        name, _, table = word.partition(">")
        name, _, kind = name.partition(":")
        columns.append(Column(name, cast("Literal['text', 'integer', 'real']", kind or "text"), table))
    return tuple(columns)


def _here(context: ExportContext, kind: str, id: str | None) -> str | None:
    """An id, or None if there is no such entry."""
    return id if id and id in context.corpus.entries[kind] else None  # type: ignore[index]


def _two(key: Key | None) -> tuple[str | None, str | None]:
    """An actor or source as two cells: actor, source."""
    if key is None:
        return None, None
    return (key[1], None) if key[0] == "actors" else (None, key[1])


def _text(date: Date | None) -> tuple[str | None, str | None, str | None]:
    """A date as three cells: as written, its first and its last day, month or year."""
    if date is None:
        return None, None, None
    start, end = iso(date)
    return date.text, start or None, end or None


# -- entries ----------------------------------------------------------------------------------------------------------


def _about(context: ExportContext) -> Iterator[Row]:
    yield "title", context.config.title
    yield "url", context.config.url or None
    yield "marking", context.strictest
    yield "release", "NOT FOR RELEASE: a preview that shows what is withheld" if context.preview else "released"
    yield "as_known_on", context.now or None


def _topics(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("topics"):
        record = entry.record
        yield (
            entry.id,
            entry.name,
            _described(context, entry),
            int(bool(entry.files)),
            context.marking(entry),
            record.language,
        )


def _described(context: ExportContext, entry: Entry) -> str | None:
    return context.words(getattr(entry.record, "description", "")) or None


def _texts(context: ExportContext, entry: Entry) -> tuple[str | None, str | None]:
    """The description and the prose of an entry."""
    return _described(context, entry), context.prose(entry.prose) or None


def _filing(context: ExportContext, entry: Entry) -> tuple[int, str, str | None]:
    """The cells of the columns FILING."""
    return int(bool(entry.files)), context.marking(entry), entry.record.language or None


def _actors(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("actors"):
        record = cast(Actor, entry.record)
        identifiers = (record.identifiers.wikidata or None, record.identifiers.iso3166 or None)
        texts, address = _texts(context, entry), web_address(record.url) or None
        yield (entry.id, entry.name, record.kind, *texts, *identifiers, address, *_filing(context, entry))


def _sources(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("sources"):
        record = cast(Source, entry.record)
        facts = (record.country or None, record.reliability, web_address(record.url) or None)
        yield (entry.id, entry.name, record.kind, *_texts(context, entry), *facts, *_filing(context, entry))


def _events(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("events"):
        record = cast(Event, entry.record)
        place = record.place
        position = (place.name, place.lat, place.lon) if place else (None, None, None)
        facts = (record.class_, record.mode or None, record.phase)
        texts, filing = _texts(context, entry), _filing(context, entry)
        yield (entry.id, entry.name, *_text(record.date), *position, *facts, *texts, *filing)


def _claims(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("claims"):
        record = cast(Claim, entry.record)
        ledger = provenance.ledger(context.corpus, entry.id)
        texts = (record.measure or None, *_texts(context, entry))
        counts = (ledger.articles, ledger.outlets, ledger.known, ledger.unknown)
        yield (entry.id, entry.name, *texts, *counts, *_filing(context, entry))


def _articles(context: ExportContext) -> Iterator[Row]:
    for entry, record in context.corpus.articles:
        updates = record.updates
        yield (
            *(entry.id, entry.name, _here(context, "sources", record.source)),
            *(*_text(record.published), written(record.captured) or None),
            *(web_address(record.url) or None, web_address(record.archived) or None, record.language or None),
            *(context.words(record.summary) or None, context.rights(record), context.excerpt(entry) or None),
            *(_here(context, "articles", record.translation_of), _here(context, "articles", record.copy_of)),
            *(_here(context, "articles", updates.article) if updates else None, updates.how if updates else None),
            context.marking(entry),
        )


def _briefs(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("briefs"):
        record = cast(Brief, entry.record)
        summary = context.uncited(record.summary) or None
        dated = (*_text(record.date), written(record.period) or None)
        yield (
            entry.id,
            entry.name,
            *dated,
            summary,
            context.uncited_prose(entry.prose) or None,
            context.marking(entry),
            record.language or None,
        )


# -- relations between entries ----------------------------------------------------------------------------------------


def _names(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("actors", "sources"):
        for alias in dict.fromkeys(cast("Actor | Source", entry.record).aliases):
            yield (*_two((entry.kind, entry.id)), alias)


def _tagged(context: ExportContext) -> Iterator[Row]:
    for topic, keys in sorted(context.corpus.tagged.items()):
        for kind, id in dict.fromkeys(keys):
            yield topic, SINGULAR[kind], id


def _former(context: ExportContext) -> Iterator[Row]:
    for (kind, old), (_, id) in sorted(context.corpus.redirects.items()):
        yield SINGULAR[kind], old, id


def _relations(context: ExportContext) -> Iterator[Row]:
    for tie in context.relations():
        since, until = written(tie.since) or None, written(tie.until) or None
        yield (*_two(tie.subject), tie.how, *_two(tie.object), tie.words or None, since, until)


def _event_roles(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("events"):
        for role, ids in cast(Event, entry.record).roles.items():
            for id in dict.fromkeys(ids):
                if key := context.corpus.resolve(id, ("actors",)):
                    yield entry.id, role, key[1]


def _event_links(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("events"):
        record = cast(Event, entry.record)
        for how, ids in (("part of", record.part_of), ("related", record.related)):
            yield from ((entry.id, how, id) for id in dict.fromkeys(ids) if _here(context, "events", id))


def _claim_about(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("claims"):
        about = cast(Claim, entry.record).about
        yield from ((entry.id, id, None) for id in dict.fromkeys(about.actors) if _here(context, "actors", id))
        yield from ((entry.id, None, id) for id in dict.fromkeys(about.events) if _here(context, "events", id))


def _conflicts(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("claims"):
        for conflict in cast(Claim, entry.record).conflicts:
            if _here(context, "claims", conflict.claim):
                yield entry.id, conflict.claim, conflict.how


def _shared(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("claims"):
        for n, shared in enumerate(cast(Claim, entry.record).shares_evidence, 1):
            for raw in shared.origins:
                if key := context.corpus.resolve(raw, PARTIES):
                    yield (entry.id, n, *_two(key), context.words(shared.because))


def _assessments(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("claims"):
        for n, assessment in enumerate(cast(Claim, entry.record).assessments, 1):
            reasons = (context.words(assessment.because) or None, context.words(assessment.would_change) or None)
            yield (entry.id, n, assessment.date.text, assessment.likelihood, assessment.confidence, *reasons)


def _judgments(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("briefs"):
        for n, judgment in enumerate(cast(Brief, entry.record).key_judgments, 1):
            because = context.uncited(judgment.because) or None
            yield entry.id, n, context.uncited(judgment.text), judgment.likelihood, judgment.confidence, because


def _judgment_claims(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("briefs"):
        for n, judgment in enumerate(cast(Brief, entry.record).key_judgments, 1):
            yield from ((entry.id, n, id) for id in dict.fromkeys(judgment.rests_on) if _here(context, "claims", id))


# -- annotations ------------------------------------------------------------------------------------------------------


def statements(context: ExportContext) -> Iterator[ExportStatement]:
    for entry in context.entries("articles"):
        yield from context.statements(entry)


def _statements(context: ExportContext, statement: ExportStatement) -> Iterator[Row]:
    assertion = statement.assertion
    value = None if isinstance(assertion, EventAssertion) else assertion.value
    number = (value.text, value.form, value.low, value.high) if value else (None,) * 4
    happened = assertion.date if isinstance(assertion, EventAssertion) else None
    yield (
        *(statement.id, statement.ref.article, statement.ref.list, statement.ref.n, assertion.stance),
        *(statement.quote or None, statement.translation or None, context.words(assertion.note) or None),
        *(written(assertion.said) or None, *_text(happened), *(_finite(cell) for cell in number)),
        *(assertion.credibility, int(assertion.proposed), statement.marking),
    )


def _finite(cell: Cell) -> Cell:
    """None for an open bound of a number."""
    return None if isinstance(cell, float) and cell in (float("inf"), float("-inf")) else cell


def _statement_events(context: ExportContext, statement: ExportStatement) -> Iterator[Row]:
    yield from ((statement.id, id) for kind, id in statement.about if kind == "events")


def _statement_claims(context: ExportContext, statement: ExportStatement) -> Iterator[Row]:
    yield from ((statement.id, id) for kind, id in statement.about if kind == "claims")


def _statement_roles(context: ExportContext, statement: ExportStatement) -> Iterator[Row]:
    if isinstance(statement.assertion, EventAssertion):
        for role, ids in statement.assertion.roles.items():
            for id in dict.fromkeys(ids):
                if key := context.corpus.resolve(id, ("actors",)):
                    yield statement.id, role, key[1]


def _chain_links(context: ExportContext, statement: ExportStatement) -> Iterator[Row]:
    for n, chain in enumerate(statement.chains, 1):
        for at, step in enumerate(chain, 1):
            party = step.key if step.key and step.key[0] in PARTIES else None
            article = step.key[1] if step.key and step.key[0] == "articles" else None
            role = "speaker" if at == 1 and statement.assertion.by else "outlet" if at == len(chain) else "relay"
            yield (statement.id, n, at, role, *_two(party), article, step.words, int(step.unnamed))


def _statement_places(context: ExportContext, statement: ExportStatement) -> Iterator[Row]:
    if statement.quote:
        text = statement.entry.prose.text
        for n, place in enumerate(statement.places, 1):
            yield statement.id, n, place.start, place.end, text[place.start : place.end]


def _mentions(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("articles"):
        record = cast(Article, entry.record)
        for n, key, _ in context.mentioned(entry):
            mention = record.actors[n - 1]
            yield (
                f"{entry.id}#actor-{n}",
                entry.id,
                *_two(key),
                context.words(mention.note) or None,
                int(mention.proposed),
            )


def _mention_places(context: ExportContext) -> Iterator[Row]:
    for entry in context.entries("articles"):
        text = entry.prose.text
        for n, _, places in context.mentioned(entry):
            for at, place in enumerate(places, 1):
                yield f"{entry.id}#actor-{n}", at, place.start, place.end, text[place.start : place.end]


FILING = "filed:integer marking language"
DATED = "date date_from date_until"
TABLES = (
    Table("about", _columns("key value"), _about),
    Table("topics", _columns(f"id name description {FILING}"), _topics),
    Table(
        "sources",
        _columns(f"id name kind description prose country reliability url {FILING}"),
        _sources,
        ("name", "description", "prose"),
    ),
    Table(
        "actors",
        _columns(f"id name kind description prose wikidata iso3166 url {FILING}"),
        _actors,
        ("name", "description", "prose"),
    ),
    Table(
        "events",
        _columns(f"id name {DATED} place lat:real lon:real class mode phase description prose {FILING}"),
        _events,
        ("name", "place", "description", "prose"),
    ),
    Table(
        "claims",
        _columns(
            "id statement measure description prose articles:integer outlets:integer origins:integer "
            f"unknown_origins:integer {FILING}"
        ),
        _claims,
        ("statement", "description", "prose"),
    ),
    Table(
        "articles",
        _columns(
            "id title source>sources published published_from published_until captured url archived language summary "
            "rights text translation_of>articles copy_of>articles updates>articles updates_how marking"
        ),
        _articles,
        ("title", "summary", "text"),
    ),
    Table(
        "briefs",
        _columns(f"id title {DATED} period summary text marking language"),
        _briefs,
        ("title", "summary", "text"),
    ),
    Table(
        "statements",
        _columns(
            "id article>articles list number:integer stance quote translation note said happened happened_from "
            "happened_until value value_form value_low:real value_high:real credibility proposed:integer marking"
        ),
        search=("quote", "translation", "note"),
        rows_of=_statements,
    ),
    Table("statement_events", _columns("statement>statements event>events"), rows_of=_statement_events),
    Table("statement_claims", _columns("statement>statements claim>claims"), rows_of=_statement_claims),
    Table("statement_roles", _columns("statement>statements role actor>actors"), rows_of=_statement_roles),
    Table(
        "statement_places",
        _columns("statement>statements piece:integer start:integer end:integer exact"),
        rows_of=_statement_places,
    ),
    Table(
        "chain_links",
        _columns(
            "statement>statements chain:integer position:integer role actor>actors source>sources article>articles "
            "words unnamed:integer"
        ),
        rows_of=_chain_links,
    ),
    Table("mentions", _columns("id article>articles actor>actors source>sources note proposed:integer"), _mentions),
    Table(
        "mention_places",
        _columns("mention>mentions place:integer start:integer end:integer exact"),
        _mention_places,
    ),
    Table("names", _columns("actor>actors source>sources name"), _names),
    Table("tagged", _columns("topic>topics kind thing"), _tagged),
    Table("former_ids", _columns("kind old id"), _former),
    Table(
        "relations",
        _columns("actor>actors source>sources how to_actor>actors to_source>sources words since until"),
        _relations,
    ),
    Table("event_roles", _columns("event>events role actor>actors"), _event_roles),
    Table("event_links", _columns("event>events how other>events"), _event_links),
    Table("claim_about", _columns("claim>claims actor>actors event>events"), _claim_about),
    Table("claim_conflicts", _columns("claim>claims other>claims how"), _conflicts),
    Table(
        "shared_evidence",
        _columns("claim>claims number:integer actor>actors source>sources because"),
        _shared,
    ),
    Table(
        "assessments",
        _columns("claim>claims number:integer date likelihood confidence because would_change"),
        _assessments,
    ),
    Table("judgments", _columns("brief>briefs number:integer text likelihood confidence because"), _judgments),
    Table("judgment_claims", _columns("brief>briefs number:integer claim>claims"), _judgment_claims),
)
"""Each table comes after those that it references."""
assert {table.name for table in TABLES} >= set(KINDS)
