"""What a report says first, and what repeats an earlier report.

A statement is compared with those of other articles on the same claim or event that take the same stance. A number
repeats the same number, a date of an event one that it may equal. Earlier means certainly published before, or copied,
translated, updated or named as a link of a chain by this article. Undated articles have no place in that order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from sitrep.analysis.provenance import Tracer, evidence
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key
from sitrep.model.records import AnyAssertion, Article, Claim, ClaimAssertion, Date, EventAssertion, Stance

How = Literal["new", "number", "date", "repeats", "also"]
"""First on record; a number or a date that is not on record for it; said before; also said at the same time, so that
nobody can tell who was first."""
Origin = Literal["same", "other", ""]
"""Whether the origin is that of the earlier statement, another known one, or not known."""


class DatedStatement(NamedTuple):
    """A statement on record for one claim or event, with the days on which its article may have been published."""

    ref: AnnotationRef
    number: tuple[str, float, float] | None
    date: Date | None
    earliest: str
    latest: str
    roots: frozenset[str]
    """The bodies it goes back to; none where the chain cannot be traced."""
    follows: frozenset[str]
    """Articles that its own article certainly followed, whatever their dates."""


class StanceRecord(NamedTuple):
    """The statements that take one stance, the earliest first, and the positions of those of each origin."""

    statements: Sequence[DatedStatement]
    places: Mapping[str, Sequence[int]]

    def of(self, roots: frozenset[str]) -> Iterator[DatedStatement]:
        """The statements that go back to one of these origins, the earliest first."""
        for place in sorted({place for root in roots for place in self.places.get(root, ())}):
            yield self.statements[place]


Record = Mapping[AnnotationRef, tuple[DatedStatement, StanceRecord]]
"""Statements on one claim or event, each with the record of its stance."""


class Novelty(NamedTuple):
    """How a statement relates to earlier ones: `earlier` is the one it repeats, by the same origin where there is one;
    for `also`, one of the same time."""

    how: How
    earlier: AnnotationRef | None = None
    origin: Origin = ""


NEW = Novelty("new")


def record(corpus: Corpus, key: Key) -> Record:
    """The dated statements on a claim or an event, without stances that a single article takes."""
    refs = corpus.statements.get(key, ())
    if len({ref.article for ref in refs}) < 2:
        return {}
    claim_record = corpus.entries["claims"][key[1]].record if key[0] == "claims" else None
    merged = evidence(corpus, claim_record) if isinstance(claim_record, Claim) else {}
    tracer = Tracer(corpus, key)
    sides: dict[Stance, list[AnnotationRef]] = {}
    for ref in refs:
        entry = corpus.article(ref.article)
        if (ref.list, ref.n) not in entry.unanchored:
            sides.setdefault(corpus.statement(ref).stance, []).append(ref)
    positions: dict[AnnotationRef, tuple[DatedStatement, StanceRecord]] = {}
    for alike in sides.values():
        if any(ref.article != alike[0].article for ref in alike):  # otherwise there is nothing to compare
            statements = (_dated(corpus, merged, tracer, ref) for ref in alike)
            side = _side(sorted((statement for statement in statements if statement), key=_order))
            positions |= {statement.ref: (statement, side) for statement in side.statements}
    return positions


def _side(statements: Sequence[DatedStatement]) -> StanceRecord:
    places: dict[str, list[int]] = {}
    for place, statement in enumerate(statements):
        for root in statement.roots:
            places.setdefault(root, []).append(place)
    return StanceRecord(statements, places)


def _dated(corpus: Corpus, merged: Mapping[str, str], tracer: Tracer, ref: AnnotationRef) -> DatedStatement | None:
    article = corpus.article(ref.article).record
    assert isinstance(article, Article)
    if article.published is None:
        return None
    assertion = corpus.statement(ref)
    value = assertion.value if isinstance(assertion, ClaimAssertion) else None
    return DatedStatement(
        ref=ref,
        number=(value.form, value.low, value.high) if value else None,
        date=assertion.date if isinstance(assertion, EventAssertion) else None,
        earliest=article.published.earliest,
        latest=article.published.latest,
        roots=frozenset([merged.get(root, root) for end in tracer.trace(ref) for root in end.roots]),
        follows=_follows(article, assertion),
    )


def _order(statement: DatedStatement) -> tuple[str, str, bool, AnnotationRef]:
    return statement.latest, statement.earliest, bool(statement.follows), statement.ref


def _follows(article: Article, assertion: AnyAssertion) -> frozenset[str]:
    named = [link.article for link in (*assertion.by, *assertion.via, *article.via) if link.article]
    updated = article.updates.article if article.updates else None
    more = [id for id in (article.copy_of, article.translation_of, updated) if id]
    return frozenset([*named, *more]) if named or more else NOTHING


NOTHING: frozenset[str] = frozenset()


def standing(on_record: Record, ref: AnnotationRef) -> Novelty:
    """How a statement of a dated article relates to those on record for one of its claims or events."""
    if ref not in on_record:
        return NEW
    mine, side = on_record[ref]
    own, follows, roots = ref.article, mine.follows, mine.roots
    first: DatedStatement | None = None
    also: DatedStatement | None = None
    known = others = False
    for prior in side.of(roots):
        article = prior.ref.article
        before = prior.latest < mine.earliest or article in follows
        if before and article != own and own not in prior.follows and _same(prior, mine):
            return Novelty("repeats", prior.ref, "same")
    for prior in side.statements:
        article = prior.ref.article
        if article == own:
            continue
        if prior.latest < mine.earliest or article in follows:
            if own in prior.follows:
                continue
            if not _same(prior, mine):
                others = True
            else:
                first = first or prior
                known = bool(roots and prior.roots)
                if known or not roots:
                    break
        elif not also and prior.earliest <= mine.latest and own not in prior.follows and _same(prior, mine):
            also = prior
    if first:
        return Novelty("repeats", first.ref, "other" if known else "")
    if also:
        return Novelty("also", also.ref)
    if others:
        return Novelty("number" if ref.list == "claim" else "date")
    return NEW


def stands_in(on_record: Record, ref: AnnotationRef, article: str) -> bool:
    """Whether another article makes a statement too."""
    if ref not in on_record:
        return False
    mine, side = on_record[ref]
    return any(prior.ref.article == article and _same(prior, mine) for prior in side.statements)


def _same(statement: DatedStatement, mine: DatedStatement) -> bool:
    """Whether two statements agree: in the number, if there is one, and in a date that may be the same."""
    if mine.number is not None:
        return statement.number == mine.number
    if mine.date is None or statement.date is None:
        return True
    return mine.date.earliest <= statement.date.latest and statement.date.earliest <= mine.date.latest
