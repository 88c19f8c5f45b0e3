"""Everything as tables: what CSV and SQLite share. Many-to-many is a table of its own, so that no cell is a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, cast

from sitrep.analysis import provenance
from sitrep.corpus.corpus import PARTIES, Key
from sitrep.export.holding import ExportContext, ExportStatement, web
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, SINGULAR, Actor, Article, Brief, Claim, Date, Event, EventAssertion, Source

Cell = str | int | float | None
Row = tuple[Cell, ...]


class Column(NamedTuple):
    name: str
    type: Literal["text", "integer", "real"] = "text"
    to: str = ""
    """The table whose `id` it is."""


class Table(NamedTuple):
    """Its rows come of all there is (`make`), or of each statement (`of`): statements are gone through but once."""

    name: str
    columns: tuple[Column, ...]
    make: Callable[[ExportContext], Iterator[Row]] | None = None
    search: tuple[str, ...] = ()
    """Columns that are searched by their words."""
    of: Callable[[ExportContext, ExportStatement], Iterator[Row]] | None = None

    def rows(self, h: ExportContext) -> Iterator[Row]:
        if self.make:
            yield from self.make(h)
        elif self.of:
            for ref in statements(h):
                yield from self.of(h, ref)


def _columns(line: str) -> tuple[Column, ...]:
    """`id source>sources start:integer` → columns."""
    made = []
    for word in line.split():
        name, _, to = word.partition(">")
        name, _, kind = name.partition(":")
        made.append(Column(name, cast("Literal['text', 'integer', 'real']", kind or "text"), to))
    return tuple(made)


def _here(h: ExportContext, kind: str, id: str | None) -> str | None:
    """An id, where the thing is here."""
    return id if id and id in h.corpus.entries[kind] else None  # type: ignore[index]


def _two(key: Key | None) -> tuple[str | None, str | None]:
    """A party as two cells: the actor, the source."""
    if key is None:
        return None, None
    return (key[1], None) if key[0] == "actors" else (None, key[1])


def _text(date: Date | None) -> tuple[str | None, str | None, str | None]:
    """A date as three cells: as written, its first day, month or year, and its last."""
    if date is None:
        return None, None, None
    start, end = iso(date)
    return date.text, start or None, end or None


def _as_written(date: Date | None) -> str | None:
    return date.text if date else None


# -- things -----------------------------------------------------------------------------------------------------------


def _about(h: ExportContext) -> Iterator[Row]:
    yield "title", h.config.title
    yield "url", h.config.url or None
    yield "marking", h.strictest
    yield "release", "NOT FOR RELEASE: a preview that shows what is withheld" if h.preview else "released"
    yield "as_known_on", h.now or None


def _topics(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("topics"):
        record = entry.record
        yield entry.id, entry.name, _described(h, entry), int(bool(entry.files)), h.marking(entry), record.language


def _described(h: ExportContext, entry: Entry) -> str | None:
    return h.words(getattr(entry.record, "description", "")) or None


def _prose(h: ExportContext, entry: Entry) -> str | None:
    return h.prose(entry.prose) or None


def _actors(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("actors"):
        record = cast(Actor, entry.record)
        identifiers = (record.identifiers.wikidata or None, record.identifiers.iso3166 or None)
        words = (_described(h, entry), _prose(h, entry))
        kept = (int(bool(entry.files)), h.marking(entry), record.language or None)
        yield (entry.id, entry.name, record.kind, *words, *identifiers, web(record.url) or None, *kept)


def _sources(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("sources"):
        record = cast(Source, entry.record)
        words = (_described(h, entry), _prose(h, entry))
        graded = (record.country or None, record.reliability, web(record.url) or None)
        kept = (int(bool(entry.files)), h.marking(entry), record.language or None)
        yield (entry.id, entry.name, record.kind, *words, *graded, *kept)


def _events(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("events"):
        record = cast(Event, entry.record)
        place = record.place
        where = (place.name, place.lat, place.lon) if place else (None, None, None)
        what = (record.class_, record.mode or None, record.phase)
        words = (_described(h, entry), _prose(h, entry))
        kept = (int(bool(entry.files)), h.marking(entry), record.language or None)
        yield (entry.id, entry.name, *_text(record.date), *where, *what, *words, *kept)


def _claims(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("claims"):
        record = cast(Claim, entry.record)
        ledger = provenance.ledger(h.corpus, entry.id)
        words = (record.measure or None, _described(h, entry), _prose(h, entry))
        counts = (ledger.articles, ledger.outlets, ledger.known, ledger.unknown)
        kept = (int(bool(entry.files)), h.marking(entry), record.language or None)
        yield (entry.id, entry.name, *words, *counts, *kept)


def _articles(h: ExportContext) -> Iterator[Row]:
    for entry, record in h.corpus.articles:
        updates = record.updates
        yield (
            *(entry.id, entry.name, _here(h, "sources", record.source)),
            *(*_text(record.published), _as_written(record.captured)),
            *(web(record.url) or None, web(record.archived) or None, record.language or None),
            *(h.words(record.summary) or None, h.rights(record), h.excerpt(entry) or None),
            *(_here(h, "articles", record.translation_of), _here(h, "articles", record.copy_of)),
            *(_here(h, "articles", updates.article) if updates else None, updates.how if updates else None),
            h.marking(entry),
        )


def _briefs(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("briefs"):
        record = cast(Brief, entry.record)
        summary = h.uncited(record.summary) or None
        dated = (*_text(record.date), _as_written(record.period))
        yield (
            entry.id,
            entry.name,
            *dated,
            summary,
            h.uncited_prose(entry.prose) or None,
            h.marking(entry),
            record.language or None,
        )


# -- what things say of each other ------------------------------------------------------------------------------------


def _names(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("actors", "sources"):
        for alias in dict.fromkeys(cast("Actor | Source", entry.record).aliases):
            yield (*_two((entry.kind, entry.id)), alias)


def _tagged(h: ExportContext) -> Iterator[Row]:
    for topic, keys in sorted(h.corpus.tagged.items()):
        for kind, id in dict.fromkeys(keys):
            yield topic, SINGULAR[kind], id


def _former(h: ExportContext) -> Iterator[Row]:
    for (kind, old), (_, id) in sorted(h.corpus.redirects.items()):
        yield SINGULAR[kind], old, id


def _relations(h: ExportContext) -> Iterator[Row]:
    for made in h.relations():
        since, until = _as_written(made.since), _as_written(made.until)
        yield (*_two(made.subject), made.how, *_two(made.object), made.words or None, since, until)


def _event_roles(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("events"):
        for role, ids in cast(Event, entry.record).roles.items():
            for id in dict.fromkeys(ids):
                if key := h.corpus.resolve(id, ("actors",)):
                    yield entry.id, role, key[1]


def _event_links(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("events"):
        record = cast(Event, entry.record)
        for how, ids in (("part of", record.part_of), ("related", record.related)):
            yield from ((entry.id, how, id) for id in dict.fromkeys(ids) if _here(h, "events", id))


def _claim_about(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("claims"):
        about = cast(Claim, entry.record).about
        yield from ((entry.id, id, None) for id in dict.fromkeys(about.actors) if _here(h, "actors", id))
        yield from ((entry.id, None, id) for id in dict.fromkeys(about.events) if _here(h, "events", id))


def _conflicts(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("claims"):
        for made in cast(Claim, entry.record).conflicts:
            if _here(h, "claims", made.claim):
                yield entry.id, made.claim, made.how


def _shared(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("claims"):
        for n, made in enumerate(cast(Claim, entry.record).shares_evidence, 1):
            for raw in made.origins:
                if key := h.corpus.resolve(raw, PARTIES):
                    yield (entry.id, n, *_two(key), h.words(made.because))


def _assessments(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("claims"):
        for n, made in enumerate(cast(Claim, entry.record).assessments, 1):
            why = (h.words(made.because) or None, h.words(made.would_change) or None)
            yield (entry.id, n, made.date.text, made.likelihood, made.confidence, *why)


def _judgments(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("briefs"):
        for n, made in enumerate(cast(Brief, entry.record).key_judgments, 1):
            because = h.uncited(made.because) or None
            yield entry.id, n, h.uncited(made.text), made.likelihood, made.confidence, because


def _judgment_claims(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("briefs"):
        for n, made in enumerate(cast(Brief, entry.record).key_judgments, 1):
            yield from ((entry.id, n, id) for id in dict.fromkeys(made.rests_on) if _here(h, "claims", id))


# -- annotations ------------------------------------------------------------------------------------------------------


def statements(h: ExportContext) -> Iterator[ExportStatement]:
    for entry in h.things("articles"):
        yield from h.statements(entry)


def _statements(h: ExportContext, ref: ExportStatement) -> Iterator[Row]:
    made = ref.made
    value = None if isinstance(made, EventAssertion) else made.value
    number = (value.text, value.form, value.low, value.high) if value else (None,) * 4
    happened = made.date if isinstance(made, EventAssertion) else None
    yield (
        *(ref.id, ref.ref.article, ref.ref.list, ref.ref.n, made.stance),
        *(ref.quote or None, ref.translation or None, h.words(made.note) or None),
        *(_as_written(made.said), *_text(happened), *(_finite(cell) for cell in number)),
        *(made.credibility, int(made.proposed), ref.marking),
    )


def _finite(cell: Cell) -> Cell:
    """A bound that a number leaves open is no number."""
    return None if isinstance(cell, float) and cell in (float("inf"), float("-inf")) else cell


def _statement_events(h: ExportContext, ref: ExportStatement) -> Iterator[Row]:
    yield from ((ref.id, id) for id in ref.things if ref.kind == "events")


def _statement_claims(h: ExportContext, ref: ExportStatement) -> Iterator[Row]:
    yield from ((ref.id, id) for id in ref.things if ref.kind == "claims")


def _statement_roles(h: ExportContext, ref: ExportStatement) -> Iterator[Row]:
    if isinstance(ref.made, EventAssertion):
        for role, ids in ref.made.roles.items():
            for id in dict.fromkeys(ids):
                if key := h.corpus.resolve(id, ("actors",)):
                    yield ref.id, role, key[1]


def _links(h: ExportContext, ref: ExportStatement) -> Iterator[Row]:
    for n, chain in enumerate(ref.chains, 1):
        for at, step in enumerate(chain, 1):
            party = step.key if step.key and step.key[0] in PARTIES else None
            article = step.key[1] if step.key and step.key[0] == "articles" else None
            role = "speaker" if at == 1 and ref.made.by else "outlet" if at == len(chain) else "relay"
            yield (ref.id, n, at, role, *_two(party), article, step.words, int(step.unnamed))


def _statement_places(h: ExportContext, ref: ExportStatement) -> Iterator[Row]:
    if ref.quote:
        text = ref.entry.prose.text
        for n, place in enumerate(ref.places, 1):
            yield ref.id, n, place.start, place.end, text[place.start : place.end]


def _mentions(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("articles"):
        record = cast(Article, entry.record)
        for n, key, _ in h.mentioned(entry):
            made = record.actors[n - 1]
            yield (f"{entry.id}#actor-{n}", entry.id, *_two(key), h.words(made.note) or None, int(made.proposed))


def _mention_places(h: ExportContext) -> Iterator[Row]:
    for entry in h.things("articles"):
        text = entry.prose.text
        for n, _, places in h.mentioned(entry):
            for at, place in enumerate(places, 1):
                yield f"{entry.id}#actor-{n}", at, place.start, place.end, text[place.start : place.end]


KEPT = "filed:integer marking language"
DATED = "date date_from date_until"
TABLES = (
    Table("about", _columns("key value"), _about),
    Table("topics", _columns(f"id name description {KEPT}"), _topics),
    Table(
        "sources",
        _columns(f"id name kind description prose country reliability url {KEPT}"),
        _sources,
        ("name", "description", "prose"),
    ),
    Table(
        "actors",
        _columns(f"id name kind description prose wikidata iso3166 url {KEPT}"),
        _actors,
        ("name", "description", "prose"),
    ),
    Table(
        "events",
        _columns(f"id name {DATED} place lat:real lon:real class mode phase description prose {KEPT}"),
        _events,
        ("name", "place", "description", "prose"),
    ),
    Table(
        "claims",
        _columns(
            "id statement measure description prose articles:integer outlets:integer origins:integer "
            f"unknown_origins:integer {KEPT}"
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
        of=_statements,
    ),
    Table("statement_events", _columns("statement>statements event>events"), of=_statement_events),
    Table("statement_claims", _columns("statement>statements claim>claims"), of=_statement_claims),
    Table("statement_roles", _columns("statement>statements role actor>actors"), of=_statement_roles),
    Table(
        "statement_places",
        _columns("statement>statements piece:integer start:integer end:integer exact"),
        of=_statement_places,
    ),
    Table(
        "chain_links",
        _columns(
            "statement>statements chain:integer position:integer role actor>actors source>sources article>articles "
            "words unnamed:integer"
        ),
        of=_links,
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
"""In an order in which each table comes after those that it points to."""
assert {table.name for table in TABLES} >= set(KINDS)
