"""How a corpus is made of entries, and made over where a few of them are otherwise."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from sitrep.corpus import INDEXES, PARTIES, WIDTH, Corpus, Day, Key, Marks, Names, Said, Tied, anchored, day
from sitrep.read import dates
from sitrep.read import names as naming
from sitrep.records import (
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
    Entry,
    Event,
    Kind,
    Link,
    Source,
    Tie,
)
from sitrep.trace import Full, Index


def related(entries: Iterable[Entry]) -> Corpus:
    """A function of these entries alone, whatever their order: what is mentioned, resolved ids and back-references."""
    return _Making().corpus(entries)


class Anew(Exception):
    """A corpus cannot be made over: it has to be made anew of all entries."""


def revise(corpus: Corpus, marks: Marks, entries: Iterable[Entry], before: Callable[[Key], Entry | None]) -> None:
    """Have a corpus and its marks tell of these entries as they are now, in place; all others are as they were.

    It is what `related` makes, but for keys that it would not have and that hold nothing here, and for their order.
    Mappings of marks are replaced where they differ, never changed. `before` gives an entry as it was, where that is
    known. Raises Anew, and then neither is to be used again, where this would take as long as making all of it: where
    other things are there than before, or they stand in another order.
    """
    _Revision(corpus, marks, before).revise(list(entries))


class _Making(Corpus):
    """A corpus that is being made."""

    entries: Any
    former: Any
    named: Any
    standing: Any
    _resolved: dict[tuple[str, tuple[Kind, ...]], Key | None] | None = None
    """What ids mean, once that is settled: most are met often."""

    def resolve(self, raw: str, kinds: tuple[Kind, ...]) -> Key | None:
        known = self._resolved
        if known is None:
            return super().resolve(raw, kinds)
        asked = (raw, kinds)
        if asked not in known:
            known[asked] = super().resolve(raw, kinds)
        return known[asked]

    def corpus(self, entries: Iterable[Entry]) -> Corpus:
        for entry in sorted(entries, key=lambda entry: (entry.kind, *_order(entry))):
            self.entries[entry.kind][entry.id] = entry
        self._name()
        self._mention()
        self._resolved = {}  # from here on all things are there
        for kind in KINDS:
            for entry in self.entries[kind].values():
                self.refer(entry)
        made = Corpus()
        made.places = self.places
        first = 0
        for name in INDEXES:
            index: Index[Any, Any] = Index(made.trace, first, getattr(self, name))
            setattr(made, name, index)
            first = index.end
        for kind in KINDS:
            bound: Index[str, Entry] = Index(made.trace, first, self.entries[kind], width=WIDTH)
            made.entries[kind] = bound.mapped(made.bound)
            first = bound.end
        made.end = first
        return made

    def _name(self) -> None:
        """What names are looked for in each article, as these entries alone give them, and where they stand."""
        table = naming.table(e for kind in PARTIES for e in self.entries[kind].values())
        for entry, article in self.articles:
            names = self.looked_for[entry.id] = naming.sought(article, table)  # type: ignore[index]
            self.places[entry.id] = _placed(entry, names)

    def _mention(self) -> None:
        """Give each id that a sidecar mentions, and no file holds, an entry of its own."""
        for mention in (self.mention_source, self.mention_parties, self.mention_ways):
            for _, article in self.articles:
                mention(article)
        for kind in KINDS:
            for entry in list(self.entries[kind].values()):
                self.mention_topics(entry)
        for kind in KINDS:
            if kind != "articles":
                self.entries[kind] = dict(sorted(self.entries[kind].items(), key=lambda item: _order(item[1])))

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

    def mention_ways(self, article: Article) -> None:
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
        """Add what one entry says of others, when all things are there and it is known where names stand in it."""
        kind, record = entry.kind, entry.record
        key = (kind, entry.id)
        if isinstance(record, Article):
            self._refer_article(entry.id, record)
        for topic in record.topics:
            self.tagged[topic].append(key)
        if found := _dates(record):
            self.dates[key] = found  # type: ignore[index]
        for old in record.formerly:
            if old not in self.entries[kind]:
                self.former.setdefault((kind, old), key)
        if entry.files:
            self._refer_prose(key, entry)
            if kind != "articles":
                self._refer_file(key, entry)

    def _refer_article(self, id: str, article: Article) -> None:
        if article.source:
            self.published[article.source].append(id)
        if article.updates:
            self.updated[article.updates.article].append(id)
        for link in article.via:
            if (party := self.party(link)) and id not in self.inputs[party][-1:]:
                self.inputs[party].append(id)
        named: dict[Key, None] = {}
        places = self.places[id]
        for n, mention in enumerate(article.actors, 1):
            if key := self.resolve(mention.id, NAMED):
                self.mentions[key].append(Said(id, "actor", n))
                self.standing[key] ^= _stands(places, n)
                named[key] = None
        self.named[id] = tuple(named)
        groups: tuple[tuple[str, Kind, tuple[AnyAssertion, ...]], ...] = (
            ("event", "events", article.events),
            ("claim", "claims", article.claims),
        )
        for group, kind, assertions in groups:
            for n, assertion in enumerate(assertions, 1):
                said = Said(id, group, n)
                for thing in dict.fromkeys(assertion.id):
                    self.asserted[kind, thing].append(said)
                for party in dict.fromkeys(p for link in assertion.by if (p := self.party(link))):
                    self.spoken[party].append(said)
                for party in dict.fromkeys(p for link in assertion.via if (p := self.party(link))):
                    self.relayed[party].append(said)
        for n, event in enumerate(article.events, 1):
            for role, group_ids in event.roles.items():
                for actor in group_ids:
                    self.roles["actors", actor].append((role, Said(id, "event", n)))

    def _refer_prose(self, key: Key, entry: Entry) -> None:
        seen = {key}
        for raw in (*entry.linked, *entry.refs):
            target, _ = self.target(raw)
            if target and target not in seen:
                seen.add(target)
                self.linked[target].append(key)

    def _refer_file(self, key: Key, entry: Entry) -> None:
        for target, how, note in self._ties(entry):
            if target:
                self.tied[target].append(Tied(key, how, note))

    def _ties(self, entry: Entry) -> Iterator[tuple[Key | None, str, str]]:
        """(to whom, what the other end calls it, a note) for each reference in a filed thing's data."""
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


