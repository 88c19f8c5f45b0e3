"""Circles: chains of articles that relay each other, and bodies or events that contain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sitrep.analysis.provenance import ledger
from sitrep.checks.files import sidecar
from sitrep.corpus.corpus import PARTIES, AnnotationRef, Corpus
from sitrep.model.dates import OPEN_END, OPEN_START
from sitrep.model.entries import Entry
from sitrep.model.records import Actor, Article, Event, Link, Source, Tie
from sitrep.problems import ERROR, Path, Problem


def chain_loops(corpus: Corpus) -> Iterator[Problem]:
    """A statement whose chain returns to an article that it has passed: nobody is at its start.

    Only the articles in the circle are reported, not those that lead into it.
    """
    onward = {entry.id: _articles_cited(article) for entry, article in corpus.articles}
    circling = core(onward)
    claims: dict[str, None] = {}
    for id in onward:
        if id in circling:
            record = corpus.article(id).record
            assert isinstance(record, Article)
            claims.update(dict.fromkeys(claim for statement in record.claims for claim in statement.id))
    reported: set[AnnotationRef] = set()
    for claim in claims:
        for ref in ledger(corpus, claim).loops:
            if ref.article in circling and ref not in reported:
                reported.add(ref)
                entry = corpus.article(ref.article)
                yield Problem(
                    code="chain-loop",
                    severity=ERROR,
                    file=sidecar(entry),
                    at=_onward(entry, ref, circling),
                    message=f"the chain of this statement on {claim} leads back to this article: nobody starts it",
                    hint="correct the article: link, here or in the other article",
                )


def _articles_cited(article: Article) -> tuple[str, ...]:
    """The articles we hold in which an article's chains continue."""
    links = [
        *article.via,
        *(link for stated in (*article.events, *article.claims) for link in (*stated.by, *stated.via)),
    ]
    copied = (article.copy_of,) if article.copy_of else ()
    return (*(link.article for link in links if link.article is not None), *copied)


def _onward(entry: Entry, ref: AnnotationRef, circling: set[str]) -> Path:
    """The place of the link by which a statement enters the circle."""
    assert isinstance(entry.record, Article)
    statement = entry.record.claims[ref.n - 1]
    sides: tuple[tuple[Path, tuple[Link, ...]], ...] = (
        (("claims", ref.n - 1, "by"), statement.by),
        (("claims", ref.n - 1, "via"), statement.via),
        (("via",), entry.record.via),
    )
    for at, links in sides:
        for n, link in enumerate(links):
            if link.article in circling:
                return (*at, n)
    return ("claims", ref.n - 1)


class _Bond(NamedTuple):
    """One entry belongs to another, certainly from one day to the other."""

    to: str
    since: str
    until: str
    file: str
    at: Path


def part_of_loops(corpus: Corpus) -> Iterator[Problem]:
    """A body that belongs to itself at one time, over `part_of` and `controlled_by`; an event that is part of itself.

    An actor and a source with one id are one body, as in the count of origins.
    """
    for what, bonds in (("body", _of_bodies(corpus)), ("event", _of_events(corpus))):
        for circle in _circles(bonds):
            last = circle[-1]
            names = " → ".join([last.to, *(bond.to for bond in circle)])
            yield Problem(
                code="part-of-loop",
                severity=ERROR,
                file=last.file,
                at=last.at,
                message=f"this {what} is part of itself: {names}",
                hint="delete the tie that is wrong",
            )


def _of_bodies(corpus: Corpus) -> dict[str, list[_Bond]]:
    bonds: dict[str, list[_Bond]] = {}
    for kind in PARTIES:
        for entry in corpus.entries[kind].values():
            record = entry.record
            key, ties = "part_of", record.part_of if isinstance(record, Actor) else ()
            if isinstance(record, Source):
                key, ties = "controlled_by", record.controlled_by
            for n, tie in enumerate(ties):
                up = corpus.resolve(tie.id, PARTIES)
                twins = all(entry.id in corpus.entries[party] for party in PARTIES)
                if up and not (up[1] == entry.id and twins):
                    bonds.setdefault(entry.id, []).append(_Bond(up[1], *_surely(tie), sidecar(entry), (key, n)))
    return bonds


def _surely(tie: Tie) -> tuple[str, str]:
    """The first and the last day on which a tie certainly holds."""
    since, until = OPEN_START, OPEN_END
    if tie.from_:
        since = tie.from_.latest if tie.from_.latest != OPEN_END else tie.from_.earliest
    if tie.until:
        until = tie.until.earliest if tie.until.earliest != OPEN_START else tie.until.latest
    return since, until


def _of_events(corpus: Corpus) -> dict[str, list[_Bond]]:
    bonds: dict[str, list[_Bond]] = {}
    for entry in corpus.entries["events"].values():
        assert isinstance(entry.record, Event)
        for n, whole in enumerate(entry.record.part_of):
            bonds.setdefault(entry.id, []).append(_Bond(whole, OPEN_START, OPEN_END, sidecar(entry), ("part_of", n)))
    return bonds


def _circles(bonds: Mapping[str, list[_Bond]]) -> Iterator[list[_Bond]]:
    """Circles of bonds that hold at one time, enough that deleting the last bond of each leaves none.

    If ties overlap at all, they overlap on the day the latest of them begins, so only those days are examined.
    """
    left = core({node: [bond.to for bond in edges] for node, edges in bonds.items()})
    inner = {node: [bond for bond in bonds[node] if bond.to in left] for node in sorted(left)}
    reported: set[frozenset[str]] = set()
    for day in sorted({bond.since for edges in inner.values() for bond in edges}):
        active = {node: [b for b in edges if b.since <= day <= b.until] for node, edges in inner.items()}
        for circle in _rounds(active):
            members = frozenset(bond.to for bond in circle)
            if members not in reported:
                reported.add(members)
                yield circle


def _rounds(bonds: Mapping[str, list[_Bond]]) -> Iterator[list[_Bond]]:
    """One circle for each bond that closes one, found by depth-first search; the closing bond is its last."""
    done: set[str] = set()
    for root in bonds:
        if root in done:
            continue
        path: list[_Bond] = []
        places = {root: 0}
        waiting = [iter(bonds[root])]
        while waiting:
            bond = next(waiting[-1], None)
            if bond is None:
                waiting.pop()
                left = path.pop().to if path else root
                done.add(left)
                places.pop(left)
            elif bond.to in places:
                yield [*path[places[bond.to] :], bond]
            elif bond.to not in done:
                path.append(bond)
                places[bond.to] = len(path)
                waiting.append(iter(bonds[bond.to]))


def core(onward: Mapping[str, Iterable[str]]) -> set[str]:
    """What is left after repeatedly removing nodes that lead nowhere or have no predecessor: without circles,
    nothing."""
    ahead = {node: [other for other in others if other in onward] for node, others in onward.items()}
    behind: dict[str, list[str]] = {node: [] for node in ahead}
    for node, others in ahead.items():
        for other in others:
            behind[other].append(node)
    left = set(ahead)
    for forward, back in ((ahead, behind), (behind, ahead)):
        degree = {node: sum(other in left for other in forward[node]) for node in left}
        ends = [node for node in left if not degree[node]]
        while ends:
            node = ends.pop()
            left.discard(node)
            for other in back[node]:
                if other in left:
                    degree[other] -= 1
                    if not degree[other]:
                        ends.append(other)
    return left
