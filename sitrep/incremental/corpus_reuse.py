"""The corpus of a build: the last one, updated where few entries have changed, else one that is linked from all.

In a preview of 10,000 articles an update takes 0.04 s where linking takes 1.2 to 2.1 s (`python -m benchmarks --also
serve`).
"""

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


class CorpusState(NamedTuple):
    """A corpus, its fingerprints, and what changed since the one that cached results belong to."""

    corpus: Corpus
    known_fingerprints: Fingerprints | None = None
    """None: they are computed when they are asked for, and not held until then."""
    invalidation: Invalidation | None = None
    """None: there are no cached results."""
    mentioned: Mapping[bytes, bytes] = {}
    """The facts of entries without a file, by their digest."""

    @property
    def fingerprints(self) -> Fingerprints:
        return self.corpus.fingerprints() if self.known_fingerprints is None else self.known_fingerprints


def corpus_state(
    cache: Cache,
    entries: EntryStore,
    keys: list[Key],
    former: Former | None,
    previewed: Mapping[Key, str],
    as_of: Date | None = None,
    changed: frozenset[Key] | None = None,
) -> CorpusState:
    """The corpus of these entries, as of a day.

    Where there is a former one and it is known which entries may have `changed`, the others are not looked at.
    """
    former = former or cache.everything
    if former and not as_of:
        fingerprints = dict(former.fingerprints)
        try:
            corpus = _updated(cache, entries, keys, former, fingerprints, changed)
        except RebuildRequired:
            pass
        else:
            reasons = {f"{kind}/{id}": why for (kind, id), why in previewed.items()}
            if reasons != fingerprints.get("withheld", {}):
                fingerprints["withheld"] = reasons
                corpus = corpus.previewed(previewed)
            changes = invalidation(former.fingerprints, fingerprints)
            return CorpusState(corpus, fingerprints, changes, cache.mentioned)
    corpus = corpus_of(entries, keys, as_of)
    corpus = corpus.previewed(previewed) if previewed else corpus
    if not former:
        return CorpusState(corpus, None, None, _mentioned(corpus))
    fingerprints = corpus.fingerprints()
    return CorpusState(corpus, fingerprints, invalidation(former.fingerprints, fingerprints), _mentioned(corpus))


def _updated(
    cache: Cache,
    entries: EntryStore,
    keys: list[Key],
    former: Former,
    fingerprints: Fingerprints,
    changed: frozenset[Key] | None,
) -> Corpus:
    """The former corpus, updated with its fingerprints. Raises RebuildRequired where linking anew is due."""
    due: list[Key] = []
    for kind, id in keys if changed is None else [key for key in keys if key in changed]:
        fingerprint, row = fingerprints[f"{kind}/"].get(id), entries.rows[kind, id]
        if fingerprint is None:
            raise RebuildRequired
        if fingerprint[:2] != (row.facts, row.body):
            due.append((kind, id))
    filed = sum(
        fingerprint[0] not in cache.mentioned for kind in KINDS for fingerprint in fingerprints[f"{kind}/"].values()
    )
    if filed != len(keys) or len(due) > max(FEW, len(keys) // PART):
        raise RebuildRequired
    corpus = former.corpus or Corpus.restored(fingerprints, cache.fetch)
    cache.release(former)  # should this build fail, it is neither the former one nor that of now
    revise(corpus, fingerprints, map(entries.entry, due), entries.former)
    return corpus


FEW, PART = 50, 20
"""Up to `max(FEW, n / PART)` changed entries update a corpus of n; more rebuild it."""


def corpus_of(entries: EntryStore, keys: Iterable[Key], on: Date | None = None) -> Corpus:
    """The corpus of these entries, as they are or as they were known on a day."""
    chosen = [entries.entry(key) for key in keys]
    return linked_corpus(as_known(chosen, on) if on else chosen)


def _mentioned(corpus: Corpus) -> dict[bytes, bytes]:
    """The facts of entries that are only mentioned, by their digest."""
    packed = (items.packed(e) for kind in KINDS for e in corpus.entries[kind].values() if not e.files)
    return {entry.facts_digest: entry.facts for entry in packed}
