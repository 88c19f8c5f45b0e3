"""What the files say together: every thing there is, filed or only mentioned, and who refers to it from where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from sitrep.read import dates, items
from sitrep.read import names as naming
from sitrep.records import (
    KINDS,
    PLURAL,
    RECORD,
    Actor,
    ActorKind,
    Anchor,
    AnyAssertion,
    Article,
    Body,
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
from sitrep.trace import Index, Trace

Key = tuple[Kind, str]
"""A thing's kind and id."""


class Said(NamedTuple):
    """One annotation of one article: which list it stands in, and its position there, from 1."""

    article: str
    list: str
    n: int


class Tied(NamedTuple):
    """A reference from one thing's file to another: `how` reads from the other end (`part of`, `controls`)."""

    key: Key
    how: str
    note: str = ""


WIDTH = 3
"""Numbers that an entry has in a trace: of its facts, of its text, and of where names stand in that."""
PARTIES: tuple[Kind, ...] = ("sources", "actors")
Names = tuple[tuple[str, ...], ...]
"""What each mention of an article is looked for as."""
Day = tuple[str, str]
"""What a date sorts by, its earliest day, and how it is written: as a day, a month or a year. Empty: not known."""
Marks = dict[str, dict[Any, Any]]
"""Name of an index → key → a value that is the same as long as what the index holds there is the same."""


