"""The latest day of what stands on each page, for the calendar and the sitemap. From the data, never from a clock."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.corpus.corpus import Corpus, Day, Key
from sitrep.model.records import KINDS

NEVER: Day = ("", "")


class Latest:
    """Of one corpus. What it has worked out once it keeps."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._own: dict[Key, Day] = {}

    def of(self, key: Key) -> str:
        """The day as far as it is known: a day, a month, a year; empty where nothing there bears a date."""
        return self._of(key)[1]

    def of_kind(self, *kinds: str) -> str:
        """The latest of these kinds' things; of all where none is given."""
        keys = ((kind, id) for kind in KINDS if kind in (kinds or KINDS) for id in self.corpus.entries[kind])
        return max((self._of(key) for key in keys), default=NEVER)[1]

    def _of(self, key: Key) -> Day:
        """Of what says something of a thing, and of what refers to it."""
        corpus = self.corpus
        others = [tied.key for tied in corpus.backlinks.get(key, ())] + list(corpus.prose_links.get(key, ()))
        if key[0] == "topics":
            others += corpus.tagged.get(key[1], ())
        return max((self._said_of(other) for other in (key, *others)), default=NEVER)

    def _said_of(self, key: Key) -> Day:
        known_date = self._own.get(key)
        if known_date is None:
            known, own = self.corpus.dates.get(key, (NEVER, NEVER))
            days = (self.corpus.dates.get(("articles", id), (NEVER, NEVER))[0] for id in self._articles(key))
            known_date = self._own[key] = max(known, own, max(days, default=NEVER))
        return known_date

    def _articles(self, key: Key) -> Iterator[str]:
        corpus = self.corpus
        if key[0] == "articles":
            yield from corpus.updates.get(key[1], ())
        elif key[0] in ("claims", "events"):
            yield from (ref.article for ref in corpus.statements.get(key, ()))
        elif key[0] in ("actors", "sources"):
            for refs in (corpus.mentions, corpus.statements_by, corpus.statements_via):
                yield from (ref.article for ref in refs.get(key, ()))
            yield from corpus.articles_via.get(key, ())
            if key[0] == "sources":
                yield from corpus.articles_of.get(key[1], ())
