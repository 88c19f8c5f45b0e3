"""All checks, in order."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks import articles, drift, references
from sitrep.corpus import Corpus
from sitrep.problems import Problem

CHECKS = (
    articles.incomplete,
    articles.unconfirmed,
    articles.unnamed_mentions,
    drift.anchor_drift,
    references.dangling,
    references.only_mentioned,
    references.former_ids,
    references.twins,
)


def check(corpus: Corpus) -> Iterator[Problem]:
    for finds in CHECKS:
        yield from finds(corpus)
