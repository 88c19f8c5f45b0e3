"""Dates that cannot all be correct."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sitrep.analysis.provenance import uncounted_for
from sitrep.anchoring.quotes import sentence_span
from sitrep.checks.files import sidecar
from sitrep.checks.scope import of_each_article
from sitrep.corpus.corpus import AnnotationRef, Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Actor, Article, Date, Event, EventAssertion, Office, Relation, Source, Tie
from sitrep.problems import ERROR, INFO, WARNING, Path, Problem

_AHEAD = re.compile(
    r"\b(will|shall|would|may|might|could|should|must|due|to be|going to|plan|plans|planned|planning|expect\w*"
    r"|schedul\w+|set to|intend\w*|propos\w+|upcoming|forthcoming|next|tomorrow|soon|if|unless|promis\w+|pledg\w+)\b"
    r"|\b(?:is|are|was|were|be|has|have|had) to\b|['’]ll\b",
    re.IGNORECASE,
)
"""Words with which a report refers to the future."""
_BEHIND = re.compile(
    r"\b(?!(?:armed|exceed|feed|hundred|indeed|need|proceed|red|seed|speed|succeed|united)\b)"
    r"(was|were|had|has|have|did|been|\w{2,}ed|began|begun|brought|came|cut|fell|fled|fought|found|gave|given|held"
    r"|hit|kept|killed|led|left|lost|made|met|put|ran|said|sank|sat|sent|shot|spoke|stood|struck|swore|taken|threw"
    r"|told|took|took place|went|withdrew|won)\b",
    re.IGNORECASE,
)
"""Words with which a report refers to the past."""


@of_each_article
def event_after_report(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """An event that an article reports as done, dated after the publication of that article.

    As done: it is asserted, its file does not call it planned, and the words of the quote, or else of its sentence,
    look back and not ahead. Uncertain and approximate dates are ignored.
    """
    if article.published is None or _loose(article.published):
        return
    for n, statement in enumerate(article.events):
        if statement.stance != "asserts" or ("event", n + 1) in entry.unanchored:
            continue
        for id in statement.id:
            event = corpus.entries["events"][id].record
            assert isinstance(event, Event)
            date = statement.date or event.date
            if date is None or _loose(date) or event.phase == "planned":
                continue
            if article.published.surely_before(date) and _as_done(entry, statement, n + 1):
                at: Path = ("events", n, "date") if statement.date else ("events", n)
                own = "" if statement.date else f", the date in the file of {id}"
                yield Problem(
                    code="event-after-report",
                    severity=WARNING,
                    file=sidecar(entry),
                    at=at,
                    message=f"{id} is dated {date.text}{own}, after this article, "
                    f"which reports it as done, was published ({article.published.text})",
                    hint="correct the date, or published:; where it is a matter of time zones, give both days: A/B",
                )
                break


def _loose(date: Date) -> bool:
    return date.uncertain or date.approximate


def _as_done(entry: Entry, statement: EventAssertion, n: int) -> bool:
    """Whether the words look back: those of the quote, else those of its sentence."""
    spans = [(a.start, a.end) for a in entry.quotes if a.kind == "event" and a.n == n]
    if not spans:
        return False
    text = entry.prose.text
    whole = (min(start for start, _ in spans), max(end for _, end in spans))
    first, last = sentence_span(entry.sentences, text, whole)
    for ref in (" ".join(text[start:end] for start, end in spans), statement.translation, text[first:last]):
        if _AHEAD.search(ref):
            return False
        if _BEHIND.search(ref):
            return True
    return False


def dates_differ(corpus: Corpus) -> Iterator[Problem]:
    """Dates of one event that exclude each other: an article's and its file's, else those of two articles."""
    for id, entry in corpus.entries["events"].items():
        assert isinstance(entry.record, Event)
        own = entry.record.date
        agreeing: list[tuple[Date, AnnotationRef]] = []
        for date, ref in _dates_given(corpus, id):
            if own and not own.approximate and _exclude(own, date):
                yield _differs(corpus, id, date, ref, f"its own file has {own.text}")
            else:
                agreeing.append((date, ref))
        if agreeing:
            first = min(agreeing, key=lambda one: one[0].latest)
            last = max(agreeing, key=lambda one: one[0].earliest)
            for date, ref in agreeing:
                other = first if first[0].surely_before(date) else last
                if _exclude(other[0], date):
                    yield _differs(corpus, id, date, ref, f"{other[1].article} has {other[0].text}")


def _dates_given(corpus: Corpus, event: str) -> Iterator[tuple[Date, AnnotationRef]]:
    """The dates with which articles assert an event; approximate dates exclude nothing and are left out."""
    for ref in corpus.statements.get(("events", event), ()):
        statement = corpus.statement(ref)
        date = statement.date if isinstance(statement, EventAssertion) else None
        if date is None or date.approximate or statement.stance != "asserts":
            continue
        if not uncounted_for(corpus, ref.article):
            yield date, ref


def _exclude(one: Date, other: Date) -> bool:
    return one.surely_before(other) or other.surely_before(one)


def _differs(corpus: Corpus, event: str, date: Date, ref: AnnotationRef, other: str) -> Problem:
    return Problem(
        code="dates-differ",
        severity=INFO,
        file=sidecar(corpus.article(ref.article)),
        at=("events", ref.n - 1, "date"),
        message=f"this article dates {event} {date.text}, and {other}",
        hint="correct the one that is wrong; if the reports differ, leave both",
    )


def reversed_dates(corpus: Corpus) -> Iterator[Problem]:
    """A tie, an office or a relation that ends before it begins."""
    for entry in (*corpus.entries["actors"].values(), *corpus.entries["sources"].values()):
        for at, dated in _dated(entry.record):
            if dated.from_ and dated.until and dated.until.surely_before(dated.from_):
                yield Problem(
                    code="reversed-dates",
                    severity=ERROR,
                    file=sidecar(entry),
                    at=(*at, "until"),
                    message=f"ends {dated.until.text}, before it begins ({dated.from_.text})",
                    hint="swap the two dates?",
                )


def _dated(record: object) -> Iterator[tuple[Path, Tie | Office | Relation]]:
    groups: tuple[tuple[str, tuple[Tie | Office | Relation, ...]], ...] = ()
    if isinstance(record, Actor):
        groups = (
            ("part_of", record.part_of),
            ("member_of", record.member_of),
            ("roles", record.roles),
            ("relations", record.relations),
        )
    elif isinstance(record, Source):
        groups = (("owner", record.owner), ("controlled_by", record.controlled_by))
    for key, items in groups:
        for n, one in enumerate(items):
            yield (key, n), one
