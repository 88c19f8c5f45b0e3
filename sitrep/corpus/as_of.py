"""Content as it was known by the end of a day."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sitrep.model.entries import Entry
from sitrep.model.records import Article, Brief, Claim, Date
from sitrep.parse import references


def as_known(entries: Iterable[Entry], on: Date) -> list[Entry]:
    """The entries that were known by the end of a day: articles certainly captured (else published) by then.

    Assessments and briefs go by their own dates. An undated article was not known. Nor were events and claims of which
    only later articles speak; those of which no article speaks are kept.
    """
    articles: list[Entry] = []
    later: set[tuple[str, str]] = set()
    known: set[tuple[str, str]] = set()
    others: list[Entry] = []
    for entry in entries:
        if not isinstance(entry.record, Article):
            others.append(entry)
            continue
        in_time = since(entry.record) <= on.latest
        articles += [entry] if in_time else []
        asserted = known if in_time else later
        asserted.update(("events", id) for assertion in entry.record.events for id in assertion.id)
        asserted.update(("claims", id) for assertion in entry.record.claims for id in assertion.id)
    as_of = articles
    for entry in others:
        record = entry.record
        if isinstance(record, Brief) and not _by(record.date, on):
            continue
        if (entry.kind, entry.id) in later - known:
            continue
        if isinstance(record, Claim):
            assessments = tuple(assessment for assessment in record.assessments if _by(assessment.date, on))
            record = msgspec.structs.replace(record, assessments=assessments)
            entry = entry.replaced(record=record, linked=tuple(references.linked(record)))
        as_of.append(entry)
    return as_of


def since(article: Article) -> str:
    """The ISO day by whose end an article was certainly captured, else published; `never` where it has no date."""
    date = article.captured or article.published
    return date.latest if date else "never"


def _by(date: Date | None, on: Date) -> bool:
    return date is not None and date.latest <= on.latest
