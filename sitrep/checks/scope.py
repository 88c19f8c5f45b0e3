"""Whether a check looks at one thing at a time, or at the corpus as a whole.

What is found of one thing is kept until something changes that was looked at for it, so a check that can go thing by
thing should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, Article, Kind
from sitrep.problems import Problem


class OfEach:
    """A check of each thing of some kinds: `one` for one of them, the whole as a function of the corpus."""

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
    """The check of articles that looks at one."""

    def one(corpus: Corpus, entry: Entry) -> Iterator[Problem]:
        assert isinstance(entry.record, Article)
        return finds(corpus, entry, entry.record)

    one.__name__, one.__doc__, one.__module__ = finds.__name__, finds.__doc__, finds.__module__
    return OfEach(("articles",), one)


def of_each(finds: Callable[[Corpus, Entry], Iterator[Problem]]) -> OfEach:
    """The check of things of every kind that looks at one."""
    return OfEach(KINDS, finds)
