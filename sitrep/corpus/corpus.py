"""The corpus: every entry, with a file or only mentioned, and who refers to it from where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from sitrep.anchoring import names as naming
from sitrep.model.entries import FILED, Anchor, Body, Entry
from sitrep.model.records import KINDS, PLURAL, AnyAssertion, Article, Date, Kind, Link
from sitrep.model.tracking import Recorder, TrackedMapping, key_dependency
from sitrep.parse import entry as items

Key = tuple[Kind, str]
"""The kind and id of an entry."""


class AnnotationRef(NamedTuple):
    """One annotation of one article: which list it stands in, and its position there, from 1."""

    article: str
    list: str
    n: int


class Backlink(NamedTuple):
    """A reference to an entry from another entry's file: `how` reads from its end (`part of it`, `controls`)."""

    key: Key
    how: str
    note: str = ""


WIDTH = 4
"""Parts of an entry that dependencies tell apart (`entries.FACTS` and the others)."""
PARTIES: tuple[Kind, ...] = ("sources", "actors")
Names = tuple[tuple[str, ...], ...]
"""The names by which each mention of an article is sought in its text."""
Day = tuple[str, str]
"""The earliest day of a date, by which it sorts, and the date as written: a day, month or year. Empty: not known."""
Fingerprints = dict[str, dict[Any, Any]]
"""Name of an index → key → a value that changes when what the index holds there changes."""


