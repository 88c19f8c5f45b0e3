"""Who is tied to whom: the network of all, its communities, and the ties of one actor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from markupsafe import Markup

from sitrep.analysis import network
from sitrep.analysis.network import DeclaredTie, all_ties, communities, together, weighed
from sitrep.charts import arcs, matrix
from sitrep.corpus.corpus import Key
from sitrep.i18n.words import Words
from sitrep.pages.parts.context import PageContext, anchor
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, Community, Html, Link, NetworkPage, Related, TieRow

PATH = "network.html"
ABOUT = ("actors", "")
WHOLE = matrix.MOST
"""Actors up to which the network is one page; of more, each community has its own."""
LISTED = 14
"""Members of a community that the overview lists."""
MANY = 200
"""Declared ties on one page."""
PAIRS = 24
RELATED = 12
"""How many are shown as tied to one actor."""
SEVERAL = 2
"""Articles that name both, from which two that no file ties are related."""


class Overview(NamedTuple):
    """All that is tied, in communities, with how many articles name each two."""

    groups: list[list[Key]]
    named: Counter[tuple[Key, Key]]
    ties: list[DeclaredTie]


def overview(context: PageContext) -> Overview:
    return context.shared("network", partial(_overview, context))


def _overview(context: PageContext) -> Overview:
    named = context.shared("named together", partial(together, context.corpus))
    return context.repeated.get(_related, all_ties(context.corpus), tuple(named.items()))


def _related(ties: list[DeclaredTie], named: tuple[tuple[tuple[Key, Key], int], ...]) -> Overview:
    """Of pairs in their order, which decides among the equally close."""
    counts = Counter(dict(named))
    weights = weighed(ties, counts)
    nodes = sorted({key for pair in weights for key in pair})
    return Overview(communities(nodes, weights), counts, ties)


def outputs(context: PageContext) -> Iterator[Output]:
    groups = context.lasting("network", partial(_groups, context), list[list[Key]])
    if sum(map(len, groups)) <= WHOLE:
        yield Output(PATH, "network.html", partial(whole, context), about=ABOUT)
        return
    yield Output(PATH, "network.html", partial(front, context), about=ABOUT)
    for group in groups:
        if len(group) > 1:
            yield Output(_path(group), "network.html", partial(of_group, context, group[0]), about=ABOUT)


def _groups(context: PageContext) -> list[list[Key]]:
    return overview(context).groups


def _path(group: Sequence[Key]) -> str:
    """Of a community's page: named by its most connected member."""
    kind, id = group[0]
    return f"network/{id}.html" if kind == "actors" else f"network/sources/{id}.html"


def whole(context: PageContext) -> NetworkPage:
    over = overview(context)
    return _page(context, over, PATH, [key for group in over.groups for key in group], over.groups, linked=False)


def front(context: PageContext) -> NetworkPage:
    """The most connected of all, in the order of their communities."""
    over = overview(context)
    degree: Counter[Key] = Counter()
    for (a, b), count in over.named.items():
        degree[a] += count
        degree[b] += count
    for tie in over.ties:
        degree[tie.start] += network.DECLARED
        degree[tie.end] += network.DECLARED
    top = {key for key, _ in sorted(degree.items(), key=lambda item: (-item[1], item[0]))[: matrix.MOST]}
    shown = [key for group in over.groups for key in group if key in top]
    return _page(context, over, PATH, shown, over.groups, linked=True)


def of_group(context: PageContext, first: Key) -> NetworkPage:
    over = overview(context)
    (group,) = (group for group in over.groups if group[0] == first)
    return _page(context, over, _path(group), group, [group], linked=False, one=True)