class Corpus:
    """Immutable once made. `Corpus.of(entries)` is a function of those entries alone, whatever their order.

    All it holds it holds in mappings that note what is asked of them (`trace.py`).
    """

    def __init__(self) -> None:
        self.trace = Trace()
        self.entries: dict[Kind, Mapping[str, Entry]] = {kind: {} for kind in KINDS}
        self.mentions: Mapping[Key, list[Said]] = defaultdict(list)
        """Actor or source → mentions of it."""
        self.asserted: Mapping[Key, list[Said]] = defaultdict(list)
        """Event or claim → the statements about it."""
        self.spoken: Mapping[Key, list[Said]] = defaultdict(list)
        """Actor or source → statements it makes (`by`)."""
        self.relayed: Mapping[Key, list[Said]] = defaultdict(list)
        """Actor or source → statements that came through it (`via` of the statement)."""
        self.inputs: Mapping[Key, list[str]] = defaultdict(list)
        """Actor or source → articles that say they have their matter from it (`via` of the article)."""
        self.updated: Mapping[str, list[str]] = defaultdict(list)
        """Article → later articles that correct, replace or withdraw it, the newest first."""
        self.published: Mapping[str, list[str]] = defaultdict(list)
        """Source → its articles."""
        self.tied: Mapping[Key, list[Tied]] = defaultdict(list)
        """Thing → references to it from other things' files."""
        self.linked: Mapping[Key, list[Key]] = defaultdict(list)
        """Thing → things whose prose links to it with `[[…]]`."""
        self.roles: Mapping[Key, list[tuple[str, Said]]] = defaultdict(list)
        """Actor → (role, statement) in which an article gives it a role."""
        self.named: Mapping[str, tuple[Key, ...]] = {}
        """Article → the actors and sources that it mentions, each once."""
        self.tagged: Mapping[str, list[Key]] = defaultdict(list)
        """Topic → what says that it belongs to it. Its name is no kind's: marks hold both by name."""
        self.former: Mapping[Key, Key] = {}
        """Old id → the thing that redirects from it."""
        self.dates: Mapping[Key, tuple[Day, Day]] = {}
        """Thing → when it came to be known (an article: captured, else published), and its latest date of any kind."""
        self.looked_for: Mapping[str, Names] = {}
        """Article → what its mentions are looked for as."""
        self.standing: Mapping[Key, int] = defaultdict(int)
        """Actor or source → a number that is another where a mention of it stands elsewhere in the text that it is in,
        for another name of it, or of somebody else. That is all that a page with such sentences has of names."""
        self.withheld: Mapping[str, str] = {}
        """`KIND/ID` → why it would be withheld; empty but in a preview."""
        self.places: dict[str, bytes] = {}
        """Article → where its mentions stand (`names.places`): what `standing` is made of. Not traced."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Corpus:
        """Everything derived from these entries: what is mentioned, resolved ids and back-references."""
        return _Making().corpus(entries)

    @classmethod
    def restored(cls, marks: Marks, fetch: Callable[[Kind, str, bytes], Entry]) -> Corpus:
        """The corpus that gave these marks; entries are fetched by kind, id and the digest of their facts."""
        corpus = cls()
        first = 0
        for name in INDEXES:
            index: Index[Any, Any] = Index(corpus.trace, first, marks[name], decode=partial(_decoded, name))
            setattr(corpus, name, index)
            first = index.end
        for kind in KINDS:
            held = {id: mark[0] for id, mark in marks[f"{kind}/"].items()}
            decode = partial(corpus._fetched, fetch, kind)
            entries: Index[str, Entry] = Index(corpus.trace, first, held, width=WIDTH, decode=decode)
            corpus.entries[kind] = entries
            first = entries.end
        corpus._end = first
        corpus.places = {id: mark[2] for id, mark in marks["articles/"].items()}
        if "withheld" in marks:
            corpus.withheld = Index(corpus.trace, first, marks["withheld"])
        return corpus

    def renew(self, bodies: Mapping[Key, bytes], entry: Callable[[Key], Entry]) -> None:
        """Give entries their text anew where its digest is another than in `bodies`; all else is the same.

        Those that have not been fetched yet will be with the text of now.
        """
        for (kind, id), body in bodies.items():
            index = self.entries[kind]
            assert isinstance(index, Index)
            held = index.raw(id)
            if type(held) is not bytes and held.digests and held.digests[1] != body:
                held.renew(self._bound(entry((kind, id)), index.number(id)))

    def sought(self, article: str) -> Names:
        """What the mentions of an article are looked for as; nothing is noted: see `Entry.named`."""
        assert isinstance(self.looked_for, Index)
        held: Names | bytes = self.looked_for.raw(article)
        return INDEXES["looked_for"][0](held) if isinstance(held, bytes) else held

    def remark(self, marks: Marks, entry: Entry) -> None:
        """Have the marks of this corpus tell of a thing's text as it is now: its facts are as they were."""
        kind, id = entry.kind, entry.id
        facts, _, was = marks[f"{kind}/"][id]
        assert entry.digests
        now = was
        if isinstance(entry.record, Article):
            now = _placed(entry, self.sought(id))
            standing = marks["standing"]
            for n, mention in enumerate(entry.record.actors, 1):
                if key := self.resolve(mention.id, ("actors", "sources")):
                    number = INDEXES["standing"][0](standing[key]) ^ _stands(was, n) ^ _stands(now, n)
                    standing[key] = _PACK(number)
            self.places[id] = now
        marks[f"{kind}/"][id] = (facts, entry.digests[1], now)

    def marks(self) -> Marks:
        """What each index holds, as values that can be compared and kept."""
        found: Marks = {}
        for name in INDEXES:
            index: Index[Any, Any] = getattr(self, name)
            found[name] = {key: value if type(value) is bytes else _PACK(value) for key, value in index.held()}
        for kind in KINDS:
            held = self.entries[kind]
            assert isinstance(held, Index)
            found[f"{kind}/"] = {}
            for id, entry in held.held():
                facts, body = entry.digests or _digests(entry)
                found[f"{kind}/"][id] = (facts, body, self.places.get(id, b"") if kind == "articles" else b"")
        if isinstance(self.withheld, Index):
            found["withheld"] = dict(self.withheld.held())
        return found

    def previewed(self, withheld: Mapping[Key, str]) -> Corpus:
        """The same, with why things of it would be withheld."""
        corpus = Corpus()
        corpus.__dict__.update(self.__dict__)
        held = {f"{kind}/{id}": why for (kind, id), why in withheld.items()}
        corpus.withheld = Index(self.trace, self._end, held)
        return corpus

    _end = 0

    def _fetched(
        self, fetch: Callable[[Kind, str, bytes], Entry], kind: Kind, id: str, number: int, facts: bytes
    ) -> Entry:
        return self._bound(fetch(kind, id, facts), number)

    def _bound(self, entry: Entry, number: int) -> Entry:
        """An entry of this corpus: its anchors are those of names as the corpus has them, and its use is noted."""
        anew = partial(_named, entry, self) if entry.kind == "articles" else None
        digests, places = entry.digests or _digests(entry), entry.places
        return Entry(entry.facts, None, entry.unpacked, digests, self.trace, number + 1, places, anew)

    # -- asking ---------------------------------------------------------------------------------------------------

    @property
    def articles(self) -> Iterator[tuple[Entry, Article]]:
        """Articles with their records, newest first."""
        for entry in self.entries["articles"].values():
            assert isinstance(entry.record, Article)
            yield entry, entry.record

    def get(self, key: Key) -> Entry | None:
        return self.entries[key[0]].get(key[1])

    def resolve(self, raw: str, kinds: tuple[Kind, ...]) -> Key | None:
        """The thing an id means where one of these kinds may stand: filed before mentioned, then in this order."""
        prefix, colon, rest = raw.partition(":")
        if colon and PLURAL.get(prefix) in kinds:
            kinds, raw = (PLURAL[prefix],), rest
        found: Key | None = None
        for kind in kinds:
            entry = self.entries[kind].get(raw)
            if entry is not None:
                if entry.files:
                    return kind, raw
                found = found or (kind, raw)
        return found

    def target(self, raw: str) -> tuple[Key | None, str]:
        """What a `[[…]]` means, and the fragment it names. Without a kind the id must be one thing's alone.

        Of several kinds that share the id, filed things win over mentioned ones; a tie is no answer.
        """
        address, _, fragment = raw.partition("#")
        prefix, colon, rest = address.partition(":")
        if colon and prefix in PLURAL:
            kind = PLURAL[prefix]
            return ((kind, rest) if rest in self.entries[kind] else None), fragment
        holders = [(kind, self.entries[kind][address]) for kind in KINDS if address in self.entries[kind]]
        filed = [kind for kind, entry in holders if entry.files] or [kind for kind, _ in holders]
        return ((filed[0], address) if len(filed) == 1 else None), fragment

    def party(self, link: Link) -> Key | None:
        """The source or actor that a link of a chain names."""
        return self.resolve(link.id, PARTIES) if link.id else None

    def statement(self, said: Said) -> AnyAssertion:
        record = self.entries["articles"][said.article].record
        found: AnyAssertion = getattr(record, said.list + "s")[said.n - 1]
        return found

    def anchors(self, said: Said, whom: Key) -> list[Anchor]:
        """Where a mention of an actor or source stands in its article, in reading order."""
        self.standing.get(whom)  # that is all that a trace needs to know of names
        entry, n = self.entries["articles"][said.article], said.n
        part = slice(n * naming.PLACE, (n + 1) * naming.PLACE)
        same = entry.places[part] == self.places[said.article][part]  # as when it was read
        body = entry.body if same else entry.anchored()
        return [a for a in body.anchors if a.n == n and a.kind == "actor"]

    def named_in(self, article: str) -> tuple[Key, ...]:
        """The actors and sources that an article mentions, each once."""
        return self.named.get(article, ())


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
        self._refer()
        made = Corpus()
        made.places = self.places
        first = 0
        for name in INDEXES:
            index: Index[Any, Any] = Index(made.trace, first, getattr(self, name))
            setattr(made, name, index)
            first = index.end
        for kind in KINDS:
            bound: Index[str, Entry] = Index(made.trace, first, self.entries[kind], width=WIDTH)
            made.entries[kind] = bound.mapped(made._bound)
            first = bound.end
        made._end = first
        return made

    def _name(self) -> None:
        """What names are looked for in each article, as these entries alone give them."""
        table = naming.table(e for kind in ("actors", "sources") for e in self.entries[kind].values())
        self.looked_for = {entry.id: naming.sought(article, table) for entry, article in self.articles}

    def _mention(self) -> None:
        """Give each id that a sidecar mentions, and no file holds, an entry of its own."""
        for _, article in self.articles:
            if article.source:
                self._ensure("sources", article.source)
        for _, article in self.articles:
            for mention in article.actors:
                self._ensure_party(mention.id, ("actors", "sources"), "actors", mention.kind)
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
        for _, article in self.articles:
            for link in article.via:
                self._ensure_link(link, "sources")
            for assertion in (*article.events, *article.claims):
                for link in assertion.via:
                    self._ensure_link(link, "sources")
        for kind in KINDS:
            for entry in list(self.entries[kind].values()):
                for topic in entry.record.topics:
                    self._ensure("topics", topic)
        for kind in KINDS:
            if kind != "articles":
                self.entries[kind] = dict(sorted(self.entries[kind].items(), key=lambda item: _order(item[1])))

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

    def _refer(self) -> None:
        for entry, article in self.articles:
            self._refer_article(entry.id, article)
        for kind in KINDS:
            for entry in self.entries[kind].values():
                key = (kind, entry.id)
                for topic in entry.record.topics:
                    self.tagged[topic].append(key)
                if found := _dates(entry.record):
                    self.dates[key] = found  # type: ignore[index]
                for old in entry.record.formerly:
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
        places = self.places[id] = _placed(self.entries["articles"][id], self.looked_for[id])
        for n, mention in enumerate(article.actors, 1):
            if key := self.resolve(mention.id, ("actors", "sources")):
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


