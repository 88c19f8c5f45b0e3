"""Chains drawn: from the bodies that speak, through those who pass it on, to those who publish.

What several chains share is drawn once, with how many statements run through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from sitrep.charts.lettering import clean, framed
from sitrep.charts.stemma import Graph, Line, StemmaNode, picture
from sitrep.i18n.words import Words
from sitrep.views.pages import EMPTY, Html, View

Kind = Literal["named", "unnamed", "unattributed", "document", "article", "outlet"]

MOST = 40
"""Chains in one drawing."""
FITS = 45 * 16
"""The width up to which a drawing may be made smaller to fit its column; a wider one would not stay legible."""
LONGEST = 7
"""Steps of one chain; of longer ones the middle is left out."""


class ChainOrigin(View, frozen=True, kw_only=True):
    """What the starts of several chains fall to: a body, or where lineage is lost."""

    id: str
    text: str = ""
    """Empty for an unknown one: the words for it are the drawing's."""
    href: str = ""
    known: bool = True
    interested: bool = False
    note: str = ""
    """A short remark under it: that it is counted with another."""


class ChainNode(View, frozen=True, kw_only=True):
    """One link of a chain. Steps with the same `key` are one; without a key, those with the same address and words."""

    text: str
    href: str = ""
    kind: Kind = "named"
    key: str = ""
    interested: bool = False


class Path(View, frozen=True, kw_only=True):
    """From who said it to who published it; equal paths are counted together."""

    steps: tuple[ChainNode, ...]
    stance: str = "asserts"
    group: ChainOrigin | None = None
    count: int = 1
    """Statements that take it."""


def draw(paths: Sequence[Path], title: str, description: str, ident: str, say: Words, *, most: int = MOST) -> Html:
    """The chains as SVG; nothing where there are none. Ids begin with `ident`, which is unique on the page."""
    merged = _merged(paths, say)
    kept = _chosen(merged, most)
    if not kept:
        return EMPTY
    left = [path for path in merged if path not in kept]
    remark = ""
    if left:
        remark = say("chains.more", statements=sum(path.count for path in left), chains=len(left))
        description = f"{description} {remark}.".strip()
    inside, across, down = picture(_graph(kept, say), say, remark)
    kind = "fit" if across <= FITS else ""
    return framed(inside, ident, title, description, size=(across, down), kind=kind)


# -- what is drawn ----------------------------------------------------------------------------------------------------


def _merged(paths: Sequence[Path], say: Words) -> list[Path]:
    """Paths with cleaned steps and keys, equal ones counted together, in the order of their first appearance."""
    found: dict[tuple[object, ...], Path] = {}
    for path in paths:
        steps = _steps(path, say)
        if not steps:
            continue
        group = path.group.id if path.group else None
        key = (tuple(step.key for step in steps), path.stance, group)
        before = found.get(key)
        count = max(path.count, 1) + (before.count if before else 0)
        found[key] = msgspec.structs.replace(before or path, steps=steps, count=count)
    return list(found.values())


def _steps(path: Path, say: Words) -> tuple[ChainNode, ...]:
    steps: list[ChainNode] = []
    for step in path.steps:
        text = clean(step.text)
        key = step.key or ("" if step.kind == "unattributed" else f"{step.href}\n{text.casefold()}")
        if not steps or steps[-1].key != key:
            steps.append(msgspec.structs.replace(step, text=text or say("statement.nobody"), key=key))
    if len(steps) > LONGEST:
        head, tail = steps[: LONGEST // 2], steps[-(LONGEST // 2) :]
        middle = steps[len(head) : -len(tail)]
        text = say("chains.between", n=len(middle))
        steps = [*head, ChainNode(text=text, kind="article", key="\n".join(step.key for step in middle)), *tail]
    if steps and not steps[0].key:  # nobody is named: one such for each place where the trace is lost
        lost = path.group.id if path.group else steps[1].key if len(steps) > 1 else ""
        steps[0] = msgspec.structs.replace(steps[0], key=f"\n{lost}")
    return tuple(msgspec.structs.replace(step, key=f"\n{n}") if not step.key else step for n, step in enumerate(steps))


def _chosen(paths: list[Path], most: int) -> list[Path]:
    """The paths with the most statements; of each group and each stance one, before any has a second."""
    if len(paths) <= most:
        return paths
    ranked = sorted(range(len(paths)), key=lambda n: (-paths[n].count, n))
    heads: dict[tuple[str | None, str], int] = {}
    for n in ranked:
        group = paths[n].group
        heads.setdefault((group.id if group else None, paths[n].stance), n)
    leading = set(heads.values())
    kept = sorted(ranked, key=lambda n: n not in leading)[:most]
    return [paths[n] for n in sorted(kept)]


def _graph(paths: list[Path], say: Words) -> Graph:
    graph = Graph([], {}, {})
    numbers: dict[tuple[str, str], int] = {}

    def node(kind: str, key: str, made: StemmaNode) -> int:
        n = numbers.setdefault((kind, key), len(graph.nodes))
        if n == len(graph.nodes):
            graph.nodes.append(made)
        graph.nodes[n].interested |= made.interested
        return n

    groups = {path.group.id: path.group for path in paths if path.group}
    apart = {
        id
        for id, group in groups.items()
        if not _is_its_speaker(group, [p for p in paths if p.group and p.group.id == id])
    }
    for path in paths:
        ns = [
            node("step", step.key, StemmaNode(step.text, step.href, step.kind, step.interested)) for step in path.steps
        ]
        graph.nodes[ns[-1]].publishes += path.count
        graph.nodes[ns[0]].spoke += path.count
        graph.nodes[ns[0]].stances.add(path.stance)
        for edge in pairwise(ns):
            line = Line(edge, path.stance)
            graph.lines[line] = graph.lines.get(line, 0) + path.count
        group = path.group
        if group is None:
            continue
        if group.id in apart:
            text = clean(group.text) or say("chains.unknown")
            made = StemmaNode(text, group.href, "group", group.interested, group.known, clean(group.note))
            n = node("group", group.id, made)
            if graph.nodes[ns[0]].group is None:
                graph.nodes[ns[0]].group = graph.nodes[n].group = n
            graph.lifts[n, ns[0]] = None
        else:
            graph.nodes[ns[0]].interested |= group.interested
            graph.nodes[ns[0]].known = group.known
            graph.nodes[ns[0]].note = clean(group.note)
    return graph


def _is_its_speaker(group: ChainOrigin, paths: list[Path]) -> bool:
    """Whether a group is one speaker and no more, so that to name it beside that speaker would say nothing."""
    starts = {path.steps[0].key: path.steps[0] for path in paths}
    if len(starts) > 1:
        return False
    (start,) = starts.values()
    if not group.known:
        return start.kind == "unattributed" and not group.text
    return clean(group.text) == start.text or bool(group.href and group.href == start.href)
