"""Link entries into a corpus: what is mentioned, what ids mean, and who refers to whom from where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sitrep.anchoring import names as naming
from sitrep.corpus.corpus import (
    INDEXES,
    PARTIES,
    AnnotationRef,
    Backlink,
    Corpus,
    Day,
    Key,
    Names,
    anchored,
    day,
)
from sitrep.model import dates
from sitrep.model.entries import Entry
from sitrep.model.records import (
    KINDS,
    PLURAL,
    RECORD,
    Actor,
    ActorKind,
    AnyAssertion,
    Article,
    Brief,
    Claim,
    Content,
    Date,
    Event,
    Kind,
    Link,
    Source,
    Tie,
)
from sitrep.model.tracking import TrackedMapping


def linked_corpus(entries: Iterable[Entry]) -> Corpus:
    """The corpus of these entries: a function of them alone, whatever their order."""
    return CorpusLinker().corpus(entries)


class CorpusLinker(Corpus):
    """A corpus under construction: its mappings are plain dicts, which record nothing."""

    entries: Any
    redirects: Any
    named_parties: Any
    mention_fingerprints: Any
    _resolved: dict[tuple[str, tuple[Kind, ...]], Key | None] | None = None
    """Resolved ids, once all entries are there: most ids occur often."""

    def resolve(self, raw: str, kinds: tuple[Kind, ...]) -> Key | None:
        known = self._resolved
        if known is None:
            return super().resolve(raw, kinds)
        asked = (raw, kinds)
        if asked not in known:
            known[asked] = super().resolve(raw, kinds)
        return known[asked]

    def corpus(self, entries: Iterable[Entry]) -> Corpus:
        for entry in sorted(entries, key=lambda entry: (entry.kind, *order(entry))):
            self.entries[entry.kind][entry.id] = entry
        self._name()
        self._mention()
        self._resolved = {}  # from here on all entries are there
        for kind in KINDS:
            for entry in self.entries[kind].values():
                self.refer(entry)
        corpus = Corpus()
        corpus.mention_places = self.mention_places
        for name in INDEXES:
            setattr(corpus, name, TrackedMapping(corpus.recorder, name, getattr(self, name)))
        for kind in KINDS:
            bound = {id: corpus.bound(entry) for id, entry in self.entries[kind].items()}
            corpus.entries[kind] = TrackedMapping(corpus.recorder, f"{kind}/", bound)
        return corpus

    def _name(self) -> None:
        """Which names are sought in each article, as these entries give them, and where they stand."""
        table = naming.table(e for kind in PARTIES for e in self.entries[kind].values())
        for entry, article in self.articles:
            names = self.sought_names[entry.id] = naming.sought(article, table)  # type: ignore[index]
            self.mention_places[entry.id] = placed(entry, names)

    def _mention(self) -> None:
        """Give each id that is only mentioned an entry without a file."""
        for mention in (self.mention_source, self.mention_parties, self.mention_routes):
            for _, article in self.articles:
                mention(article)
        for kind in KINDS:
            for entry in list(self.entries[kind].values()):
                self.mention_topics(entry)
        for kind in KINDS:
            if kind != "articles":
                self.entries[kind] = dict(sorted(self.entries[kind].items(), key=lambda item: order(item[1])))

    def mention_source(self, article: Article) -> None:
        if article.source:
            self._ensure("sources", article.source)

    def mention_parties(self, article: Article) -> None:
        for mention in article.actors:
            self._ensure_party(mention.id, NAMED, "actors", mention.kind)
        for assertion in (*article.events, *article.claims):
            for link in assertion.by:
                self._ensure_link(link, "actors")
        for event in article.events:
            for id in event.id:
                self._ensure("events", id)
            for group in event.roles.values():
                for id in group:
                    self._ensure("actors", id)
        for claim in article.claims:
            for id in claim.id:
                self._ensure("claims", id)

    def mention_routes(self, article: Article) -> None:
        for link in article.via:
            self._ensure_link(link, "sources")
        for assertion in (*article.events, *article.claims):
            for link in assertion.via:
                self._ensure_link(link, "sources")

    def mention_topics(self, entry: Entry) -> None:
        for topic in entry.record.topics:
            self._ensure("topics", topic)

    def _ensure(self, kind: Kind, id: str, what: ActorKind | None = None) -> None:
        if id not in self.entries[kind]:
            record = Actor(kind=what) if kind == "actors" and what else RECORD[kind]()
            self.entries[kind][id] = Entry.of(kind=kind, id=id, record=record)

    def _ensure_party(self, raw: str, kinds: tuple[Kind, ...], new: Kind, what: ActorKind | None = None) -> None:
        if self.resolve(raw, kinds) is None:
            prefix, colon, rest = raw.partition(":")
            self._ensure(PLURAL.get(prefix, new) if colon else new, rest if colon else raw, what)

    def _ensure_link(self, link: Link, new: Kind) -> None:
        for raw in (link.id, link.of):
            if raw:
                self._ensure_party(raw, PARTIES, new)

    def refer(self, entry: Entry) -> None:
        """Index what one entry says of others. All entries must be there, and the places of names in it be known."""
        kind, record = entry.kind, entry.record
        key = (kind, entry.id)
        if isinstance(record, Article):
            self._refer_article(entry.id, record)
        for topic in record.topics:
            self.tagged[topic].append(key)
        if known_dates := _dates(record):
            self.dates[key] = known_dates  # type: ignore[index]
        for old in record.formerly:
            if old not in self.entries[kind]:
                self.redirects.setdefault((kind, old), key)
        if entry.files:
            self._refer_prose(key, entry)
            if kind != "articles":
                self._refer_file(key, entry)

    def _refer_article(self, id: str, article: Article) -> None:
        if article.source:
            self.articles_of[article.source].append(id)
        if article.updates:
            self.updates[article.updates.article].append(id)
        for link in article.via:
            if (party := self.party(link)) and id not in self.articles_via[party][-1:]:
                self.articles_via[party].append(id)
        named: dict[Key, None] = {}
        places = self.mention_places[id]
        for n, mention in enumerate(article.actors, 1):
            if key := self.resolve(mention.id, NAMED):
                self.mentions[key].append(AnnotationRef(id, "actor", n))
                self.mention_fingerprints[key] ^= stands(places, n)
                named[key] = None
        self.named_parties[id] = tuple(named)
        groups: tuple[tuple[str, Kind, tuple[AnyAssertion, ...]], ...] = (
            ("event", "events", article.events),
            ("claim", "claims", article.claims),
        )
        for group, kind, assertions in groups:
            for n, assertion in enumerate(assertions, 1):
                ref = AnnotationRef(id, group, n)
                for about in dict.fromkeys(assertion.id):
                    self.statements[kind, about].append(ref)
                for party in dict.fromkeys(p for link in assertion.by if (p := self.party(link))):
                    self.statements_by[party].append(ref)
                for party in dict.fromkeys(p for link in assertion.via if (p := self.party(link))):
                    self.statements_via[party].append(ref)
        for n, event in enumerate(article.events, 1):
            for role, group_ids in event.roles.items():
                for actor in group_ids:
                    self.roles["actors", actor].append((role, AnnotationRef(id, "event", n)))

    def _refer_prose(self, key: Key, entry: Entry) -> None:
        seen = {key}
        for raw in (*entry.linked, *entry.refs):
            target, _ = self.target(raw)
            if target and target not in seen:
                seen.add(target)
                self.prose_links[target].append(key)

    def _refer_file(self, key: Key, entry: Entry) -> None:
        for target, how, note in self._ties(entry):
            if target:
                self.backlinks[target].append(Backlink(key, how, note))

    def _ties(self, entry: Entry) -> Iterator[tuple[Key | None, str, str]]:
        """(to whom, what the other end calls it, a note) for each reference in the data of an entry with a file."""
        record = entry.record
        if isinstance(record, Actor):
            yield from self._belongings(record.part_of, "part of it")
            yield from self._belongings(record.member_of, "members")
            for office in record.roles:
                if office.of:
                    yield self.resolve(office.of, PARTIES), "holds office in it", office.title
            for relation in record.relations:
                yield self.resolve(relation.to, ("actors",)), "related", relation.how
        elif isinstance(record, Source):
            yield from self._belongings(record.owner, "owns")
            yield from self._belongings(record.controlled_by, "controls")
        elif isinstance(record, Event):
            for role, actors in record.roles.items():
                for actor in actors:
                    yield self.resolve(actor, ("actors",)), "took part", role
            for event in record.part_of:
                yield self.resolve(event, ("events",)), "includes", ""
            for event in record.related:
                yield self.resolve(event, ("events",)), "related", ""
        elif isinstance(record, Claim):
            for actor in record.about.actors:
                yield self.resolve(actor, ("actors",)), "claims about it", ""
            for event in record.about.events:
                yield self.resolve(event, ("events",)), "claims about it", ""
            for conflict in record.conflicts:
                yield self.resolve(conflict.claim, ("claims",)), "conflicts", conflict.how
        elif isinstance(record, Brief):
            for judgment in record.key_judgments:
                for claim in judgment.rests_on:
                    yield self.resolve(claim, ("claims",)), "judgments resting on it", ""

    def _belongings(self, ties: tuple[Tie, ...], how: str) -> Iterator[tuple[Key | None, str, str]]:
        for tie in ties:
            yield self.resolve(tie.id, PARTIES), how, ""


NAMED: tuple[Kind, ...] = ("actors", "sources")
"""What a mention may be of."""


def placed(entry: Entry, names: Names) -> bytes:
    """Where the mentions of an article stand when these names are sought: see `naming.places`."""
    if entry.places[: naming.PLACE] == naming.looked(names):
        return entry.places
    return naming.places(entry.id, names, anchored(entry, entry.unpacked(), names).anchors)


def stands(places: bytes, n: int) -> int:
    """A number for the places of mention `n`."""
    return int.from_bytes(places[n * naming.PLACE : (n + 1) * naming.PLACE], "little")


def _dates(record: Content) -> tuple[Day, Day] | None:
    known: Date | None = None
    others: list[Date | None] = [record.reviewed.on if record.reviewed else None]
    if isinstance(record, Article):
        known = record.captured or record.published
    elif isinstance(record, Brief):
        known = record.date
    elif isinstance(record, Claim):
        others += (assessment.date for assessment in record.assessments)
    days = [_day(date) for date in (known, *others)]
    return (days[0], max(days)) if max(days)[0] else None


def _day(date: Date | None) -> Day:
    return (date.earliest, dates.precise(date)) if date and date.earliest != dates.OPEN_START else ("", "")


def order(entry: Entry) -> tuple[object, ...]:
    """Articles and briefs newest first, everything else by name, then by id: the order of every list on the site."""
    record = entry.record
    if isinstance(record, (Article, Brief)):
        date = record.published if isinstance(record, Article) else record.date
        newest = tuple(-int(part) for part in day(date).split("-")) if date else (1,)
        return (newest, entry.id)
    return (entry.name.casefold(), entry.id)
