"""Positions on a claim: each speaker's latest stance, who has not been heard, and the latest change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import cast

from markupsafe import Markup

from sitrep.analysis import provenance
from sitrep.corpus.corpus import AnnotationRef, Key
from sitrep.model.records import STANCES, Actor, Article, Assessment, Claim, ClaimAssertion, Date
from sitrep.pages.parts.context import PageContext, anchor
from sitrep.views.pages import Html, Link, News, StanceChange, StanceHolders

NAMES = 6
"""The number of speakers named for each side."""
CHANGES = 4
"""The number of changes listed for the latest day."""


def sides(turns: Sequence[StanceChange]) -> Iterator[StanceHolders]:
    """Named speakers by their latest stance, and what unnamed sources say; `turns` are latest first."""
    latest: dict[str, StanceChange] = {}
    for turn in turns:
        if turn.speaker.id:
            latest.setdefault(turn.speaker.id, turn)
    taken = {turn.stance for turn in turns if not turn.speaker.id}
    for stance in STANCES:
        holders = sorted((turn.speaker for turn in latest.values() if turn.stance == stance), key=_by_name)
        if holders or stance in taken:
            yield StanceHolders(stance=stance, speakers=tuple(holders[:NAMES]), more=max(0, len(holders) - NAMES))


def _by_name(link: Link) -> tuple[str, str]:
    return link.text.casefold(), link.id


def unheard(context: PageContext, claim: Claim, refs: Sequence[AnnotationRef], root: str) -> tuple[Link, ...]:
    """Actors that a claim is about and for whom no report has a statement on it, or a refusal to comment.

    A spokesperson's statement counts for the body, and a body's statement for all its members.

    """
    if not refs:
        return ()
    corpus = context.corpus
    spoke: set[str] = set()
    heard: set[str] = set()
    for ref in refs:
        for link in corpus.statement(ref).by:
            if (raw := link.of if link.unnamed is not None else link.id) and raw not in spoke:
                _, passed = provenance.roll_up(corpus, raw, None)
                spoke |= {raw, *passed[:1]}
                heard |= set(passed)
    parties: dict[Key, None] = {}
    for id in claim.about.actors:
        key = corpus.resolve(id, ("actors",))
        if key and key[1] not in heard and spoke.isdisjoint(provenance.roll_up(corpus, id, None)[1]):
            record = corpus.entries["actors"][key[1]].record
            if isinstance(record, Actor) and record.kind != "place":
                parties[key] = None
    return tuple(context.link(key, root) for key in parties)


# -- the last change --------------------------------------------------------------------------------------------------


def changed(
    context: PageContext, claim: Claim, ledger: provenance.Ledger, refs: Sequence[AnnotationRef], root: str
) -> tuple[News, ...]:
    """What changed on the latest day with a change; further reports of the same are no change."""
    gone = {ref for ref, _ in ledger.uncounted}
    counted = [ref for ref in refs if ref not in gone]
    changes = [
        *_judged(context, claim),
        *_turned(context, counted, root),
        *_updated(context, refs, root),
        *_numbers(context, counted, root),
        *_origins(context, ledger, root),
    ]
    latest = max((day.earliest for day, _, _ in changes), default="")
    news = [News(date=day.text, what=what, text=text) for day, what, text in changes if day.earliest == latest]
    return tuple(dict.fromkeys(news))[:CHANGES]


Found = Iterator[tuple[Date, str, Html]]


def _judged(context: PageContext, claim: Claim) -> Found:
    """An assessment in words. Likelihood and confidence are distinct, and never share a sentence (ICD 203)."""
    say = context.say
    judged: list[Assessment | None] = [
        None,
        *sorted(claim.assessments, key=lambda assessment: assessment.date.earliest),
    ]
    for before, after in pairwise(judged):
        assert after is not None
        for group in ("likelihood", "confidence"):
            was, now = (getattr(assessment, group) if assessment else None for assessment in (before, after))
            if now == was or not now:
                continue
            words = {group: say.term(group, now), "before": say.term(group, was) if was else ""}
            yield after.date, "assessment", say.html(f"change.{group}" if was else f"change.{group}_first", **words)


def _in_order(context: PageContext, refs: Sequence[AnnotationRef]) -> list[tuple[Date, AnnotationRef]]:
    dated = [(when, ref) for ref in refs if (when := provenance.moment(context.corpus, ref))]
    return sorted(dated, key=lambda pair: (pair[0].earliest, pair[1]))


def _turned(context: PageContext, refs: Sequence[AnnotationRef], root: str) -> Found:
    stood: dict[Key, str] = {}
    for when, ref in _in_order(context, refs):
        statement = context.corpus.statement(ref)
        for party in dict.fromkeys(party for link in statement.by if (party := context.corpus.party(link))):
            before = stood.get(party)
            stood[party] = statement.stance
            if before and before != statement.stance:
                now, then = context.say.term("now", statement.stance), context.say.term("then", before)
                who = anchor(context.link(party, root))
                yield when, "stance", context.say.html("change.turned", who=who, now=now, then=then)


def _updated(context: PageContext, refs: Sequence[AnnotationRef], root: str) -> Found:
    for article in dict.fromkeys(ref.article for ref in refs):
        for later in context.corpus.updates.get(article, ()):
            record = cast(Article, context.corpus.article(later).record)
            if record.updates and record.published:
                new, old = (anchor(context.link(("articles", id), root)) for id in (later, article))
                how = context.say.term("update", record.updates.how)
                yield (
                    record.published,
                    "correction",
                    context.say.html("feed.updated", article=new, how=how, earlier=old),
                )


def _numbers(context: PageContext, refs: Sequence[AnnotationRef], root: str) -> Found:
    seen: set[tuple[str, float, float]] = set()
    for when, ref in _in_order(context, refs):
        assertion = context.corpus.statement(ref)
        if isinstance(assertion, ClaimAssertion) and (value := assertion.value) and assertion.stance == "asserts":
            number = (value.form, value.low, value.high)
            if seen and number not in seen:
                at = _words(context, ref, root)
                yield when, "number", context.say.html("change.number", number=value.text, article=at)
            seen.add(number)


def _origins(context: PageContext, ledger: provenance.Ledger, root: str) -> Found:
    firsts = []
    for origin in ledger.origins:
        dated = _in_order(context, [support.ref for support in origin.supports]) if origin.known else []
        if dated:
            firsts.append((*dated[0], origin))
    begun = min((when.earliest for when, _, _ in firsts), default="")
    for when, ref, origin in sorted(firsts, key=lambda first: (first[0].earliest, first[1])):
        if when.earliest == begun:
            continue  # all origins of a new claim date from its first day
        name = anchor(context.link(origin.key, root)) if origin.key else Markup("{}").format(origin.words)
        yield when, "origin", context.say.html("change.origin", name=name, article=_words(context, ref, root))


def _words(context: PageContext, ref: AnnotationRef, root: str) -> Html:
    """A link to a statement's words, named after the publisher."""
    record = cast(Article, context.corpus.article(ref.article).record)
    article = context.link(("articles", ref.article), root)
    statement = context.statement(ref, root)
    name = context.link(("sources", record.source), root).text if record.source else article.text
    return anchor(Link(href=statement.href if statement else article.href, text=name))
