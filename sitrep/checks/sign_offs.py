"""Sign-offs: whether a file is still what was reviewed."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks.files import sidecar
from sitrep.checks.scope import of_each
from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.problems import ERROR, Problem
from sitrep.release.sign_off import sign_off


@of_each
def stale_sign_offs(corpus: Corpus, entry: Entry) -> Iterator[Problem]:
    """A recorded digest that is no longer that of the file: it was edited after the sign-off."""
    signed = entry.record.reviewed
    if signed is None or not signed.digest or entry.record.status == "draft" or not entry.sound:
        return
    digest = sign_off(entry)
    if signed.digest.strip().lower() != digest:
        by = f" by {signed.by}" if signed.by else ""
        on = f" on {signed.on.text}" if signed.on else ""
        yield Problem(
            code="stale-sign-off",
            severity=ERROR,
            file=sidecar(entry),
            at=("reviewed", "digest"),
            message=f"the file has changed since it was reviewed{by}{on}: it counts as a draft",
            hint=f"review it again, then write digest: {digest}",
        )
