"""What the files say together: every thing there is, filed or only mentioned, and who refers to it from where."""

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
"""A thing's kind and id."""


class AnnotationRef(NamedTuple):
    """One annotation of one article: which list it stands in, and its position there, from 1."""

    article: str
    list: str
    n: int


class Backlink(NamedTuple):
    """A reference from one thing's file to another: `how` reads from the other end (`part of`, `controls`)."""

    key: Key
    how: str
    note: str = ""


WIDTH = 4
"""Parts of an entry that dependencies tell apart (`entries.FACTS` and the others)."""
PARTIES: tuple[Kind, ...] = ("sources", "actors")
Names = tuple[tuple[str, ...], ...]
"""What each mention of an article is looked for as."""
Day = tuple[str, str]
"""What a date sorts by, its earliest day, and how it is written: as a day, a month or a year. Empty: not known."""
Fingerprints = dict[str, dict[Any, Any]]
"""Name of an index → key → a value that is the same as long as what the index holds there is the same."""


class Corpus:
    """A function of its entries alone, whatever their order: `relating.py` makes it of them, `revising.py` over; nobody
    else changes it.

    All it holds it holds in mappings that note what is asked of them (`trace.py`).
    """

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.entries: dict[Kind, Mapping[str, Entry]] = {kind: {} for kind in KINDS}
        self.mentions: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Actor or source → mentions of it."""
        self.asserted: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Event or claim → the statements about it."""
        self.spoken: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Actor or source → statements it makes (`by`)."""
        self.relayed: Mapping[Key, list[AnnotationRef]] = defaultdict(list)
        """Actor or source → statements that came through it (`via` of the statement)."""
        self.inputs: Mapping[Key, list[str]] = defaultdict(list)
        """Actor or source → articles that say they have their matter from it (`via` of the article)."""
        self.updated: Mapping[str, list[str]] = defaultdict(list)
        """Article → later articles that correct, replace or withdraw it, the newest first."""
        self.published: Mapping[str, list[str]] = defaultdict(list)
        """Source → its articles."""
        self.tied: Mapping[Key, list[Backlink]] = defaultdict(list)
        """Thing → references to it from other things' files."""
        self.linked: Mapping[Key, list[Key]] = defaultdict(list)
        """Thing → things whose prose links to it with `[[…]]`."""
        self.roles: Mapping[Key, list[tuple[str, AnnotationRef]]] = defaultdict(list)
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
        self.withheld: Mapping[str, str] = TrackedMapping(self.recorder, "withheld", {})
        """`KIND/ID` → why it would be withheld; empty but in a preview."""
        self.places: dict[str, bytes] = {}
        """Article → where its mentions stand (`names.places`): what `standing` is made of. Not traced."""

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
            held = {id: mark[0] for id, mark in fingerprints[f"{kind}/"].items()}
            corpus.entries[kind] = TrackedMapping(
                corpus.recorder, f"{kind}/", held, partial(corpus._fetched, fetch, kind)
            )
        corpus.places = {id: mark[2] for id, mark in fingerprints["articles/"].items()}
        corpus.withheld = TrackedMapping(corpus.recorder, "withheld", fingerprints["withheld"])
        return corpus

    def sought(self, article: str) -> Names:
        """What the mentions of an article are looked for as; nothing is noted: see `Entry.named`."""
        assert isinstance(self.looked_for, TrackedMapping)
        held: Names | bytes = self.looked_for.stored(article)
        return INDEXES["looked_for"][0](held) if isinstance(held, bytes) else held

    def fingerprints(self) -> Fingerprints:
        """What each index holds, as values that can be compared and kept."""
        found: Fingerprints = {}
        for name in INDEXES:
            index: TrackedMapping[Any, Any] = getattr(self, name)
            found[name] = {key: value if type(value) is bytes else _PACK(value) for key, value in index.stored_items()}
        for kind in KINDS:
            held = self.entries[kind]
            assert isinstance(held, TrackedMapping)
            found[f"{kind}/"] = {}
            for id, entry in held.stored_items():
                facts, body = entry.digests or _digests(entry)
                places = self.places.get(id, b"") if kind == "articles" else b""
                found[f"{kind}/"][id] = (facts, body, places, bool(entry.files))
        assert isinstance(self.withheld, TrackedMapping)
        found["withheld"] = dict(self.withheld.stored_items())
        return found

    def previewed(self, withheld: Mapping[Key, str]) -> Corpus:
        """The same, with why things of it would be withheld."""
        corpus = Corpus()
        corpus.__dict__.update(self.__dict__)
        held = {f"{kind}/{id}": why for (kind, id), why in withheld.items()}
        corpus.withheld = TrackedMapping(self.recorder, "withheld", held)
        return corpus

    def _fetched(self, fetch: Callable[[Kind, str, bytes], Entry], kind: Kind, id: str, facts: bytes) -> Entry:
        return self.bound(fetch(kind, id, facts))

    def bound(self, entry: Entry) -> Entry:
        """An entry of this corpus: its anchors are those of names as the corpus has them, and its use is noted."""
        anew = partial(_named, entry, self) if entry.kind == "articles" else None
        digests, places = entry.digests or _digests(entry), entry.places
        dependency = key_dependency(_SALTS[entry.kind], entry.id)
        return Entry(entry.facts, None, entry.unpacked, digests, self.recorder, dependency, places, anew)

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
            entry = self.there(kind, raw)
            if entry is not None:
                if entry.files:
                    return kind, raw
                found = found or (kind, raw)
        return found

    def there(self, kind: Kind, id: str) -> Entry | None:
        """A thing, for one who asks no more than whether it is there and has a file."""
        index = self.entries[kind]
        entry: Entry | None = index.part(id, FILED) if isinstance(index, TrackedMapping) else index.get(id)
        return entry

    def target(self, raw: str) -> tuple[Key | None, str]:
        """What a `[[…]]` means, and the fragment it names. Without a kind the id must be one thing's alone.

        Of several kinds that share the id, filed things win over mentioned ones; a tie is no answer.
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
        found: AnyAssertion = getattr(record, ref.list + "s")[ref.n - 1]
        return found

    def anchors(self, ref: AnnotationRef, whom: Key) -> list[Anchor]:
        """Where a mention of an actor or source stands in its article, in reading order."""
        self.standing.get(whom)  # that is all that a trace needs to know of names
        entry, n = self.article(ref.article), ref.n
        part = slice(n * naming.PLACE, (n + 1) * naming.PLACE)
        same = entry.places[part] == self.places[ref.article][part]  # as when it was read
        body = entry.body if same else entry.anchored()
        return [a for a in body.anchors if a.n == n and a.kind == "actor"]

    def named_in(self, article: str) -> tuple[Key, ...]:
        """The actors and sources that an article mentions, each once."""
        return self.named.get(article, ())


def _named(entry: Entry, corpus: Corpus, body: Body) -> Body:
    """An article's text, with the names in it anchored as they are looked for in this corpus."""
    return anchored(entry, body, corpus.sought(entry.id))