class _Part(_Making):
    """What one entry brings to a corpus that is there."""

    def __init__(self, corpus: Corpus, entry: Entry, places: bytes) -> None:
        super().__init__()
        self.entries = corpus.entries
        self.places = {entry.id: places}
        self._resolved = {}
        self.made_up: list[list[tuple[Any, ...]]] = []
        """The things without a file that it mentions: those that would not be there without such mentions."""
        if isinstance(article := entry.record, Article):
            for mention in (self.mention_source, self.mention_parties, self.mention_ways):
                self.made_up.append([])
                mention(article)
        self.made_up.append([])
        self.mention_topics(entry)
        self.refer(entry)

    def _ensure(self, kind: Kind, id: str, what: ActorKind | None = None) -> None:
        known = self.entries[kind].get(id)
        if known is None or not known.files:
            self.made_up[-1].append((kind, id, what))

    def _ensure_party(self, raw: str, kinds: tuple[Kind, ...], new: Kind, what: ActorKind | None = None) -> None:
        key = self.resolve(raw, kinds)
        if key is None or not self.entries[key[0]][key[1]].files:
            self.made_up[-1].append((raw, kinds, new, what))


NAMED: tuple[Kind, ...] = ("actors", "sources")
"""What a mention may be of."""
LISTS = ("mentions", "asserted", "spoken", "relayed", "inputs", "updated", "published", "tied", "linked", "roles")
"""Indexes that hold lists, in the order of the entries that bring something to them; beside `tagged`."""


