"""All page types of the site, in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from sitrep.model.entries import Prose
from sitrep.model.records import Kind
from sitrep.pages import (
    actors,
    articles,
    briefs,
    claims,
    digest_briefs,
    entry,
    events,
    home,
    lists,
    maps,
    networks,
    redirects,
    search,
    sources,
    static,
    timelines,
)
from sitrep.pages.feeds import calendar, find_index, json_ld, sitemap, social_images
from sitrep.pages.parts.context import PageContext
from sitrep.views.outputs import Output

Things = Callable[[PageContext, Iterable[str]], Iterator[Output]]
THINGS: dict[Kind, Things] = {
    "articles": articles.outputs,
    "actors": actors.outputs,
    "events": events.outputs,
    "sources": sources.outputs,
    "claims": claims.outputs,
    "topics": entry.topics,
    "briefs": briefs.outputs,
}
"""Pages of entries: kind → (context, ids) → outputs."""
PAGES = (
    digest_briefs.outputs,
    social_images.outputs,
    lists.outputs,
    home.outputs,
    timelines.outputs,
    networks.outputs,
    maps.outputs,
    redirects.outputs,
    calendar.outputs,
    search.outputs,
)
"""All other page types: each is context → outputs."""


def plan(context: PageContext, about: Prose) -> Iterator[Output]:
    pages = [output for kind, outputs in THINGS.items() for output in outputs(context, context.corpus.entries[kind])]
    pages += _others(context, about)
    yield from (json_ld.with_json_ld(context, output) for output in pages)
    yield from sitemap.outputs(context, pages)
    yield from find_index.outputs(context, pages)


def part(context: PageContext, about: Prose, names: Collection[str]) -> Iterator[Output]:
    """The outputs of a plan that are pages of these entries; everything else where that is not the whole plan."""
    ids: dict[Kind, dict[str, None]] = {}
    rest = False
    for name in names:
        kind, _, page = name.partition("/")
        id = page.removesuffix(".html").partition("/")[0]
        if kind in THINGS and id in context.corpus.entries[kind]:
            ids.setdefault(kind, {})[id] = None
        else:
            rest = True
    pages = [output for kind, some in ids.items() for output in THINGS[kind](context, some)]
    pages += _others(context, about) if rest else ()
    return (json_ld.with_json_ld(context, output) for output in pages)


def _others(context: PageContext, about: Prose) -> Iterator[Output]:
    yield from (output for outputs in PAGES for output in outputs(context))
    yield from static.outputs(context, about)
