"""What may leave: whole files, decided once, before anything is derived from them."""

from __future__ import annotations

from collections.abc import Iterable

from sitrep.model.entries import Entry
from sitrep.model.records import Marking, Status
from sitrep.parse.config import Publish
from sitrep.release.sign_off import sign_off


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
