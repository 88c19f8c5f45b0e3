"""Quotes that have moved since they were recorded, or whose words have changed: what `sitrep repair` can repair."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.anchoring.drift import drifts
from sitrep.checks.scope import of_each_article
from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Article
from sitrep.problems import INFO, Problem


@of_each_article
def anchor_drift(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """An annotation that moved since its place was recorded, or at whose place the text now has other words.

    Quotes that are gone or ambiguous are reported when the article is read.
    """
    if not any(annotation.at for annotation in (*article.actors, *article.events, *article.claims)):
        return
    file = next(f for f in entry.files if f.endswith(".yaml"))
    hint = f"run: sitrep repair {entry.id}"
    for drift in drifts(entry):
        if drift.state == "moved":
            what = "a name of this actor stands" if drift.quote is None else "these words stand"
            message = f"{what} elsewhere than ‘at’ records: the text or the quote has changed"
            yield Problem(code="anchor-moved", severity=INFO, file=file, at=drift.at, message=message, hint=hint)
        elif drift.state == "altered":
            start, end = drift.now[0]
            words = " ".join(entry.prose.text[start:end].split())
            words = words if len(words) <= 120 else words[:117] + "…"
            message = f"where ‘at’ records this quote, the text now has “{words}”"
            yield Problem(code="anchor-altered", severity=INFO, file=file, at=drift.at, message=message, hint=hint)