def anchored(entry: Entry, body: Body, names: Names) -> Body:
    """An article's text with the names in it anchored that are looked for as these."""
    if body.names == names:
        return body
    return msgspec.structs.replace(body, names=names, anchors=naming.annotate(entry, names))


def _digests(entry: Entry) -> tuple[bytes, bytes]:
    made = items.packed(entry)
    return made.facts_digest, made.body_digest


_PACK = msgspec.msgpack.Encoder().encode


def _decoder(shape: Any) -> Callable[[bytes], Any]:
    return msgspec.msgpack.Decoder(shape).decode


_SAIDS = _decoder(list[AnnotationRef])
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
    "tied": (_decoder(list[Backlink]), True),
    "linked": (_KEYS, True),
    "roles": (_decoder(list[tuple[str, AnnotationRef]]), True),
    "named": (_decoder(tuple[Key, ...]), False),
    "tagged": (_KEYS, False),
    "former": (_decoder(Key), True),
    "dates": (_decoder(tuple[Day, Day]), True),
    "looked_for": (_decoder(Names), False),
    "standing": (_decoder(int), True),
}
"""The mappings of a corpus apart from its entries: how their values are unpacked, and whether their keys are `Key`s."""


def _decoded(name: str, key: Any, value: bytes) -> Any:
    return INDEXES[name][0](value)


_SALTS = {kind: crc32(f"{kind}/".encode()) for kind in KINDS}


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
