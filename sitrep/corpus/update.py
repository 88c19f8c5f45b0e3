"""Update a linked corpus where a few of its entries have changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from sitrep.anchoring import names as naming
from sitrep.corpus.corpus import PARTIES, AnnotationRef, Backlink, Corpus, Fingerprints, Key, Names
from sitrep.corpus.link import NAMED, CorpusLinker, order, placed, stands
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, ActorKind, Article, Kind
from sitrep.model.tracking import TrackedMapping


class RebuildRequired(Exception):
    """An update is not possible: the corpus has to be linked again from all entries."""


def revise(
    corpus: Corpus, fingerprints: Fingerprints, entries: Iterable[Entry], before: Callable[[Key], Entry | None]
) -> None:
    """Update a corpus and its fingerprints in place: these entries have changed, all others have not.

    The result is what `linked_corpus` would give, but for keys that it would lack and that hold nothing here, and for
    the order of keys. The mappings in `fingerprints` are replaced where they differ, never changed. `before` gives an
    entry as it was, where that is known. Raises RebuildRequired where entries were added or removed, or their order has
    changed; then neither the corpus nor the fingerprints are to be used again.
    """
    _Revision(corpus, fingerprints, before).revise(list(entries))


class _Part(CorpusLinker):
    """What one entry contributes to a linked corpus."""

    def __init__(self, corpus: Corpus, entry: Entry) -> None:
        super().__init__()
        self.entries = corpus.entries
        self.mention_places = corpus.mention_places
        self._resolved = {}
        self.unfiled: list[list[tuple[Any, ...]]] = []
        """The entries without a file that it mentions: they exist by such mentions alone."""
        if isinstance(article := entry.record, Article):
            for mention in (self.mention_source, self.mention_parties, self.mention_routes):
                self.unfiled.append([])
                mention(article)
        self.unfiled.append([])
        self.mention_topics(entry)
        self.refer(entry)

    def _ensure(self, kind: Kind, id: str, what: ActorKind | None = None) -> None:
        known = self.entries[kind].get(id)
        if known is None or not known.files:
            self.unfiled[-1].append((kind, id, what))

    def _ensure_party(self, raw: str, kinds: tuple[Kind, ...], new: Kind, what: ActorKind | None = None) -> None:
        key = self.resolve(raw, kinds)
        if key is None or not self.entries[key[0]][key[1]].files:
            self.unfiled[-1].append((raw, kinds, new, what))


LISTS = (
    *("mentions", "statements", "statements_by", "statements_via", "articles_via"),
    *("updates", "articles_of", "backlinks", "prose_links", "roles", "tagged"),
)
"""Indexes of lists, each in the order of the entries that contribute to it."""


class _Revision:
    """An update of a corpus."""

    def __init__(self, corpus: Corpus, fingerprints: Fingerprints, before: Callable[[Key], Entry | None]) -> None:
        self.corpus, self.fingerprints, self.before = corpus, fingerprints, before
        self.copied: set[str] = set()

    def revise(self, entries: list[Entry]) -> None:
        due = [entry for entry in entries if entry.digests != self.fingerprints[f"{entry.kind}/"][entry.id][:2]]
        other = [entry for entry in due if not self._facts_stand(entry)]
        for entry in other:  # before any is looked up: the store no longer has what they were
            self._keep_former(entry)
        for entry in due:
            self._revise(entry)

    def _facts_stand(self, entry: Entry) -> bool:
        assert entry.digests
        same: bool = self.fingerprints[f"{entry.kind}/"][entry.id][0] == entry.digests[0]
        return same

    def _keep_former(self, entry: Entry) -> None:
        """Hold an entry as it was, where the corpus has only the digest to fetch it by."""
        index = self._entries(entry.kind)
        if type(index.stored(entry.id)) is bytes:
            was = self.before((entry.kind, entry.id))
            if not was or not was.digests or was.digests[0] != index.stored(entry.id):
                raise RebuildRequired
            index.put(entry.id, self.corpus.bound(was))

    def _revise(self, entry: Entry) -> None:
        kind, id = entry.kind, entry.id
        index = self._entries(kind)
        rank = self._place(kind, id)
        was = entry
        if not self._facts_stand(entry):
            was = index.stored(id)
            self._require_same_place(was, entry)
        bound = self.corpus.bound(entry)
        places = self.corpus.mention_places[id] if kind == "articles" else b""
        if isinstance(entry.record, Article):
            names = (
                self.corpus.sought(id) if was is entry else naming.sought(entry.record, naming.FiledNames(self._filed))
            )
            self._look_for(id, names)
            before, places = places, placed(entry, names)
            self.corpus.mention_places[id] = places
            self._stand((was, before), (entry, places))
        if was is not entry:
            self._replace(_Part(self.corpus, was), _Part(self.corpus, entry), rank)
            index.put(id, bound)
            if kind in PARTIES and naming.table([was]) != naming.table([entry]):
                self._rename((kind, id), naming.table([entry])[f"{kind}/{id}"])
        elif type(stored := index.stored(id)) is not bytes:  # else it will be fetched as it is now
            stored.renew(bound)
        assert entry.digests
        self._table(f"{kind}/")[id] = (*entry.digests, places, bool(entry.files))

    def _require_same_place(self, was: Entry, now: Entry) -> None:
        """Raise RebuildRequired unless an entry keeps its place in the order of its kind, and its old ids."""
        if not was.files or not now.files or was.record.formerly != now.record.formerly:
            raise RebuildRequired
        if order(was) != order(now):
            entries = self._entries(now.kind)
            ids, at = list(entries), entries.position(now.id)
            before, after = ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None
            if (before and order(entries[before]) > order(now)) or (after and order(now) > order(entries[after])):
                raise RebuildRequired

    def _replace(self, old: _Part, new: _Part, rank: tuple[int, int]) -> None:
        """Replace what an entry contributed by what it contributes now."""
        if old.unfiled != new.unfiled or old.redirects != new.redirects or old.dates.keys() != new.dates.keys():
            raise RebuildRequired
        for name in LISTS:
            before, after = getattr(old, name), getattr(new, name)
            for key in before.keys() | after.keys():
                if before.get(key) != after.get(key):
                    items = self._index(name).get(key, [])
                    self._put(name, key, self._spliced(items, before.get(key, []), after.get(key, []), rank))
        for name in ("named_parties", "dates"):
            for key, value in getattr(new, name).items():
                if getattr(old, name)[key] != value:
                    self._put(name, key, value)

    def _spliced(self, items: list[Any], old: list[Any], new: list[Any], rank: tuple[int, int]) -> list[Any]:
        """A list with the items of the entry of this rank replaced."""
        at = items.index(old[0]) if old else bisect_left(items, rank, key=self._rank)
        if items[at : at + len(old)] != old:
            raise RebuildRequired
        return [*items[:at], *new, *items[at + len(old) :]]

    def _rank(self, item: Any) -> tuple[int, int]:
        """The place, in the order of all entries, of the entry that contributed an item to a list."""
        if isinstance(item, str):
            return self._place("articles", item)
        if isinstance(item, AnnotationRef):
            return self._place("articles", item.article)
        if isinstance(item, Backlink):
            return self._place(*item.key)
        if isinstance(item[1], AnnotationRef):  # a role
            return self._place("articles", item[1].article)
        return self._place(*item)

    def _place(self, kind: Kind, id: str) -> tuple[int, int]:
        return KINDS.index(kind), self._entries(kind).position(id)

    def _rename(self, key: Key, names: tuple[str, ...]) -> None:
        """Seek the new names in all articles that mention an actor or a source."""
        positions: dict[str, set[int]] = {}
        for ref in self._index("mentions").get(key, ()):
            positions.setdefault(ref.article, set()).add(ref.n)
        for id, ours in positions.items():
            entry = self._entries("articles")[id]
            looked = tuple(names if n in ours else old for n, old in enumerate(self.corpus.sought(id), 1))
            was = self.corpus.mention_places[id]
            places = self.corpus.mention_places[id] = placed(entry, looked)
            self._look_for(id, looked)
            self._stand((entry, was), (entry, places))
            facts, body, _, filed = self.fingerprints["articles/"][id]
            self._table("articles/")[id] = (facts, body, places, filed)

    def _stand(self, *placed: tuple[Entry, bytes]) -> None:
        """Update the fingerprints of mentions: adding where one stands and removing where it stood are the same XOR."""
        others: dict[Key, int] = defaultdict(int)
        for entry, places in placed:
            for n, mention in enumerate(entry.record.actors, 1) if isinstance(entry.record, Article) else ():
                if key := self.corpus.resolve(mention.id, NAMED):
                    others[key] ^= stands(places, n)
        for key, other in others.items():
            if other:
                self._put("mention_fingerprints", key, self._index("mention_fingerprints").get(key, 0) ^ other)

    def _look_for(self, id: str, names: Names) -> None:
        if self.corpus.sought(id) != names:
            self._put("sought_names", id, names)

    def _filed(self, kind: Kind, id: str) -> Entry | None:
        entry = self.corpus.get((kind, id))
        return entry if entry and entry.files else None

    def _entries(self, kind: Kind) -> TrackedMapping[str, Any]:
        index = self.corpus.entries[kind]
        assert isinstance(index, TrackedMapping)
        return index

    def _index(self, name: str) -> TrackedMapping[Any, Any]:
        index: TrackedMapping[Any, Any] = getattr(self.corpus, name)
        return index

    def _put(self, name: str, key: Any, value: Any) -> None:
        self._index(name).put(key, value)
        self._table(name)[key] = _PACK(value)

    def _table(self, name: str) -> dict[Any, Any]:
        """The fingerprints of an index, copied before they are changed."""
        if name not in self.copied:
            self.copied.add(name)
            self.fingerprints[name] = dict(self.fingerprints[name])
        return self.fingerprints[name]


_PACK = msgspec.msgpack.Encoder().encode
