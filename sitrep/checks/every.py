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
    places,
    references,
    sign_offs,
    timing,
)
from sitrep.checks.scope import OfEach
from sitrep.corpus.corpus import Corpus
from sitrep.model.records import KINDS
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
    citations.anatomy,
    numbers.value_not_quoted,
    numbers.total_falls,
    timing.event_after_report,
    timing.dates_differ,
    timing.reversed_dates,
    places.half_places,
    sign_offs.stale_sign_offs,
)


def check(corpus: Corpus) -> Iterator[Problem]:
    """All problems."""
    for unit in units(corpus):
        yield from findings(corpus, unit)


def units(corpus: Corpus) -> Iterator[str]:
    """What can be checked separately: each check of the whole corpus, by its name, and each entry, as `KIND/ID`."""
    yield from WHOLE
    for kind in KINDS:
        for id in corpus.entries[kind]:
            yield f"{kind}/{id}"


def findings(corpus: Corpus, unit: str) -> Iterator[Problem]:
    """The problems of one unit."""
    if unit in WHOLE:
        yield from WHOLE[unit](corpus)
        return
    kind, _, id = unit.partition("/")
    entry = corpus.entries[kind][id]  # type: ignore[index]
    for finds in CHECKS:
        if isinstance(finds, OfEach) and kind in finds.kinds:
            yield from finds.one(corpus, entry)


WHOLE = {finds.__name__: finds for finds in CHECKS if not isinstance(finds, OfEach)}
