"""The corpus that a build is of: the former one, made over where few things are otherwise, or one that is made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sitrep.corpus.as_of import as_known
from sitrep.corpus.corpus import Corpus, Fingerprints, Key
from sitrep.corpus.link import linked_corpus
from sitrep.corpus.update import RebuildRequired, revise
from sitrep.incremental.cache import Cache, Former
from sitrep.incremental.entry_store import EntryStore
from sitrep.incremental.invalidation import Invalidation, invalidation
from sitrep.model.records import KINDS, Date
from sitrep.parse import entry as items


class Known(NamedTuple):
    """A corpus, what marks it, and what changed since the one that former results belong to (None: there is none)."""

    corpus: Corpus
    known: Fingerprints | None
    """Its marks, where they had to be known: else they are made when they are asked for, and not held until then."""
    invalidation: Invalidation | None
    mentioned: dict[bytes, bytes]
    """The facts of things without a file, by their digest."""

    @property
    def marks(self) -> Fingerprints:
        return self.corpus.marks() if self.known is None else self.known


def known(
    cache: Cache,
    things: EntryStore,
    keys: list[Key],
    former: Former | None,
    previewed: Mapping[Key, str],
    as_of: Date | None = None,
    heard: frozenset[Key] | None = None,
) -> Known:
    """The corpus of these things: the former one where no facts have changed, since all is derived from those.

    Where there is a former one and it is known which things alone may have changed (`heard`), the others are not
    looked at.
    """
    former = former or cache.everything
    if former and not as_of:
        marks = dict(former.marks)
        try:
            corpus = _revised(cache, things, keys, former, marks, heard)
        except RebuildRequired:
            pass
        else:
            notes = {f"{kind}/{id}": why for (kind, id), why in previewed.items()}
            if notes != marks.get("withheld", {}):
                marks["withheld"] = notes
                corpus = corpus.previewed(previewed)
            return Known(corpus, marks, invalidation(former.marks, marks), cache.mentioned)
    corpus = corpus_of(things, keys, as_of)
    corpus = corpus.previewed(previewed) if previewed else corpus
    if not former:
        return Known(corpus, None, None, _mentioned(corpus))
    marks = corpus.marks()
    return Known(corpus, marks, invalidation(former.marks, marks), _mentioned(corpus))


def _revised(
    cache: Cache, things: EntryStore, keys: list[Key], former: Former, marks: Fingerprints, heard: frozenset[Key] | None
) -> Corpus:
    """The former corpus made over, and its marks. Raises Anew where that is not possible, or would take longer."""
    other: list[Key] = []
    for kind, id in keys if heard is None else [key for key in keys if key in heard]:
        mark, row = marks[f"{kind}/"].get(id), things.rows[kind, id]
        if mark is None:
            raise RebuildRequired
        if mark[:2] != (row.facts, row.body):
            other.append((kind, id))
    filed = sum(mark[0] not in cache.mentioned for kind in KINDS for mark in marks[f"{kind}/"].values())
    if filed != len(keys) or len(other) > max(FEW, len(keys) // PART):
        raise RebuildRequired
    corpus = former.corpus or Corpus.restored(marks, cache.fetch)
    cache.release(former)  # should this build fail, it is neither the former one nor that of now
    revise(corpus, marks, map(things.entry, other), things.former)
    return corpus


FEW, PART = 50, 20
"""So many things that are otherwise, or one of so many, are seen to one by one; where it is more, all are related."""


def corpus_of(things: EntryStore, keys: Iterable[Key], on: Date | None = None) -> Corpus:
    """The corpus of these things, as they are or as they were known on a day."""
    entries = [things.entry(key) for key in keys]
    return linked_corpus(as_known(entries, on) if on else entries)


def _mentioned(corpus: Corpus) -> dict[bytes, bytes]:
    """The facts of things that are only mentioned, by their digest."""
    found = {}
    for kind in KINDS:
        for entry in (e for e in corpus.entries[kind].values() if not e.files):
            made = items.packed(entry)
            found[made.facts_digest] = made.facts
    return found