def _page(
    context: PageContext,
    over: Overview,
    path: str,
    shown: list[Key],
    groups: list[list[Key]],
    *,
    linked: bool,
    one: bool = False,
) -> NetworkPage:
    root = urls.root(path)
    drawn = shown[: matrix.MOST]
    here = set(drawn)
    group_of = {key: n for n, group in enumerate(groups) for key in group}
    members = set(shown)
    ties = [tie for tie in over.ties if not one or tie.start in members or tie.end in members]
    declared: dict[tuple[Key, Key], list[str]] = {}
    for tie in ties:
        declared.setdefault((tie.start, tie.end), []).append(context.say.term("tie", tie.how))
    cells = [
        matrix.Cell(start=_id(a), end=_id(b), weight=over.named[min(a, b), max(a, b)], declared=", ".join(hows))
        for a in drawn
        for b in drawn
        if a != b and ((hows := declared.get((a, b), [])) or over.named[min(a, b), max(a, b)])
    ]
    names = [
        matrix.Name(id=_id(key), text=link.text, href=link.href, group=group_of[key])
        for key in drawn
        for link in [context.link(key, root)]
    ]
    say = context.say
    title = say("network.titled", name=context.link(shown[0], root).text) if one else say("menu.network")
    caption = say("network.told", n=len(drawn))
    ids = {key for tie in ties for key in (tie.start, tie.end)}
    tied = [key for group in groups for key in group if key in ids]
    pairs = sorted(
        ((count, pair) for pair, count in over.named.items() if pair[0] in here and pair[1] in here),
        key=lambda item: (-item[0], item[1]),
    )
    return NetworkPage(
        path=path,
        root=root,
        title=title,
        kind="network",
        description=say("network.described", site=context.config.title),
        banner=context.banner(),
        canonical=context.canonical(path),
        total=sum(map(len, over.groups)) if not one else len(shown),
        arcs=_arcs(context, tied, ties, root) if len(tied) <= arcs.MOST else EMPTY,
        matrix=matrix.draw(names, cells, say("network.matrix"), caption, "matrix"),
        shown=len(drawn),
        pairs=tuple(
            TieRow(start=context.link(a, root), how=say("count.articles", n=count), end=context.link(b, root), when="")
            for count, (a, b) in pairs[:PAIRS]
        ),
        communities=() if one else tuple(_communities(context, groups, root, linked)),
        members=context.links(shown, root) if one else (),
        ties=tuple(
            TieRow(
                start=context.link(tie.start, root),
                how=say.term("tie", tie.how),
                end=context.link(tie.end, root),
                when=_when(say, tie),
            )
            for tie in ties[:MANY]
        ),
        left=max(0, len(ties) - MANY),
    )


def _communities(context: PageContext, groups: list[list[Key]], root: str, linked: bool) -> Iterator[Community]:
    for group in groups:
        if len(group) < 2:
            continue
        first = context.links(group[:2], root)
        text = " · ".join(link.text for link in first)
        href = root + urls.href(_path(group)) if linked else ""
        listed = LISTED if linked else len(group)
        yield Community(
            link=Link(href=href, text=text),
            members=context.links(group[:listed], root),
            left=max(0, len(group) - listed),
        )


def _arcs(context: PageContext, keys: Sequence[Key], ties: Sequence[DeclaredTie], root: str) -> Html:
    nodes = [
        arcs.ArcNode(id=_id(key), text=link.text, href=link.href) for key in keys for link in [context.link(key, root)]
    ]
    caption = context.say("network.arcs_told", ties=len(ties), n=len(nodes))
    return arcs.draw(
        nodes, [_arc(context, tie, root) for tie in ties], context.say("network.declared"), caption, "ties"
    )


def _arc(context: PageContext, tie: DeclaredTie, root: str) -> arcs.Arc:
    return arcs.Arc(start=_id(tie.start), end=_id(tie.end), tooltip=_description(context, tie, root))


def _description(context: PageContext, tie: DeclaredTie, root: str) -> str:
    when = _when(context.say, tie)
    start, end = context.link(tie.start, root).text, context.link(tie.end, root).text
    how = context.say.term("tie", tie.how)
    return context.say("network.tie_when" if when else "network.tie", start=start, how=how, end=end, when=when)


def _id(key: Key) -> str:
    return f"{key[0]}/{key[1]}"


def _when(say: Words, tie: DeclaredTie) -> str:
    since, until = tie.since, tie.until
    if since and until:
        return since.text if since == until else say("network.between", since=since.text, until=until.text)
    if since:
        return say("network.since", date=since.text)
    return say("network.until", date=until.text) if until else ""


