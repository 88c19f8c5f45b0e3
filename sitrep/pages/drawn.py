"""Drawings of what a page says in words: chains, and numbers over time."""

from __future__ import annotations

from collections.abc import Sequence

from sitrep.charts import chains, track
from sitrep.corpus import Said
from sitrep.pages.desk import Desk
from sitrep.read.dates import parse
from sitrep.records import Article, Claim, Quantity
from sitrep.views import EMPTY, Chain, Html, Ledger, Measured, Origin, Step, Way

FEW = 2
"""Chains below which a drawing says no more than the line of words."""


def diagram(desk: Desk, saids: Sequence[Said], ident: str, root: str, *, ledger: Ledger | None = None) -> Html:
    """The chains of statements, from who spoke to who published; with a ledger, by the origins they come to.

    Where nobody passes anything on, a list says as much, and only a claim is drawn.
    """
    if ledger is None and not any(_relayed(desk, said) for said in saids):
        return EMPTY
    paths = []
    for said in saids[:400]:
        made = desk.statement(said, root)
        if made is None or (ledger and made.stance == "silent"):
            continue
        for chain in made.chains:
            group = _group(ledger, said, chain) if ledger and made.stance == "asserts" else None
            paths.append(chains.Path(steps=_steps(chain), stance=made.stance, group=group))
    if len(paths) < FEW:
        return EMPTY
    description = f"{len(paths)} chains of statements, each also written out in the list of statements on this page."
    return chains.draw(paths, "Through whom it reached us", description, ident)


def ways(made: Sequence[Way], more: int, ident: str) -> Html:
    """The chains of a list, drawn; nothing where there is one, of which the list says as much."""
    if len(made) < FEW:
        return EMPTY
    paths = [chains.Path(steps=_steps(way.chain), stance=way.stance, count=way.count) for way in made]
    further = f" {more} further chains are left out." if more else ""
    description = f"{len(made)} chains of statements, each also written out in the list below.{further}"
    return chains.draw(paths, "Through whom it reached us", description, ident)


def _steps(chain: Chain) -> tuple[chains.Step, ...]:
    steps = tuple(_step(step, chain, n) for n, step in enumerate(chain.steps))
    if chain.start == "unattributed":
        return (chains.Step(text="nobody named", kind="unattributed"), *steps)
    return steps


def _relayed(desk: Desk, said: Said) -> bool:
    """Whether a statement or its article names anybody between who speaks and who publishes."""
    record = desk.corpus.entries["articles"][said.article].record
    return isinstance(record, Article) and bool(record.via or desk.corpus.statement(said).via)


def _group(ledger: Ledger, said: Said, chain: Chain) -> chains.Group | None:
    """The origin that this chain of a statement comes to."""
    speaker = chain.steps[0].link.text if chain.steps and chain.start != "unattributed" else "nobody named"
    found = [
        origin
        for origin in ledger.origins
        for backing in origin.backing
        if (backing.article, backing.number) == (said.article, said.n)
        and (backing.speaker.text == speaker or len(ledger.origins) == 1)
    ]
    return _drawn(found[0]) if found else None


def _drawn(origin: Origin) -> chains.Group:
    note = f"counted with {', '.join(link.text for link in origin.shares)}" if origin.shares else ""
    return chains.Group(
        id=origin.id,
        text=origin.link.text if origin.known else "",
        href=origin.link.href if origin.known else "",
        known=origin.known,
        interested=origin.interested,
        note=note,
    )


def _step(step: Step, chain: Chain, place: int) -> chains.Step:
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
    return chains.Step(text=step.link.text, href=step.link.href, kind=kind, key=key)


def numbers(claim: Claim, measured: Sequence[tuple[Quantity, Measured]], ident: str) -> Html:
    """The numbers of a claim by the day they were said; nothing where there is only one."""
    points = []
    for value, made in measured:
        date = parse(made.date)
        points.append(
            track.Point(
                earliest=date.earliest,
                latest=date.latest,
                date=made.date,
                form=value.form,
                low=value.low,
                high=value.high,
                href=made.statement.href,
                by="" if made.speaker.text == "nobody named" else made.speaker.text,
                article=made.statement.text,
                outlet=made.source.text if made.source else "",
                stance=made.stance,
                flags=made.flags,
            )
        )
    if len(points) < FEW:
        return EMPTY
    return track.draw(points, claim.measure or "Numbers given", ident)
