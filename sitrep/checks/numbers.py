"""Numbers compared with the words they are taken from, and totals that fall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sitrep.analysis.provenance import uncounted_for
from sitrep.anchoring.quotes import Matchable
from sitrep.checks.files import sidecar
from sitrep.checks.passages import short
from sitrep.checks.scope import of_each_article
from sitrep.corpus.corpus import AnnotationRef, Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Article, Claim, ClaimAssertion, Date, Quantity
from sitrep.problems import INFO, WARNING, Problem


@of_each_article
def value_not_quoted(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """A `value` whose number does not occur in the quoted words, in any of the ways in which numbers are written."""
    for n, statement in enumerate(article.claims):
        value = statement.value
        if value is None or not statement.quote or ("claim", n + 1) in entry.unanchored:
            continue
        quoted = " … ".join(quote.exact for quote in statement.quote)
        missing = _missing(value, quoted, article.language)
        if missing and statement.translation:
            missing = [number for number in missing if number not in numbers(statement.translation)]
        if missing:
            yield Problem(
                code="value-not-quoted",
                severity=WARNING,
                file=sidecar(entry),
                at=("claims", n, "value"),
                message=f"the quoted words do not hold {_and(missing)}: “{short(quoted)}”",
                hint="correct the value, or take the words with the number into the quote",
            )


def _and(values: list[float]) -> str:
    return " and ".join(f"{value:,.6f}".rstrip("0").rstrip(".") for value in values)


def _missing(value: Quantity, quoted: str, language: str) -> list[float]:
    """The ends of a quantity that the words do not contain.

    In languages other than English only figures are read, and a figure may be followed by any word for a power of ten;
    without figures, nothing is missing.
    """
    wanted = list(dict.fromkeys((value.low, value.high)))
    there = numbers(quoted)
    missing = [number for number in wanted if not _holds(there, number)]
    if missing and language and not language.startswith("en"):
        figures = [number for match in _FIGURE.finditer(Matchable(quoted).norm) for number in _readings(match[0])]
        if not figures:
            return []
        there = {figure * power for figure in figures for power in _POWERS} | _grouped(quoted)
        missing = [number for number in missing if not _holds(there, number)]
    return missing


def _holds(there: set[float], number: float) -> bool:
    return any(abs(one - number) <= 1e-9 * max(1.0, number) for one in there)


_FIGURE = re.compile(r"\d{1,3}(?:([ ,.'])\d{3})(?:\1\d{3})*(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_SCALES = {
    **dict.fromkeys(("hundred", "hundreds"), 1e2),
    **dict.fromkeys(("thousand", "thousands", "k"), 1e3),
    **dict.fromkeys(("million", "millions", "mn", "mln", "m"), 1e6),
    **dict.fromkeys(("billion", "billions", "bn", "b"), 1e9),
    **dict.fromkeys(("trillion", "trillions", "tn"), 1e12),
    **dict.fromkeys(("dozen", "dozens"), 12.0),
}
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: float(n) for n, word in enumerate(_SMALL)} | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
_FEW = {"no": 0.0, "none": 0.0, "nobody": 0.0, "nothing": 0.0, "couple": 2.0, "pair": 2.0}
_POWERS = (1.0, 1e1, 1e2, 1e3, 1e4, 1e6, 1e8, 1e9)
_EASTERN = {
    **dict.fromkeys("십十", 1e1),
    **dict.fromkeys("백百", 1e2),
    **dict.fromkeys("천千", 1e3),
    **dict.fromkeys("만万萬", 1e4),
    **dict.fromkeys("억亿億", 1e8),
}
_GROUPS = re.compile(rf"(?:\d[\d,.]* ?[{''.join(_EASTERN)}] ?)+(?:\d[\d,]*)?")
_GROUP = re.compile(rf"(\d[\d,.]*) ?([{''.join(_EASTERN)}]?)")
_WORD = re.compile(r"[a-z]+")
_BETWEEN = re.compile(r" ?(?:-|to|or|and) ?")


class _Read(NamedTuple):
    start: int
    end: int
    values: set[float]
    """As written."""
    scale: float
    """The factor of the word after it."""


def numbers(text: str) -> set[float]:
    """Every number in a text, in figures or in English words, in each way it may be read.

    `1,500`, `1 500`, `1.500` and `1'500` are 1500 and may be 1.5 or 1 and 500; `12k`, `10 to 12 thousand`, `ten
    thousand`, `two dozen` and `tens of thousands` (10,000) are read too.
    """
    norm = Matchable(text).norm.casefold()
    read = []
    for match in _FIGURE.finditer(norm):
        scale = re.match(r" ?-? ?([a-z]+)\b", norm[match.end() : match.end() + 16])
        factor = _SCALES.get(scale[1], 1.0) if scale else 1.0
        end = match.end() + scale.end() if scale and factor != 1.0 else match.end()
        read.append(_Read(match.start(), end, _readings(match[0]), factor))
    figures = {value for one in read for value in one.values} | {v * one.scale for one in read for v in one.values}
    for one, other in pairwise(read):
        if one.scale == 1.0 and _BETWEEN.fullmatch(norm[one.end : other.start]):
            grouped = 1e3 if max(other.values) >= 1e3 else 1.0
            figures |= {value * factor for value in one.values for factor in (other.scale, grouped)}
    return figures | _spelled(_WORD.findall(norm))


def _readings(figure: str) -> set[float]:
    """The readings of a figure with separators: of thousands, of a fraction, or between numbers."""
    parts = re.split(r"[ ,.']", figure)
    if len(parts) == 1:
        return {float(figure)}
    readings = {float(part) for part in parts} if " " in figure else set()
    whole, last = parts[:-1], parts[-1]
    if all(len(part) == 3 for part in whole[1:]):
        if len(last) == 3:
            readings.add(float("".join(parts)))
        if figure[-len(last) - 1] in ",.":
            readings.add(float(f"{''.join(whole)}.{last}"))
    return readings or {float("".join(parts))}


def _spelled(figures: list[str]) -> set[float]:
    """The numbers in English words: each run of number words, and words of scale by themselves."""
    values: set[float] = set()
    total = current = lower = 0.0
    running = False
    for place, word in enumerate((*figures, "")):
        last, before = ("", "", *figures)[place : place + 2]
        if word in _UNITS:
            if running and before in _UNITS and not (_UNITS[before] >= 20 and _UNITS[word] < 10):
                values.add(total + current)
                total = current = 0.0
            current += _UNITS[word]
            running = True
        elif word in _SCALES and len(word) > 3:
            scale = _SCALES[word]
            if running:
                factor = current or 1.0
            elif before == "of":
                values.add(scale * {**_SCALES, "tens": 10.0}.get(last, 1.0))
                continue
            elif before in ("a", "an") or word.endswith("s"):
                factor = 0.5 if last == "half" else 1.0
            else:
                continue  # after a figure, with which it is read
            total, current = (total + factor * scale, 0.0) if scale >= 1e3 else (total, factor * scale)
            running = True
            values |= {lower * scale} if lower else set()
        elif word != "and" or not running or before not in _SCALES:
            lower = (
                current if running and word in ("to", "or", "and") else 0.0
            )  # part of a range: ten to twelve thousand
            if running:
                values.add(total + current)
            total = current = 0.0
            running = False
            if word in _FEW:
                values.add(_FEW[word])
    return values


def _grouped(text: str) -> set[float]:
    """Numbers in figures with Chinese, Japanese or Korean words of scale: 1만 2천."""
    readings = set()
    for run in _GROUPS.finditer(Matchable(text).norm):
        readings.add(sum(max(_readings(n.strip(",."))) * _EASTERN.get(unit, 1.0) for n, unit in _GROUP.findall(run[0])))
    return readings


def total_falls(corpus: Corpus) -> Iterator[Problem]:
    """An exact or least number of a measured claim that is lower than an earlier one: a total does not shrink.

    In the order in which they were said, else published; numbers that may be of one day are not compared.
    """
    for id, entry in corpus.entries["claims"].items():
        assert isinstance(entry.record, Claim)
        if not entry.record.measure:
            continue
        ref = list(_stated(corpus, id))
        early = sorted(ref, key=lambda one: one.date.latest)
        highest: _Stated | None = None
        at = 0
        for one in sorted(ref, key=lambda one: one.date.earliest):
            while at < len(early) and early[at].date.surely_before(one.date):
                if highest is None or early[at].value.low > highest.value.low:
                    highest = early[at]
                at += 1
            if highest and one.value.low < highest.value.low:
                yield Problem(
                    code="total-falls",
                    severity=INFO,
                    file=sidecar(corpus.article(one.ref.article)),
                    at=("claims", one.ref.n - 1, "value"),
                    message=f"{entry.record.measure}: {one.value.text} ({one.date.text}) is lower than "
                    f"{highest.value.text}, said {highest.date.text} in {highest.ref.article}",
                    hint="if it repeats an older number, add said:; if it counts something else, use another claim",
                )


class _Stated(NamedTuple):
    ref: AnnotationRef
    date: Date
    value: Quantity


def _stated(corpus: Corpus, claim: str) -> Iterator[_Stated]:
    """The exact and the least numbers that are asserted for a claim, with their dates."""
    for ref in corpus.statements.get(("claims", claim), ()):
        statement = corpus.statement(ref)
        article = corpus.article(ref.article)
        assert isinstance(statement, ClaimAssertion)
        assert isinstance(article.record, Article)
        date = statement.said or article.record.published
        value = statement.value
        if value is None or date is None or value.form not in ("exact", "at least") or statement.stance != "asserts":
            continue
        if (ref.list, ref.n) not in article.unanchored and not uncounted_for(corpus, ref.article):
            yield _Stated(ref, date, value)
