"""What a report says that none before it had said, and what repeats an earlier one.

A statement is compared with those of other articles on the same claim or event that take the same stance. A number
repeats the same number, a date of an event one that it may be. Earlier is what was surely published before, and what an
article copies, translates, updates or names as a link of a chain. What bears no date has no place in that order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sitrep.corpus import Corpus, Key, Said
from sitrep.provenance import Tracer, evidence
from sitrep.records import AnyAssertion, Article, Claim, ClaimAssertion, Date, EventAssertion

How = Literal["new", "number", "date", "repeats", "also"]
"""First on record; a number, or a date, that is not on record for what is; said before; said by others too, nobody can
tell who was first."""
Origin = Literal["same", "other", ""]
"""That of a statement before; another than those that are known; or it, or all before, are unknown."""


class Told(NamedTuple):
    """A statement on record for one claim or event."""

    said: Said
    assertion: AnyAssertion
    published: Date
    roots: frozenset[str]
    """The bodies that it goes back to; none where they are unknown."""
    follows: frozenset[str]
    """Articles that its own surely came after, whatever their dates."""


Record = Mapping[Said, Told]
"""What is said of one claim or event, the earliest first."""


class Standing(NamedTuple):
    """How a statement stands to those before it: `earlier` is the one it repeats, by the same origin where there is
    one; for `also` another of the same time."""

    how: How
    earlier: Said | None = None
    origin: Origin = ""


def record(corpus: Corpus, key: Key) -> Record:
    """All dated statements on a claim or an event; nothing where only one article makes any."""
    saids = corpus.asserted.get(key, ())
    found: list[Told] = []
    if len({said.article for said in saids}) < 2:
        return {}
    held = corpus.entries["claims"][key[1]].record if key[0] == "claims" else None
    merged = evidence(corpus, held) if isinstance(held, Claim) else {}
    tracer = Tracer(corpus, key)
    for said in saids:
        entry = corpus.entries["articles"][said.article]
        article = entry.record
        assert isinstance(article, Article)
        if article.published is None or (said.list, said.n) in entry.faulty:
            continue
        assertion = corpus.statement(said)
        roots = {merged.get(root, root) for end in tracer.trace(said) for root in end.roots}
        found.append(Told(said, assertion, article.published, frozenset(roots), _follows(article, assertion)))
    found.sort(key=lambda told: (told.published.latest, told.published.earliest, bool(told.follows), told.said))
    return {told.said: told for told in found}


def _follows(article: Article, assertion: AnyAssertion) -> frozenset[str]:
    named = [link.article for link in (*assertion.by, *assertion.via, *article.via)]
    updated = article.updates.article if article.updates else None
    return frozenset(id for id in (article.copy_of, article.translation_of, updated, *named) if id)


def standing(on_record: Record, said: Said, article: Article) -> Standing | None:
    """How a statement stands to those on record for one of its claims or events; None where its article has no date."""
    if article.published is None:
        return None
    mine = on_record.get(said)
    if mine is None:
        return Standing("new")
    first: Told | None = None
    also: Told | None = None
    known = others = False
    for told in on_record.values():
        if told.said.article == said.article or told.assertion.stance != mine.assertion.stance:
            continue
        before = _before(told, mine)
        if before is False:
            continue
        if not _same(told.assertion, mine.assertion):
            others = others or before is True
        elif before is None:
            also = also or told
        elif mine.roots & told.roots:
            return Standing("repeats", told.said, "same")
        else:
            first = first or told
            known = known or bool(told.roots)
    if first:
        return Standing("repeats", first.said, "other" if known and mine.roots else "")
    if also:
        return Standing("also", also.said)
    if others:
        return Standing("number" if said.list == "claim" else "date")
    return Standing("new")


def stands_in(on_record: Record, said: Said, article: str) -> bool:
    """Whether another article makes a statement too."""
    mine = on_record.get(said)
    return mine is not None and any(
        told.said.article == article
        and told.assertion.stance == mine.assertion.stance
        and _same(told.assertion, mine.assertion)
        for told in on_record.values()
    )


def _before(told: Told, mine: Told) -> bool | None:
    """Whether one was published before the other; None where that cannot be told."""
    if told.said.article in mine.follows:
        return True
    if mine.said.article in told.follows or mine.published.surely_before(told.published):
        return False
    return True if told.published.surely_before(mine.published) else None


def _same(told: AnyAssertion, mine: AnyAssertion) -> bool:
    """Whether what was said says what is said now: its number too, where it has one, and a date that it may be."""
    if isinstance(mine, ClaimAssertion):
        if mine.value is None:
            return True
        number = told.value if isinstance(told, ClaimAssertion) else None
        value = mine.value
        return number is not None and (number.form, number.low, number.high) == (value.form, value.low, value.high)
    given = told.date if isinstance(told, EventAssertion) else None
    return not (mine.date and given and (mine.date.surely_before(given) or given.surely_before(mine.date)))