def _named(entry: Entry, corpus: Corpus, body: Body) -> Body:
    """An article's text, with the names in it anchored as they are looked for in this corpus."""
    return _anchored(entry, body, corpus.sought(entry.id))


def _anchored(entry: Entry, body: Body, names: Names) -> Body:
    if body.names == names:
        return body
    return msgspec.structs.replace(body, names=names, anchors=naming.annotate(entry, names))


def _placed(entry: Entry, names: Names) -> bytes:
    """Where the mentions of an article stand that are looked for as these names: see `naming.places`."""
    if entry.places[: naming.PLACE] == naming.looked(names):
        return entry.places
    return naming.places(entry.id, names, _anchored(entry, entry.unpacked(), names).anchors)


def _stands(places: bytes, n: int) -> int:
    """The number of where mention `n` stands."""
    return int.from_bytes(places[n * naming.PLACE : (n + 1) * naming.PLACE], "little")


def _digests(entry: Entry) -> tuple[bytes, bytes]:
    made = items.packed(entry)
    return made.facts_digest, made.body_digest


_PACK = msgspec.msgpack.Encoder().encode


def _decoder(shape: Any) -> Callable[[bytes], Any]:
    return msgspec.msgpack.Decoder(shape).decode


_SAIDS = _decoder(list[Said])
_IDS = _decoder(list[str])
_KEYS = _decoder(list[Key])
INDEXES: dict[str, tuple[Callable[[bytes], Any], bool]] = {
    "mentions": (_SAIDS, True),
    "asserted": (_SAIDS, True),
    "spoken": (_SAIDS, True),
    "relayed": (_SAIDS, True),
    "inputs": (_IDS, True),
    "updated": (_IDS, False),
    "published": (_IDS, False),
    "tied": (_decoder(list[Tied]), True),
    "linked": (_KEYS, True),
    "roles": (_decoder(list[tuple[str, Said]]), True),
    "named": (_decoder(tuple[Key, ...]), False),
    "tagged": (_KEYS, False),
    "former": (_decoder(Key), True),
    "dates": (_decoder(tuple[Day, Day]), True),
    "looked_for": (_decoder(Names), False),
    "standing": (_decoder(int), True),
}
"""The mappings of a corpus apart from its entries: how their values are unpacked, and whether their keys are `Key`s."""


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


def _decoded(name: str, key: Any, number: int, value: bytes) -> Any:
    return INDEXES[name][0](value)


def latest(corpus: Corpus) -> str:
    """The latest day on which anything of a corpus was captured or published; empty when nothing says."""
    days = [""]
    for _, article in corpus.articles:
        days += [date.latest for date in (article.captured, article.published) if date and date.latest < OPEN]
    return max(days)


OPEN = "9999"
"""What the end of an open interval begins with."""


def day(date: Date | None) -> str:
    """What a date sorts by; the undated sort as oldest."""
    return date.earliest if date else ""


def _order(entry: Entry) -> tuple[object, ...]:
    """Articles and briefs newest first, everything else by name, then by id: the order of every list on the site."""
    record = entry.record
    if isinstance(record, (Article, Brief)):
        date = record.published if isinstance(record, Article) else record.date
        newest = tuple(-int(part) for part in day(date).split("-")) if date else (1,)
        return (newest, entry.id)
    return (entry.name.casefold(), entry.id)
