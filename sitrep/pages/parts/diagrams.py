"""Diagrams of what a page says in words: attribution chains, and numbers over time."""

from __future__ import annotations

from collections.abc import Sequence

from sitrep.charts import chains, track
from sitrep.corpus.corpus import AnnotationRef
from sitrep.model.dates import parse
from sitrep.model.records import Article, Claim, Quantity
from sitrep.pages.parts.context import PageContext
from sitrep.views.pages import EMPTY, Chain, ChainStep, Html, Ledger, Measured, Origin, Route

FEW = 2
"""The number of chains below which a diagram says no more than the text."""


def diagram(
    context: PageContext, refs: Sequence[AnnotationRef], ident: str, root: str, *, ledger: Ledger | None = None
) -> Html:
    """The chains of statements, from speaker to publisher; with a ledger, by the origins they lead to.

    Where nothing is relayed a list says as much, so that only claims have a diagram.

    """
    if ledger is None and not any(_relayed(context, ref) for ref in refs):
        return EMPTY
    paths = []
    for ref in refs[:400]:
        statement = context.statement(ref, root)
        if statement is None or (ledger and statement.stance == "silent"):
            continue
        for chain in statement.chains:
            group = _group(context, ledger, ref, chain) if ledger and statement.stance == "asserts" else None
            paths.append(chains.Path(steps=_steps(context, chain), stance=statement.stance, group=group))
    if len(paths) < FEW:
        return EMPTY
    description = context.say("chains.told", n=len(paths))
    return chains.draw(paths, context.say("entry.reached"), description, ident, context.say)


def ways(context: PageContext, routes: Sequence[Route], more: int, ident: str) -> Html:
    """The chains of a list as a diagram; nothing for a single chain."""
    if len(routes) < FEW:
        return EMPTY
    paths = [chains.Path(steps=_steps(context, way.chain), stance=way.stance, count=way.count) for way in routes]
    description = context.say("chains.ways_told", n=len(routes))
    description += f" {context.say('chains.ways_left', n=more)}" if more else ""
    return chains.draw(paths, context.say("entry.reached"), description, ident, context.say)


def _steps(context: PageContext, chain: Chain) -> tuple[chains.ChainNode, ...]:
    steps = tuple(_step(step, chain, n) for n, step in enumerate(chain.steps))
    if chain.start == "unattributed":
        return (chains.ChainNode(text=context.say("statement.nobody"), kind="unattributed"), *steps)
    return steps


def _relayed(context: PageContext, ref: AnnotationRef) -> bool:
    """Whether a statement or its article names anybody between speaker and publisher."""
    record = context.corpus.article(ref.article).record
    return isinstance(record, Article) and bool(record.via or context.corpus.statement(ref).via)


def _group(context: PageContext, ledger: Ledger, ref: AnnotationRef, chain: Chain) -> chains.ChainOrigin | None:
    """The origin that this chain of a statement leads to."""
    named = chain.steps and chain.start != "unattributed"
    speaker = chain.steps[0].link.text if named else context.say("statement.nobody")
    members = [
        origin
        for origin in ledger.origins
        for backing in origin.backing
        if (backing.article, backing.number) == (ref.article, ref.n)
        and (backing.speaker.text == speaker or len(ledger.origins) == 1)
    ]
    return _drawn(context, members[0]) if members else None


def _drawn(context: PageContext, origin: Origin) -> chains.ChainOrigin:
    others = ", ".join(link.text for link in origin.shares)
    note = context.say("chains.counted_with", origins=others) if others else ""
    return chains.ChainOrigin(
        id=origin.id,
        text=origin.link.text if origin.known else "",
        href=origin.link.href if origin.known else "",
        known=origin.known,
        interested=origin.interested,
        note=note,
    )


def _step(step: ChainStep, chain: Chain, place: int) -> chains.ChainNode:
    kind: chains.Kind = "named"
    if step.unnamed:
        kind = "unnamed"
    elif place == 0 and chain.start == "document":
        kind = "document"
    elif step.link.kind == "article":
        kind = "article"
    elif place == len(chain.steps) - 1:
        kind = "outlet"
    key = f"{step.link.kind}:{step.link.id}" if step.link.id else ""
    return chains.ChainNode(text=step.link.text, href=step.link.href, kind=kind, key=key)


def numbers(context: PageContext, claim: Claim, measured: Sequence[tuple[Quantity, Measured]], ident: str) -> Html:
    """The numbers of a claim by the day of the statement; nothing where there is only one."""
    points = []
    nobody = context.say("statement.nobody")
    for value, point in measured:
        date = parse(point.date)
        points.append(
            track.Point(
                earliest=date.earliest,
                latest=date.latest,
                date=point.date,
                form=value.form,
                low=value.low,
                high=value.high,
                href=point.statement.href,
                by="" if point.speaker.text == nobody else point.speaker.text,
                article=point.statement.text,
                outlet=point.source.text if point.source else "",
                stance=point.stance,
                flags=tuple(context.say.term("flag", flag) for flag in point.flags),
            )
        )
    if len(points) < FEW:
        return EMPTY
    return track.draw(points, claim.measure or context.say("track.title"), ident, context.say)