class _Revision:
    """A corpus that is made over."""

    def __init__(self, corpus: Corpus, marks: Marks, before: Callable[[Key], Entry | None]) -> None:
        self.corpus, self.marks, self.before = corpus, marks, before
        self.copied: set[str] = set()

    def revise(self, entries: list[Entry]) -> None:
        due = [entry for entry in entries if entry.digests != self.marks[f"{entry.kind}/"][entry.id][:2]]
        other = [entry for entry in due if not self._facts_stand(entry)]
        for entry in other:  # before any is looked at: they are not what is kept any more
            self._known(entry)
        for entry in due:
            self._revise(entry)

    def _facts_stand(self, entry: Entry) -> bool:
        assert entry.digests
        same: bool = self.marks[f"{entry.kind}/"][entry.id][0] == entry.digests[0]
        return same

    def _known(self, entry: Entry) -> None:
        """Have the corpus hold an entry as it was, not what it was to be fetched by."""
        index = self._entries(entry.kind)
        if type(index.raw(entry.id)) is bytes:
            was = self.before((entry.kind, entry.id))
            if not was or not was.digests or was.digests[0] != index.raw(entry.id):
                raise Anew
            index.put(entry.id, self.corpus.bound(was, index.number(entry.id)))

    def _revise(self, entry: Entry) -> None:
        kind, id = entry.kind, entry.id
        index = self._entries(kind)
        number = index.number(id)
        was = entry
        if not self._facts_stand(entry):
            was = index.raw(id)
            self._in_place(was, entry)
        bound = self.corpus.bound(entry, number)
        places = self.corpus.places[id] if kind == "articles" else b""
        old = _Part(self.corpus, was, places)
        if isinstance(entry.record, Article):
            names = self.corpus.sought(id) if was is entry else naming.sought(entry.record, _Filed(self.corpus))
            self._look_for(id, names)
            places = self.corpus.places[id] = _placed(entry, names)
        new = _Part(self.corpus, entry, places)
        if was is not entry:
            self._replace(old, new, number)
            index.put(id, bound)
            if kind in PARTIES and naming.table([was]) != naming.table([entry]):
                self._rename((kind, id), naming.table([entry])[f"{kind}/{id}"])
        else:
            self._stand(old, new)
            held = index.raw(id)
            if type(held) is not bytes:  # else it will be fetched as it is now
                held.renew(bound)
        assert entry.digests
        self._table(f"{kind}/")[id] = (*entry.digests, places, bool(entry.files))

    def _in_place(self, was: Entry, now: Entry) -> None:
        """Whether a thing stands where it stood in the order of its kind, and has the old ids that it had."""
        if not was.files or not now.files or was.record.formerly != now.record.formerly:
            raise Anew
        if _order(was) != _order(now):
            entries = self._entries(now.kind)
            before, after = entries.beside(now.id)
            if (before and _order(entries[before]) > _order(now)) or (after and _order(now) > _order(entries[after])):
                raise Anew

    def _replace(self, old: _Part, new: _Part, rank: int) -> None:
        """Have the corpus hold what an entry brings to it now, in place of what it brought before."""
        if old.made_up != new.made_up or old.former != new.former or old.dates.keys() != new.dates.keys():
            raise Anew
        for name in (*LISTS, "tagged"):
            had, has = getattr(old, name), getattr(new, name)
            for key in had.keys() | has.keys():
                if had.get(key) != has.get(key):
                    listed = self._spliced(self._index(name).get(key, []), had.get(key, []), has.get(key, []), rank)
                    self._put(name, key, listed)
        for name in ("named", "dates"):
            for key, value in getattr(new, name).items():
                if getattr(old, name)[key] != value:
                    self._put(name, key, value)
        self._stand(old, new)

    def _spliced(self, listed: list[Any], had: list[Any], has: list[Any], rank: int) -> list[Any]:
        """A list with what the entry of this number brings to it in place of what it brought."""
        at = listed.index(had[0]) if had else bisect_left(listed, rank, key=self._rank)
        if listed[at : at + len(had)] != had:
            raise Anew
        return [*listed[:at], *has, *listed[at + len(had) :]]

    def _rank(self, item: Any) -> int:
        """Where in the order of all entries that one is that has brought something to a list."""
        if isinstance(item, str):
            return self._entries("articles").number(item)
        if isinstance(item, Said):
            return self._entries("articles").number(item.article)
        if isinstance(item, Tied):
            return self._entries(item.key[0]).number(item.key[1])
        if isinstance(item[1], Said):  # a role
            return self._entries("articles").number(item[1].article)
        return self._entries(item[0]).number(item[1])

    def _rename(self, key: Key, names: tuple[str, ...]) -> None:
        """Look for other names in all articles that mention an actor or a source."""
        positions: dict[str, set[int]] = {}
        for said in self._index("mentions").get(key, ()):
            positions.setdefault(said.article, set()).add(said.n)
        for id, ours in positions.items():
            entry = self._entries("articles")[id]
            looked = tuple(names if n in ours else old for n, old in enumerate(self.corpus.sought(id), 1))
            was = self.corpus.places[id]
            places = self.corpus.places[id] = _placed(entry, looked)
            self._look_for(id, looked)
            for n, mention in enumerate(entry.record.actors, 1):
                other = _stands(was, n) ^ _stands(places, n)
                if other and (party := self.corpus.resolve(mention.id, NAMED)):
                    self._put("standing", party, self._index("standing").get(party, 0) ^ other)
            facts, body, _, filed = self.marks["articles/"][id]
            self._table("articles/")[id] = (facts, body, places, filed)

    def _stand(self, old: _Part, new: _Part) -> None:
        for key in old.standing.keys() | new.standing.keys():
            if other := old.standing[key] ^ new.standing[key]:
                self._put("standing", key, self._index("standing").get(key, 0) ^ other)

    def _look_for(self, id: str, names: Names) -> None:
        if self.corpus.sought(id) != names:
            self._put("looked_for", id, names)

    def _entries(self, kind: Kind) -> Index[str, Any]:
        index = self.corpus.entries[kind]
        assert isinstance(index, Index)
        return index

    def _index(self, name: str) -> Index[Any, Any]:
        index: Index[Any, Any] = getattr(self.corpus, name)
        return index

    def _put(self, name: str, key: Any, value: Any) -> None:
        try:
            self._index(name).put(key, value)
        except Full:
            raise Anew from None
        self._table(name)[key] = _PACK(value)

    def _table(self, name: str) -> dict[Any, Any]:
        """The marks of an index, to be changed."""
        if name not in self.copied:
            self.copied.add(name)
            self.marks[name] = dict(self.marks[name])
        return self.marks[name]


