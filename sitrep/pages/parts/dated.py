"""The latest day of each page's content, for the calendar and the sitemap. From the data, never from a clock."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.corpus.corpus import Corpus, Day, Key
from sitrep.model.records import KINDS

NEVER: Day = ("", "")


class Latest:
    """The latest days in one corpus; results are kept."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._own: dict[Key, Day] = {}

    def of(self, key: Key) -> str:
        """The date as far as known: a day, a month, a year; empty where the content has no date."""
        return self._of(key)[1]

    def of_kind(self, *kinds: str) -> str:
        """The latest date of the entries of these kinds; of all where none is given."""
        keys = ((kind, id) for kind in KINDS if kind in (kinds or KINDS) for id in self.corpus.entries[kind])
        return max((self._of(key) for key in keys), default=NEVER)[1]

    def _of(self, key: Key) -> Day:
        """The latest date of statements about an entry and of what refers to it."""
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