class Corpus:
    """A function of its entries alone, whatever their order. `link.py` makes one, `update.py` changes one; nobody else.

    Everything lies in mappings that record what they are asked for (`model/tracking.py`).
    """

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.entries: dict[Kind, Mapping[str, Entry]] = {kind: {} for kind in KINDS}
        self.mentions: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Actor or source → mentions of it."""
        self.statements: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Event or claim → the statements about it."""
        self.statements_by: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Actor or source → statements that it makes (`by`)."""
        self.statements_via: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Actor or source → statements that came through it (`via` of the statement)."""
        self.articles_via: Mapping[Key, list[str]] = defaultdict(list)
        """Actor or source → articles that were taken from it (`via` of the article)."""
        self.updates: Mapping[str, list[str]] = defaultdict(list)
        """Article → later articles that correct, replace or withdraw it, the newest first."""
        self.articles_of: Mapping[str, list[str]] = defaultdict(list)
        """Source → its articles."""
        self.backlinks: Mapping[Key, list[Backlink]] = defaultdict(list)
        """Entry → references to it from other entries' files."""
        self.prose_links: Mapping[Key, list[Key]] = defaultdict(list)
        """Entry → entries whose prose links to it with `[[…]]`."""
        self.roles: Mapping[Key, list[tuple[str, AnnotationRef]]] = defaultdict(list)
        """Actor → (role, statement) in which an article gives it a role."""
        self.named_parties: Mapping[str, tuple[Key, ...]] = {}
        """Article → the actors and sources that it mentions, each once."""
        self.tagged: Mapping[str, list[Key]] = defaultdict(list)
        """Topic → entries that belong to it. No kind may have this name: fingerprints hold both by name."""
        self.redirects: Mapping[Key, Key] = {}
        """Old id → the entry that it redirects to."""
        self.dates: Mapping[Key, tuple[Day, Day]] = {}
        """Entry → when it became known (an article: captured, else published), and its latest date of any kind."""
        self.sought_names: Mapping[str, Names] = {}
        """Article → the names by which its mentions are sought."""
        self.mention_fingerprints: Mapping[Key, int] = defaultdict(int)
        """Actor or source → a number that changes when a mention of it moves in a text, because a name of it or of
        somebody else has changed. A page that shows the sentences of mentions depends on it, and on no name."""
        self.withheld: Mapping[str, str] = TrackedMapping(self.recorder, "withheld", {})
        """`KIND/ID` → why it would be withheld; empty but in a preview."""
        self.mention_places: dict[str, bytes] = {}
        """Article → where its mentions stand (`names.places`); the basis of `mention_fingerprints`."""

    @classmethod
    def restored(cls, fingerprints: Fingerprints, fetch: Callable[[Kind, str, bytes], Entry]) -> Corpus:
        """The corpus that gave these fingerprints; entries are fetched by kind, id and the digest of their facts."""
        corpus = cls()
        for name in INDEXES:
            index: TrackedMapping[Any, Any] = TrackedMapping(
                corpus.recorder, name, fingerprints[name], partial(_decoded, name)
            )
            setattr(corpus, name, index)
        for kind in KINDS:
            facts = {id: fingerprint[0] for id, fingerprint in fingerprints[f"{kind}/"].items()}
            corpus.entries[kind] = TrackedMapping(
                corpus.recorder, f"{kind}/", facts, partial(corpus._fetched, fetch, kind)
            )
        corpus.mention_places = {id: fingerprint[2] for id, fingerprint in fingerprints["articles/"].items()}
        corpus.withheld = TrackedMapping(corpus.recorder, "withheld", fingerprints["withheld"])
        return corpus

    def sought(self, article: str) -> Names:
        """The names by which the mentions of an article are sought; not recorded: see `Entry.named`."""
        assert isinstance(self.sought_names, TrackedMapping)
        names: Names | bytes = self.sought_names.stored(article)
        return INDEXES["sought_names"][0](names) if isinstance(names, bytes) else names

    def fingerprints(self) -> Fingerprints:
        """What each index holds, as values that can be compared and cached."""
        fingerprints: Fingerprints = {}
        for name in INDEXES:
            index: TrackedMapping[Any, Any] = getattr(self, name)
            fingerprints[name] = {
                key: value if type(value) is bytes else _PACK(value) for key, value in index.stored_items()
            }
        for kind in KINDS:
            entries = self.entries[kind]
            assert isinstance(entries, TrackedMapping)
            fingerprints[f"{kind}/"] = {}
            for id, entry in entries.stored_items():
                facts, body = entry.digests or _digests(entry)
                places = self.mention_places.get(id, b"") if kind == "articles" else b""
                fingerprints[f"{kind}/"][id] = (facts, body, places, bool(entry.files))
        assert isinstance(self.withheld, TrackedMapping)
        fingerprints["withheld"] = dict(self.withheld.stored_items())
        return fingerprints

    def previewed(self, withheld: Mapping[Key, str]) -> Corpus:
        """The same corpus, with the reasons why entries would be withheld."""
        corpus = Corpus()
        corpus.__dict__.update(self.__dict__)
        reasons = {f"{kind}/{id}": why for (kind, id), why in withheld.items()}
        corpus.withheld = TrackedMapping(self.recorder, "withheld", reasons)
        return corpus

    def _fetched(self, fetch: Callable[[Kind, str, bytes], Entry], kind: Kind, id: str, facts: bytes) -> Entry:
        return self.bound(fetch(kind, id, facts))

    def bound(self, entry: Entry) -> Entry:
        """An entry of this corpus: names in it are anchored as the corpus has them, and its use is recorded."""
        reanchor = partial(_named, entry, self) if entry.kind == "articles" else None
        digests, places = entry.digests or _digests(entry), entry.places
        dependency = key_dependency(_SALTS[entry.kind], entry.id)
        return Entry(entry.facts, None, entry.unpacked, digests, self.recorder, dependency, places, reanchor)

    # -- queries --------------------------------------------------------------------------------------------------

    @property
    def articles(self) -> Iterator[tuple[Entry, Article]]:
        """Articles with their records, newest first."""
        for entry in self.entries["articles"].values():
            assert isinstance(entry.record, Article)
            yield entry, entry.record

    def get(self, key: Key) -> Entry | None:
        return self.entries[key[0]].get(key[1])

    def resolve(self, raw: str, kinds: tuple[Kind, ...]) -> Key | None:
        """The entry that an id means among these kinds: with a file before without one, then in their order."""
        prefix, colon, rest = raw.partition(":")
        if colon and PLURAL.get(prefix) in kinds:
            kinds, raw = (PLURAL[prefix],), rest
        mentioned: Key | None = None
        for kind in kinds:
            entry = self.there(kind, raw)
            if entry is not None:
                if entry.files:
                    return kind, raw
                mentioned = mentioned or (kind, raw)
        return mentioned

    def there(self, kind: Kind, id: str) -> Entry | None:
        """An entry, for a caller that asks only whether it exists and has a file."""
        index = self.entries[kind]
        entry: Entry | None = index.part(id, FILED) if isinstance(index, TrackedMapping) else index.get(id)
        return entry

    def target(self, raw: str) -> tuple[Key | None, str]:
        """What a `[[…]]` means, and the fragment it names. Without a kind the id must be that of one entry alone.

        Where several kinds share the id, entries with a file win over mentioned ones; a tie has no answer.
        """
        address, _, fragment = raw.partition("#")
        prefix, colon, rest = address.partition(":")
        if colon and prefix in PLURAL:
            kind = PLURAL[prefix]
            return ((kind, rest) if self.there(kind, rest) else None), fragment
        holders = [(kind, entry) for kind in KINDS if (entry := self.there(kind, address))]
        filed = [kind for kind, entry in holders if entry.files] or [kind for kind, _ in holders]
        return ((filed[0], address) if len(filed) == 1 else None), fragment

    def party(self, link: Link) -> Key | None:
        """The source or actor that a link of a chain names."""
        return self.resolve(link.id, PARTIES) if link.id else None

    def article(self, id: str) -> Entry:
        """The entry of an article that is there. Raises KeyError."""
        return self.entries["articles"][id]

    def is_anchored(self, ref: AnnotationRef) -> bool:
        """Whether all words that an annotation quotes have a place in the text."""
        return (ref.list, ref.n) not in self.article(ref.article).unanchored

    def statement(self, ref: AnnotationRef) -> AnyAssertion:
        record = self.article(ref.article).record
        statement: AnyAssertion = getattr(record, ref.list + "s")[ref.n - 1]
        return statement

    def anchors(self, ref: AnnotationRef, whom: Key) -> list[Anchor]:
        """Where a mention of an actor or source stands in its article, in reading order."""
        self.mention_fingerprints.get(whom)  # the only dependency on names that is needed
        entry, n = self.article(ref.article), ref.n
        part = slice(n * naming.PLACE, (n + 1) * naming.PLACE)
        unmoved = entry.places[part] == self.mention_places[ref.article][part]  # since the text was read
        body = entry.body if unmoved else entry.anchored()
        return [a for a in body.anchors if a.n == n and a.kind == "actor"]

    def named_in(self, article: str) -> tuple[Key, ...]:
        """The actors and sources that an article mentions, each once."""
        return self.named_parties.get(article, ())