_PACK = msgspec.msgpack.Encoder().encode


class _Filed(dict[str, tuple[str, ...]]):
    """`actors/ID` or `sources/ID` → the names of that file, where it is one, looked up when they are asked for."""

    def __init__(self, corpus: Corpus) -> None:
        super().__init__()
        self._corpus = corpus

    def get(self, name: str, default: Any = None) -> Any:
        kind, _, id = name.partition("/")
        entry = self._corpus.get((kind, id))  # type: ignore[arg-type]
        return naming.table([entry])[name] if entry and entry.files else default


def _placed(entry: Entry, names: Names) -> bytes:
    """Where the mentions of an article stand that are looked for as these names: see `naming.places`."""
    if entry.places[: naming.PLACE] == naming.looked(names):
        return entry.places
    return naming.places(entry.id, names, anchored(entry, entry.unpacked(), names).anchors)


def _stands(places: bytes, n: int) -> int:
    """The number of where mention `n` stands."""
    return int.from_bytes(places[n * naming.PLACE : (n + 1) * naming.PLACE], "little")


def _dates(record: Content) -> tuple[Day, Day] | None:
    known: Date | None = None
    others: list[Date | None] = [record.reviewed.on if record.reviewed else None]
    if isinstance(record, Article):
        known = record.captured or record.published
    elif isinstance(record, Brief):
        known = record.date
    elif isinstance(record, Claim):
        others += (made.date for made in record.assessments)
    days = [_day(date) for date in (known, *others)]
    return (days[0], max(days)) if max(days)[0] else None


def _day(date: Date | None) -> Day:
    return (date.earliest, dates.precise(date)) if date and date.earliest != dates.OPEN_START else ("", "")


def _order(entry: Entry) -> tuple[object, ...]:
    """Articles and briefs newest first, everything else by name, then by id: the order of every list on the site."""
    record = entry.record
    if isinstance(record, (Article, Brief)):
        date = record.published if isinstance(record, Article) else record.date
        newest = tuple(-int(part) for part in day(date).split("-")) if date else (1,)
        return (newest, entry.id)
    return (entry.name.casefold(), entry.id)
