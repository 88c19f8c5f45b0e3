"""What may leave: whole files, decided once, before anything is derived from them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sitrep.model.entries import Entry
from sitrep.model.hashing import sign_off
from sitrep.model.records import Article, Brief, Claim, Date, Marking, Status
from sitrep.parse import references
from sitrep.parse.config import Publish


def marking(entry: Entry, publish: Publish) -> Marking | None:
    """The marking in force: the file's own, else the one the configuration assumes for unmarked files."""
    if entry.record.marking or publish.unmarked == "withhold":
        return entry.record.marking
    return publish.unmarked


def status(entry: Entry) -> Status:
    """Articles and briefs are drafts until they say reviewed; the other kinds are reviewed unless they say draft.

    A sign-off with a digest holds for what was signed: anything else is a draft again.
    """
    signed = entry.record.reviewed
    if signed and signed.digest and signed.digest.strip().lower() != sign_off(entry):
        return "draft"
    return entry.record.status or ("draft" if entry.kind in ("articles", "briefs") else "reviewed")


def withheld(entry: Entry, publish: Publish) -> str:
    """Why an entry does not leave, in a few words; the empty string when it does."""
    if not entry.sound:
        return "cannot be read whole"
    if entry.kind == "articles" and not any(f.endswith(".md") for f in entry.files):
        return "has no text"
    mark = marking(entry, publish)
    if mark is None:
        return "unmarked"
    if mark not in publish.markings:
        return mark
    state = status(entry)
    return "" if state in publish.statuses else state


def released(entries: Iterable[Entry], publish: Publish) -> list[Entry]:
    """The entries that leave. The public site is a function of these alone."""
    return [entry for entry in entries if not withheld(entry, publish)]


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