def _named(entry: Entry, corpus: Corpus, body: Body) -> Body:
    """An article's text, with names anchored as this corpus seeks them."""
    return anchored(entry, body, corpus.sought(entry.id))


def anchored(entry: Entry, body: Body, names: Names) -> Body:
    """An article's text, with these names anchored."""
    if body.names == names:
        return body
    return msgspec.structs.replace(body, names=names, anchors=naming.annotate(entry, names))


def _digests(entry: Entry) -> tuple[bytes, bytes]:
    packed_entry = items.packed(entry)
    return packed_entry.facts_digest, packed_entry.body_digest


_PACK = msgspec.msgpack.Encoder().encode


def _decoder(shape: Any) -> Callable[[bytes], Any]:
    return msgspec.msgpack.Decoder(shape).decode


_REFS = _decoder(list[AnnotationRef])
_IDS = _decoder(list[str])
_KEYS = _decoder(list[Key])
INDEXES: dict[str, tuple[Callable[[bytes], Any], bool]] = {
    "mentions": (_REFS, True),
    "statements": (_REFS, True),
    "statements_by": (_REFS, True),
    "statements_via": (_REFS, True),
    "articles_via": (_IDS, True),
    "updates": (_IDS, False),
    "articles_of": (_IDS, False),
    "backlinks": (_decoder(list[Backlink]), True),
    "prose_links": (_KEYS, True),
    "roles": (_decoder(list[tuple[str, AnnotationRef]]), True),
    "named_parties": (_decoder(tuple[Key, ...]), False),
    "tagged": (_KEYS, False),
    "redirects": (_decoder(Key), True),
    "dates": (_decoder(tuple[Day, Day]), True),
    "sought_names": (_decoder(Names), False),
    "mention_fingerprints": (_decoder(int), True),
}
"""The mappings of a corpus apart from its entries: how their values are unpacked, and whether their keys are `Key`s."""


def _decoded(name: str, key: Any, value: bytes) -> Any:
    return INDEXES[name][0](value)


_SALTS = {kind: crc32(f"{kind}/".encode()) for kind in KINDS}


def latest(corpus: Corpus) -> str:
    """The latest day on which an article was captured or published; empty where none has a date."""
    days = [""]
    for _, article in corpus.articles:
        days += [date.latest for date in (article.captured, article.published) if date and date.latest < OPEN]
    return max(days)


OPEN = "9999"
"""How the end of an open interval begins."""


def day(date: Date | None) -> str:
    """What a date sorts by; the undated sort as oldest."""
    return date.earliest if date else ""
