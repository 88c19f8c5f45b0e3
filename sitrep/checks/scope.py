"""The scope of a check: one entry at a time, or the corpus as a whole.

The problems of an entry are cached until one of the check's dependencies changes, so a check that can work entry by
entry should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, Article, Kind
from sitrep.problems import Problem


class OfEach:
    """A check of each entry of some kinds: `one` checks one of them; calling it checks a corpus."""

    def __init__(self, kinds: tuple[Kind, ...], one: Callable[[Corpus, Entry], Iterator[Problem]]) -> None:
        self.kinds = kinds
        self.one = one
        self.__name__ = one.__name__
        self.__doc__ = one.__doc__
        self.__module__ = one.__module__

    def __call__(self, corpus: Corpus) -> Iterator[Problem]:
        for kind in self.kinds:
            for entry in corpus.entries[kind].values():
                yield from self.one(corpus, entry)


def of_each_article(finds: Callable[[Corpus, Entry, Article], Iterator[Problem]]) -> OfEach:
    """Make a check of articles one by one."""

    def one(corpus: Corpus, entry: Entry) -> Iterator[Problem]:
        assert isinstance(entry.record, Article)
        return finds(corpus, entry, entry.record)

    one.__name__, one.__doc__, one.__module__ = finds.__name__, finds.__doc__, finds.__module__
    return OfEach(("articles",), one)


def of_each(finds: Callable[[Corpus, Entry], Iterator[Problem]]) -> OfEach:
    """Make a check of entries of every kind one by one."""
    return OfEach(KINDS, finds)
