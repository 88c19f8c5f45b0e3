"""Who says so, and through whom it reached us: the chain behind each statement.

A chain is `by` → the statement's `via` → the article's `via` → the article's source; each name in `by` starts its own.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sitrep.corpus import Corpus, Key
from sitrep.records import Article, Assertion, Entry, Link

Start = Literal["named", "document", "unnamed", "unattributed"]


class Step(msgspec.Struct, frozen=True):
    """One link of a chain: a thing we have a page for, or words."""

    key: Key | None
    words: str
    unnamed: bool = False
    of: Key | None = None


class Chain(msgspec.Struct, frozen=True):
    """From who said it to who published it. `start` types its first link."""

    start: Start
    steps: tuple[Step, ...]


def chains(corpus: Corpus, entry: Entry, assertion: Assertion) -> tuple[Chain, ...]:
    """The chains of one statement of an article: one for each name in `by`, one unattributed where there is none."""
    assert isinstance(entry.record, Article)
    article = entry.record
    rest = [_step(corpus, link) for link in (*assertion.via, *article.via)]
    if article.source:
        rest.append(Step(("sources", article.source), ""))
    starts: list[tuple[Start, tuple[Step, ...]]] = [(_start(link), (_step(corpus, link),)) for link in assertion.by]
    starts = starts or [("unattributed", ())]
    return tuple(Chain(kind, _joined((*first, *rest))) for kind, first in starts)


def _start(link: Link) -> Start:
    if link.unnamed is not None:
        return "unnamed"
    return "document" if link.document is not None else "named"


def _step(corpus: Corpus, link: Link) -> Step:
    if link.unnamed is not None:
        of = corpus.resolve(link.of, ("sources", "actors")) if link.of else None
        return Step(None, link.unnamed, unnamed=True, of=of)
    if link.document is not None:
        return Step(None, link.document)
    if link.article is not None:
        key: Key = ("articles", link.article)
        return Step(key if corpus.get(key) else None, "" if corpus.get(key) else link.article)
    party = corpus.party(link)
    return Step(party, "" if party else link.id or "")


def _joined(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps without immediate repetition: who relays itself is one link."""
    kept: list[Step] = []
    for step in steps:
        if not kept or step.key is None or kept[-1].key != step.key:
            kept.append(step)
    return tuple(kept)
