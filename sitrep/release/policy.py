"""Which files are released: by marking and by status, whole files, decided before anything is derived from them.

This is the only module that reads `publish.markings`, `publish.statuses` and `publish.unmarked`.

"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sitrep.model.entries import Entry
from sitrep.model.records import MARKINGS, Marking, Status
from sitrep.parse.config import Publish
from sitrep.release.sign_off import sign_off


class ReleaseFacts(msgspec.Struct, array_like=True, frozen=True):
    """What decides about one file, apart from the configuration."""

    unfit: str
    """Why it cannot be released under any configuration; empty where it can."""
    marking: Marking | None
    """The file's own marking."""
    status: Status
    """The status in force: a sign-off holds only for what was signed."""


def release_facts(entry: Entry) -> ReleaseFacts:
    unfit = ""
    if not entry.sound:
        unfit = "cannot be read whole"
    elif entry.kind == "articles" and not any(file.endswith(".md") for file in entry.files):
        unfit = "has no text"
    return ReleaseFacts(unfit, entry.record.marking, status(entry))


def marking(own: Marking | None, publish: Publish) -> Marking | None:
    """The marking in force: the file's own, else the one the configuration assumes for unmarked files."""
    return own if own or publish.unmarked == "withhold" else publish.unmarked


def status(entry: Entry) -> Status:
    """Articles and briefs are drafts until they say reviewed; the other kinds are reviewed unless they say draft.

    A sign-off with a digest holds for what was signed: after a later edit the file is a draft again.
    """
    signed = entry.record.reviewed
    if signed and signed.digest and signed.digest.strip().lower() != sign_off(entry):
        return "draft"
    return entry.record.status or ("draft" if entry.kind in ("articles", "briefs") else "reviewed")


def withheld(facts: ReleaseFacts, publish: Publish) -> str:
    """Why a file is not released, in a few words; the empty string when it is."""
    if facts.unfit:
        return facts.unfit
    in_force = marking(facts.marking, publish)
    if in_force is None:
        return "unmarked"
    if in_force not in publish.markings:
        return in_force
    return "" if facts.status in publish.statuses else facts.status


def withheld_entry(entry: Entry, publish: Publish) -> str:
    """The same for an entry."""
    return withheld(release_facts(entry), publish)


def released(entries: Iterable[Entry], publish: Publish) -> list[Entry]:
    """The entries that are released. The public site is a function of these alone."""
    return [entry for entry in entries if not withheld_entry(entry, publish)]


def releases_drafts(publish: Publish) -> bool:
    return "draft" in publish.statuses


def strictest(markings: Iterable[Marking | None]) -> Marking:
    """The strictest of these markings, which a page that draws on several files bears. TLP:CLEAR of none."""
    return max(filter(None, markings), key=MARKINGS.index, default="TLP:CLEAR")