# -- one actor --------------------------------------------------------------------------------------------------------


class _Other(NamedTuple):
    """Somebody tied to an actor: by declared ties, by events of both, by articles that name both."""

    key: Key
    ties: list[DeclaredTie]
    events: list[str]
    articles: int


def related(context: PageContext, key: Key, root: str) -> tuple[tuple[Related, ...], Html]:
    """Who is tied to an actor and why, the closest first; and the same drawn, with what ties those to each other."""
    say = context.say
    others = _others(context, key)[:RELATED]
    if not others:
        return (), EMPTY
    rows = tuple(Related(link=context.link(other.key, root), why=_why(context, key, other, root)) for other in others)
    centre = context.link(key, root)
    nodes = [arcs.ArcNode(id=_id(key), text=centre.text, centre=True)]
    lines: list[arcs.Arc] = []
    for other in others:
        link = context.link(other.key, root)
        asides = [f"{_way(say, tie, key)} {say.term('tie', tie.how)}" for tie in other.ties]
        if other.events:
            asides.append(say("network.events_of_both", n=len(other.events)))
        elif other.articles and not other.ties:
            asides.append(say("network.together", n=other.articles))
        nodes.append(arcs.ArcNode(id=_id(other.key), text=link.text, href=link.href, aside=tuple(asides[:2])))
        lines += [_arc(context, tie, root) for tie in other.ties]
        if not other.ties:
            manner = "events" if other.events else "named"
            caption = say("network.both", one=centre.text, other=link.text, why=asides[0])
            lines.append(arcs.Arc(start=_id(key), end=_id(other.key), tooltip=caption, manner=manner, both=True))
    keys = {other.key for other in others}
    for other in others:  # what ties the others to each other
        for tie in network.ties(context.corpus, other.key):
            if tie.start == other.key and tie.end in keys:
                lines.append(_arc(context, tie, root))
    if not any(other.ties or other.events for other in others):
        return rows, EMPTY  # the picture would say no more than the list
    caption = say("network.ties_told", name=centre.text)
    return rows, arcs.draw(nodes, lines, say("network.ties_of", name=centre.text), caption, "ties")


def _others(context: PageContext, key: Key) -> list[_Other]:
    ties: dict[Key, list[DeclaredTie]] = {}
    for tie in network.ties(context.corpus, key):
        ties.setdefault(tie.end if tie.start == key else tie.start, []).append(tie)
    events: dict[Key, list[str]] = {}
    for event in sorted(network.roles(context.corpus, key)):
        for other in network.present(context.corpus, event):
            if other != key:
                events.setdefault(other, []).append(event)
    named = network.named_with(context.corpus, key, context.corpus.mentions.get(key, ()))
    others = [
        _Other(other, ties.get(other, []), events.get(other, []), named.get(other, 0))
        for other in {*ties, *events, *(other for other, count in named.items() if count >= SEVERAL)}
    ]
    return sorted(others, key=lambda other: (-len(other.ties), -3 * len(other.events) - other.articles, other.key))


def _way(say: Words, tie: DeclaredTie, key: Key) -> str:
    """An arrow: whether a tie's words lead from this one or to it."""
    return say("arrow.to" if tie.start == key else "arrow.from")


def _why(context: PageContext, key: Key, other: _Other, root: str) -> Html:
    """→ treaty partner of (since 2024-12-04); ← the same; both in two events; named together in 17 articles."""
    say = context.say
    parts: list[Html] = []
    for tie in other.ties:
        when = f" ({_when(say, tie)})" if _when(say, tie) else ""
        parts.append(Markup("{} <b>{}</b>{}").format(_way(say, tie, key), say.term("tie", tie.how), when))
    if other.events:
        links = Markup(", ").join(anchor(context.link(("events", event), root)) for event in other.events[:2])
        if len(other.events) > 2:
            links = say.html("list.and_more", some=links, n=len(other.events) - 2)
        parts.append(say.html("network.both_in", events=links))
    if other.articles:
        parts.append(say.html("network.together", n=other.articles))
    return Markup("; ").join(parts)
