"""All checks, in order."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks import (
    articles,
    attribution,
    circles,
    citations,
    drift,
    estimates,
    grades,
    names,
    numbers,
    references,
    sign_offs,
    timing,
)
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
    names.alike_names,
    attribution.unnamed_parties,
    attribution.unnamed_words,
    circles.chain_loops,
    circles.part_of_loops,
    grades.uncorroborated,
    grades.not_assessed,
    estimates.mixed_likelihood,
    estimates.likelihood_with_confidence,
    estimates.vague_estimates,
    citations.uncited,
    numbers.value_not_quoted,
    numbers.total_falls,
    timing.event_after_report,
    timing.dates_differ,
    timing.reversed_dates,
    sign_offs.stale_sign_offs,
)


def check(corpus: Corpus) -> Iterator[Problem]:
    for finds in CHECKS:
        yield from finds(corpus)
