"""Grades and judgments compared with the ledger: more than its origins support, or not assessed at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sitrep.analysis.provenance import Origin, ledger
from sitrep.checks.files import sidecar
from sitrep.corpus.corpus import Corpus
from sitrep.model.records import Brief, Claim
from sitrep.problems import INFO, WARNING, Path, Problem


def uncorroborated(corpus: Corpus) -> Iterator[Problem]:
    """A credibility of 1, or high confidence, on one known origin or on interested parties alone.

    Admiralty's 1 is *confirmed by other sources*; ICD 203's high confidence needs judgments that are *well
    corroborated*. Of a claim's assessments the latest counts; of a brief's judgment, all the claims that it rests on.
    """
    known: dict[str, list[Origin]] = {}

    def origins(ids: Iterable[str]) -> list[Origin]:
        for id in ids:
            if id not in known:
                there = id in corpus.entries["claims"]
                known[id] = [origin for origin in ledger(corpus, id).origins if origin.known] if there else []
        return list({origin.id: origin for id in ids for origin in known[id]}.values())

    for entry, article in corpus.articles:
        for n, statement in enumerate(article.claims):
            if statement.credibility == "1" and statement.stance == "asserts":
                for id in statement.id:
                    if why := _short_of(corpus, origins([id])):
                        what = f"credibility 1 is “confirmed by other sources”, and {id} has {why}"
                        yield _problem(sidecar(entry), ("claims", n, "credibility"), what)
                        break
    for id, entry in corpus.entries["claims"].items():
        assert isinstance(entry.record, Claim)
        assessments = list(enumerate(entry.record.assessments))
        if assessments:
            n, latest = max(assessments, key=lambda pair: (pair[1].date.latest, pair[0]))
            if latest.confidence == "high" and (why := _short_of(corpus, origins([id]))):
                yield _problem(
                    sidecar(entry), ("assessments", n, "confidence"), f"confidence is high, and there is {why}"
                )
    for entry in corpus.entries["briefs"].values():
        assert isinstance(entry.record, Brief)
        for n, judgment in enumerate(entry.record.key_judgments):
            stated = judgment.confidence == "high" and judgment.rests_on
            if stated and (why := _short_of(corpus, origins(judgment.rests_on))):
                what = f"confidence is high, and behind what it rests on there is {why}"
                yield _problem(sidecar(entry), ("key_judgments", n, "confidence"), what)


def _short_of(corpus: Corpus, origins: list[Origin]) -> str:
    """The corroboration that these origins lack, in a few words; empty where they have it."""
    if not origins:
        return "no known origin"
    names = [_name(corpus, origin) for origin in origins]
    if len(origins) == 1:
        return f"one known origin: {names[0]}"
    if all(origin.interested for origin in origins):
        return f"no known origin but interested parties: {', '.join(names)}"
    return ""


def _name(corpus: Corpus, origin: Origin) -> str:
    entry = corpus.get(origin.key) if origin.key else None
    return entry.name if entry else origin.words or origin.id


def _problem(file: str, at: Path, message: str) -> Problem:
    hint = "lower it, or file what corroborates it"
    return Problem(code="uncorroborated", severity=WARNING, file=file, at=at, message=message, hint=hint)


def not_assessed(corpus: Corpus) -> Iterator[Problem]:
    """A claim with a file and with statements that we have not assessed."""
    for id, entry in corpus.entries["claims"].items():
        assert isinstance(entry.record, Claim)
        if not entry.files or entry.record.assessments:
            continue
        articles = corpus.entries["articles"]
        refs = corpus.statements.get(("claims", id), ())
        count = len({ref.article for ref in refs if (ref.list, ref.n) not in articles[ref.article].unanchored})
        if count:
            articles_speak = f"{count} articles speak" if count > 1 else "1 article speaks"
            yield Problem(
                code="not-assessed",
                severity=INFO,
                file=entry.files[0],
                message=f"{articles_speak} of this claim, and it has no assessment",
                hint="add assessments: with a date, a likelihood, a confidence and why",
            )
