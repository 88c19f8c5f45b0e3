"""Ties between actors and sources: declared in files, with direction and words; named together; communities of both.

Everything is ordered by its content, never by chance, so that equal files give equal networks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from sitrep.corpus.corpus import PARTIES, AnnotationRef, Corpus, Key
from sitrep.model.records import Actor, Date, Event, EventAssertion, Source

DECLARING = {"part of it", "members", "holds office in it", "related", "owns", "controls"}
"""Backlinks that are the other end of a declared tie."""
CROWD = 25
"""An article that names more than this says little about any two of them."""
ROUNDS = 10
"""Rounds of label propagation, at most."""
CLOSEST = 8
"""How many of its closest ties decide which community somebody belongs to."""
DECLARED = 4
"""A declared tie counts as much as this many articles that name both."""


class DeclaredTie(NamedTuple):
    """A tie declared in a file; it reads from `start` to `end`."""

    start: Key
    end: Key
    how: str
    since: Date | None = None
    until: Date | None = None


def ties(corpus: Corpus, key: Key) -> tuple[DeclaredTie, ...]:
    """The ties of an actor or a source; those of its own file first."""
    others = dict.fromkeys(tied.key for tied in corpus.backlinks.get(key, ()) if tied.how in DECLARING)
    all_ties_of = [*_declared(corpus, key)]
    all_ties_of += [tie for other in others if other != key for tie in _declared(corpus, other) if tie.end == key]
    return tuple(tie for tie in dict.fromkeys(all_ties_of) if tie.start != tie.end)


def all_ties(corpus: Corpus) -> list[DeclaredTie]:
    """Every tie once, in the order of the files that declare them."""
    keys: list[Key] = [(kind, id) for kind in PARTIES for id in corpus.entries[kind]]
    return [tie for key in sorted(keys) for tie in dict.fromkeys(_declared(corpus, key)) if tie.start != tie.end]


def _declared(corpus: Corpus, key: Key) -> Iterator[DeclaredTie]:
    record = corpus.entries[key[0]][key[1]].record
    declared: list[tuple[str, str, Date | None, Date | None]] = []
    if isinstance(record, Actor):
        declared += [(tie.id, "part of", tie.from_, tie.until) for tie in record.part_of]
        declared += [(tie.id, "member of", tie.from_, tie.until) for tie in record.member_of]
        declared += [(office.of, office.title, office.from_, office.until) for office in record.roles if office.of]
        for relation in record.relations:
            if end := corpus.resolve(relation.to, ("actors",)):
                yield DeclaredTie(key, end, relation.how, relation.from_, relation.until)
    elif isinstance(record, Source):
        declared += [(tie.id, "owned by", tie.from_, tie.until) for tie in record.owner]
        declared += [(tie.id, "controlled by", tie.from_, tie.until) for tie in record.controlled_by]
    for raw, how, since, until in declared:
        if end := corpus.resolve(raw, PARTIES):
            yield DeclaredTie(key, end, how, since, until)


def roles(corpus: Corpus, key: Key) -> dict[str, str]:
    """The events in which an actor has a role, and which role: by the event's file, else by the first article that says
    so."""
    roles_by_event: dict[str, str] = {}
    for tied in corpus.backlinks.get(key, ()):
        if tied.how == "took part":
            roles_by_event.setdefault(tied.key[1], tied.note)
    for role, ref in corpus.roles.get(key, ()):
        for event in corpus.statement(ref).id:
            roles_by_event.setdefault(event, role)
    return roles_by_event


def present(corpus: Corpus, event: str) -> tuple[Key, ...]:
    """The actors that have a role in an event, by its file or an article."""
    record = corpus.entries["events"][event].record
    actors: dict[str, None] = {}
    if isinstance(record, Event):
        actors.update(dict.fromkeys(id for ids in record.roles.values() for id in ids))
    for ref in corpus.statements.get(("events", event), ()):
        statement = corpus.statement(ref)
        if isinstance(statement, EventAssertion):
            actors.update(dict.fromkeys(id for ids in statement.roles.values() for id in ids))
    return tuple(dict.fromkeys(key for id in actors if (key := corpus.resolve(id, ("actors",)))))


def together(corpus: Corpus) -> Counter[tuple[Key, Key]]:
    """How many articles name both of two; pairs in order. Articles with long lists of names are left out."""
    pairs: Counter[tuple[Key, Key]] = Counter()
    for id in corpus.entries["articles"]:
        named = sorted(corpus.named_in(id))
        if len(named) <= CROWD:
            pairs.update(combinations(named, 2))
    return pairs


def named_with(corpus: Corpus, key: Key, refs: Iterable[AnnotationRef]) -> Counter[Key]:
    """How many articles name each actor or source together with `key`; articles with long lists of names are left
    out."""
    counts: Counter[Key] = Counter()
    for article in dict.fromkeys(ref.article for ref in refs):
        named = corpus.named_in(article)
        if len(named) <= CROWD:
            counts.update(named)
    counts.pop(key, None)
    return counts


def weighed(declared: Iterable[DeclaredTie], named: Mapping[tuple[Key, Key], int]) -> dict[tuple[Key, Key], float]:
    """The weights of ties: declared ties and the number of articles that name both; the closest few of each."""
    weights: dict[tuple[Key, Key], float] = dict(named)
    for tie in declared:
        pair = (min(tie.start, tie.end), max(tie.start, tie.end))
        weights[pair] = weights.get(pair, 0) + DECLARED
    by_weight: dict[float, list[tuple[Key, Key]]] = defaultdict(list)
    for pair, weight in weights.items():
        by_weight[weight].append(pair)
    counts: dict[Key, int] = defaultdict(int)
    closest: dict[tuple[Key, Key], float] = {}
    for weight in sorted(by_weight, reverse=True):
        for pair in by_weight[weight]:
            if counts[pair[0]] < CLOSEST or counts[pair[1]] < CLOSEST:
                closest[pair] = weight
                counts[pair[0]] += 1
                counts[pair[1]] += 1
    return closest


def communities(nodes: Iterable[Key], weights: Mapping[tuple[Key, Key], float]) -> list[list[Key]]:
    """Nodes with closer ties to each other than to the rest, the largest community first.

    Label propagation for modularity (Barber and Clark 2009) in a fixed order: each node takes the label whose pull most
    exceeds what chance would give, of equal ones its own, else the smallest, until nothing changes. Within a community
    the nodes with the most ties come first.
    """
    near: dict[Key, dict[Key, float]] = {node: {} for node in nodes}
    for (a, b), weight in weights.items():
        if a in near and b in near:
            near[a][b] = near[a].get(b, 0) + weight
            near[b][a] = near[b].get(a, 0) + weight
    degree = {node: sum(others.values()) for node, others in near.items()}
    order = sorted(near, key=lambda node: (-degree[node], node))
    label = {node: place for place, node in enumerate(order)}
    total = [degree[node] for node in order]
    whole = sum(total) or 1.0
    for _ in range(ROUNDS):
        changed = False
        for node in order:
            here = label[node]
            total[here] -= degree[node]
            pull: dict[int, float] = {here: 0.0}
            for other, weight in near[node].items():
                pull[label[other]] = pull.get(label[other], 0.0) + weight
            gains = {name: round(value - degree[node] * total[name] / whole, 9) for name, value in pull.items()}
            best = max(gains, key=lambda name: (gains[name], name == here, -name))
            if best != here:
                label[node], changed = best, True
            total[best] += degree[node]
        if not changed:
            break
    groups: dict[int, list[Key]] = defaultdict(list)
    for node in order:
        groups[label[node]].append(node)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))
