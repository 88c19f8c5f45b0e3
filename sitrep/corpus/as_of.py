"""What was known by a day."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sitrep.model.entries import Entry
from sitrep.model.records import Article, Brief, Claim, Date
from sitrep.parse import references


def as_known(entries: Iterable[Entry], on: Date) -> list[Entry]:
    """What was known by the end of a day: what had surely been captured (else published) by then.

    Assessments go by their own date, briefs by theirs. What bears no date was not known. Events and claims that are
    asserted, but by nothing captured by then, were not known either; those that nothing asserts are kept as they are.
    """
    articles: list[Entry] = []
    later: set[tuple[str, str]] = set()
    known: set[tuple[str, str]] = set()
    others: list[Entry] = []
    for entry in entries:
        if not isinstance(entry.record, Article):
            others.append(entry)
            continue
        there = since(entry.record) <= on.latest
        articles += [entry] if there else []
        asserted = known if there else later
        asserted.update(("events", id) for made in entry.record.events for id in made.id)
        asserted.update(("claims", id) for made in entry.record.claims for id in made.id)
    kept = articles
    for entry in others:
        record = entry.record
        if isinstance(record, Brief) and not _by(record.date, on):
            continue
        if (entry.kind, entry.id) in later - known:
            continue
        if isinstance(record, Claim):
            made = tuple(assessment for assessment in record.assessments if _by(assessment.date, on))
            record = msgspec.structs.replace(record, assessments=made)
            entry = entry.replaced(record=record, linked=tuple(references.linked(record)))
        kept.append(entry)
    return kept


def since(article: Article) -> str:
    """The ISO day by whose end an article was surely known: captured, else published. What bears no date never was."""
    date = article.captured or article.published
    return date.latest if date else "never"


def _by(date: Date | None, on: Date) -> bool:
    return date is not None and date.latest <= on.latest
