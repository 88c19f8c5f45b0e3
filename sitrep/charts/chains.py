"""Attribution chains: from the speaker, through those who pass a statement on, to the outlet that publishes it.

Steps that several chains share are drawn once, with the number of statements that run through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from sitrep.charts import stemma
from sitrep.charts.lettering import clean, svg_chart
from sitrep.charts.stemma import Graph, Line, StemmaNode
from sitrep.i18n.words import Words
from sitrep.views.pages import EMPTY, Html, View

Kind = Literal["named", "unnamed", "unattributed", "document", "article", "outlet"]

MOST = 40
"""Chains in one diagram."""
FITS = 45 * 16
"""The width up to which a diagram is scaled down to fit its column; a wider one would not stay legible."""
LONGEST = 7
"""Steps of one chain; the middle of a longer one is left out."""


class ChainOrigin(View, frozen=True, kw_only=True):
    """The origin of several chains: a body, or the point at which they cannot be traced further."""

    id: str
    text: str = ""
    """Empty for an unknown origin, which the diagram labels."""
    href: str = ""
    known: bool = True
    interested: bool = False
    note: str = ""
    """A short remark under the name: other origins that it is counted with."""


class ChainNode(View, frozen=True, kw_only=True):
    """One step of a chain. Steps with the same `key` are one node; without keys, those with the same href and text."""

    text: str
    href: str = ""
    kind: Kind = "named"
    key: str = ""
    interested: bool = False


class Path(View, frozen=True, kw_only=True):
    """A chain from the speaker to the publisher; equal paths are counted together."""

    steps: tuple[ChainNode, ...]
    stance: str = "asserts"
    group: ChainOrigin | None = None
    count: int = 1
    """Statements that came this way."""


def draw(paths: Sequence[Path], title: str, description: str, ident: str, say: Words, *, most: int = MOST) -> Html:
    """The chains as SVG; empty without chains. Ids begin with `ident`, which is unique on the page."""
    merged = _merge(paths, say)
    selected = _select(merged, most)
    if not selected:
        return EMPTY
    left = [path for path in merged if path not in selected]
    remark = ""
    if left:
        remark = say("chains.more", statements=sum(path.count for path in left), chains=len(left))
        description = f"{description} {remark}.".strip()
    inside, across, down = stemma.draw(_graph(selected, say), say, remark)
    kind = "fit" if across <= FITS else ""
    return svg_chart(inside, ident, title, description, size=(across, down), kind=kind)


# -- the graph --------------------------------------------------------------------------------------------------------


def _merge(paths: Sequence[Path], say: Words) -> list[Path]:
    """Paths with cleaned steps and keys; equal paths are counted together, in the order of their first appearance."""
    by_key: dict[tuple[object, ...], Path] = {}
    for path in paths:
        steps = _steps(path, say)
        if not steps:
            continue
        group = path.group.id if path.group else None
        key = (tuple(step.key for step in steps), path.stance, group)
        before = by_key.get(key)
        count = max(path.count, 1) + (before.count if before else 0)
        by_key[key] = msgspec.structs.replace(before or path, steps=steps, count=count)
    return list(by_key.values())


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
    if steps and not steps[0].key:  # an unattributed speaker: a node for each origin, or for each next step
        origin = path.group.id if path.group else steps[1].key if len(steps) > 1 else ""
        steps[0] = msgspec.structs.replace(steps[0], key=f"\n{origin}")
    return tuple(msgspec.structs.replace(step, key=f"\n{n}") if not step.key else step for n, step in enumerate(steps))


def _select(paths: list[Path], most: int) -> list[Path]:
    """The paths with the most statements; the first path of each group and stance takes precedence."""
    if len(paths) <= most:
        return paths
    ranked = sorted(range(len(paths)), key=lambda n: (-paths[n].count, n))
    heads: dict[tuple[str | None, str], int] = {}
    for n in ranked:
        group = paths[n].group
        heads.setdefault((group.id if group else None, paths[n].stance), n)
    leading = set(heads.values())
    selected = sorted(ranked, key=lambda n: n not in leading)[:most]
    return [paths[n] for n in sorted(selected)]


def _graph(paths: list[Path], say: Words) -> Graph:
    graph = Graph([], {}, {})
    numbers: dict[tuple[str, str], int] = {}

    def add_node(kind: str, key: str, node: StemmaNode) -> int:
        n = numbers.setdefault((kind, key), len(graph.nodes))
        if n == len(graph.nodes):
            graph.nodes.append(node)
        graph.nodes[n].interested |= node.interested
        return n

    groups = {path.group.id: path.group for path in paths if path.group}
    separate = {
        id
        for id, group in groups.items()
        if not _is_its_speaker(group, [p for p in paths if p.group and p.group.id == id])
    }
    for path in paths:
        ns = [
            add_node("step", step.key, StemmaNode(step.text, step.href, step.kind, step.interested))
            for step in path.steps
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
        if group.id in separate:
            text = clean(group.text) or say("chains.unknown")
            label = StemmaNode(text, group.href, "group", group.interested, group.known, clean(group.note))
            n = add_node("group", group.id, label)
            if graph.nodes[ns[0]].group is None:
                graph.nodes[ns[0]].group = graph.nodes[n].group = n
            graph.roll_ups[n, ns[0]] = None
        else:
            graph.nodes[ns[0]].interested |= group.interested
            graph.nodes[ns[0]].known = group.known
            graph.nodes[ns[0]].note = clean(group.note)
    return graph


def _is_its_speaker(group: ChainOrigin, paths: list[Path]) -> bool:
    """Whether a group is a single speaker, so that a label beside that speaker would repeat its name."""
    starts = {path.steps[0].key: path.steps[0] for path in paths}
    if len(starts) > 1:
        return False
    (start,) = starts.values()
    if not group.known:
        return start.kind == "unattributed" and not group.text
    return clean(group.text) == start.text or bool(group.href and group.href == start.href)
