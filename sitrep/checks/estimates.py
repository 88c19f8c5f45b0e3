"""Words of estimation in our own products (ICD 203): one row of terms, apart from confidence, none of them vague."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, get_args

from sitrep.checks import files
from sitrep.checks.passages import own_words, passages, sentences, short
from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Brief, Claim, Likelihood
from sitrep.problems import WARNING, Path, Problem

TERMS: tuple[str, ...] = get_args(Likelihood)
ROWS = (TERMS[:7], TERMS[7:])
"""The two rows, term for term."""

_FIRST = r"almost no chance|(?:very )?unlikely|roughly (?:an )?even chance|(?:very )?likely|almost certain(?:ly)?"
_SECOND = (
    r"remote(?= (?:chance|possibility|likelihood|probability))|(?:highly )?improbabl[ey]|roughly even odds"
    r"|(?:highly )?probabl[ey]|nearly certain(?:ly)?"
)
_COMPARED = r"(?<!more )(?<!less )(?<!most )(?<!least )(?<!as )(?<!equally )(?<!how )"
"""`more likely than` is a comparison, not a term."""
_TERM = re.compile(rf"\b{_COMPARED}(?:(?P<first>{_FIRST})|(?P<second>{_SECOND}))\b", re.IGNORECASE)
_LEVEL = r"(?:high|moderate|medium|low)"
_CONFIDENCE = re.compile(
    rf"\b(?:{_LEVEL}|higher|lower)(?:[- ]to[- ]{_LEVEL})?(?: (?:analytic\w*|levels? of))? confidence\b"
    rf"|\bconfidence\b(?: [\w’'-]+){{0,5}}? (?:is|are|was|remains?|stays?|at|as) (?:[\w-]+ ){{0,2}}?{_LEVEL}\b"
    rf"|\bconfidence: {_LEVEL}\b|\b(?:highly|moderately|fairly|very|quite) confident\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:may|(?i:(?<!military )(?<!naval )(?<!economic )(?<!its )(?<!their )(?<!the )might|could(?! not\b|n['’]t\b)"
    r"|possibly|perhaps|maybe|conceivably|potentially|presumably|supposedly|apparently|seemingly|reportedly|allegedly"
    r"|it is (?:also |just |quite )?possible|there is a (?:chance|possibility)"
    r"|can(?:not|['’]t| not) (?:be )?(?:ruled? out|excluded?|discounted?)))\b"
)
"""Capital `May` is the month; `could not` reports a failure."""
_SCALE = re.compile(r"\b(?:likelihood|scales?|terms?|vocabular\w+)\b", re.IGNORECASE)
"""Headings of the section that explains the terms, where all of them may occur."""


class _OwnWords(NamedTuple):
    """Words of ours, and their place."""

    text: str
    file: str
    at: Path = ()
    judges: bool = False
    """Whether they are a judgment or its reasons."""


class _Used(NamedTuple):
    row: int
    term: str
    file: str
    at: Path


def mixed_likelihood(corpus: Corpus) -> Iterator[Problem]:
    """Terms of both rows of ICD 203 in one brief, or in the assessments of one claim. The rarer row is reported."""
    for entry in _products(corpus):
        used = list(_used(entry))
        counts = [sum(one.row == row for one in used) for row in (0, 1)]
        if all(counts):
            rarer = 0 if counts[0] < counts[1] else 1
            one = next(one for one in used if one.row == rarer)
            other = next(one for one in used if one.row != rarer)
            instead = ROWS[1 - rarer][ROWS[rarer].index(one.term)]
            what = "brief" if entry.kind == "briefs" else "claim"
            yield Problem(
                code="mixed-likelihood",
                severity=WARNING,
                file=one.file,
                at=one.at,
                message=f"“{one.term}” and “{other.term}” are of two rows of ICD 203, and both are used in this {what}",
                hint=f"keep to one row: write “{instead}”",
            )


def likelihood_with_confidence(corpus: Corpus) -> Iterator[Problem]:
    """A term of likelihood and a level of confidence in one sentence: readers confuse the two."""
    for entry in _products(corpus):
        for words in _words(entry):
            for sentence in sentences(words.text):
                term, level = _TERM.search(sentence), _CONFIDENCE.search(sentence)
                if term and level:
                    yield Problem(
                        code="likelihood-with-confidence",
                        severity=WARNING,
                        file=words.file,
                        at=words.at,
                        message=f"“{term[0]}” and “{level[0]}” share a sentence: “{short(sentence)}”",
                        hint="give likelihood and confidence a sentence each",
                    )


def vague_estimates(corpus: Corpus) -> Iterator[Problem]:
    """A word that estimates without saying how likely, in a judgment of ours or in its reasons."""
    for entry in _products(corpus):
        for words in _words(entry):
            if words.judges and (match := _VAGUE.search(words.text)):
                sentence = next(s for s in sentences(words.text) if match[0] in s)
                yield Problem(
                    code="vague-estimate",
                    severity=WARNING,
                    file=words.file,
                    at=words.at,
                    message=f"“{match[0]}” does not say how likely: “{short(sentence)}”",
                    hint="use a term of ICD 203, or say who says so",
                )


def _products(corpus: Corpus) -> Iterator[Entry]:
    yield from corpus.entries["briefs"].values()
    for entry in corpus.entries["claims"].values():
        if isinstance(entry.record, Claim) and entry.record.assessments:
            yield entry


def _used(entry: Entry) -> Iterator[_Used]:
    """The terms of a product, those in its data first."""
    record = entry.record
    judgments, key = ((), "") if not isinstance(record, (Brief, Claim)) else _dated(record)
    for n, likelihood in enumerate(judgments):
        if likelihood:
            row = 0 if likelihood in ROWS[0] else 1
            yield _Used(row, likelihood, files.sidecar(entry), (key, n, "likelihood"))
    for words in _words(entry):
        for match in _TERM.finditer(words.text):
            row = 0 if match["first"] else 1
            yield _Used(row, _term(match[0], row), words.file, words.at)


def _dated(record: Brief | Claim) -> tuple[tuple[Likelihood | None, ...], str]:
    if isinstance(record, Brief):
        return tuple(judgment.likelihood for judgment in record.key_judgments), "key_judgments"
    return tuple(assessment.likelihood for assessment in record.assessments), "assessments"


def _term(words: str, row: int) -> str:
    """The term of which these words are a form: `probably` is `probable`."""
    words = words.lower().replace(" an ", " ").replace("bly", "ble").removesuffix("ly" if "certain" in words else "")
    return words if words in ROWS[row] else next(term for term in ROWS[row] if term.startswith(words[:6]))


def _words(entry: Entry) -> Iterator[_OwnWords]:
    """Our own words in a brief, or in the assessments of a claim; quotations are left out, and other languages."""
    record = entry.record
    if record.language and not record.language.lower().startswith("en"):
        return
    file = files.sidecar(entry)
    places: list[tuple[str, Path, bool]] = []
    if isinstance(record, Brief):
        places += [(record.title, ("title",), True), (record.summary, ("summary",), True)]
        for n, judgment in enumerate(record.key_judgments):
            places += [(judgment.text, ("key_judgments", n, "text"), True)]
            places += [(judgment.because, ("key_judgments", n, "because"), True)]
    elif isinstance(record, Claim):
        for n, assessment in enumerate(record.assessments):
            places += [(assessment.because, ("assessments", n, "because"), True)]
            places += [(assessment.would_change, ("assessments", n, "would_change"), False)]
    for text, at, judges in places:
        if text:
            yield _OwnWords(own_words(text), file, at, judges)
    if isinstance(record, Brief) and entry.prose.html:
        for passage in passages(entry.prose.html):
            if not passage.quoted and not any(_SCALE.search(heading) for heading in passage.headings):
                yield _OwnWords(own_words(passage.text), files.prose(entry))
