"""Everything the site is made of, in order."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.outputs import Output
from sitrep.pages import (
    actors,
    articles,
    assembled,
    briefs,
    calendar,
    claims,
    covers,
    events,
    home,
    lists,
    maps,
    names,
    networks,
    redirects,
    searched,
    sitemap,
    sources,
    structured,
    texts,
    things,
    timelines,
)
from sitrep.pages.desk import Desk
from sitrep.records import Prose

PAGES = (
    articles.outputs,
    actors.pages,
    events.pages,
    sources.pages,
    claims.pages,
    things.topics,
    briefs.outputs,
    assembled.outputs,
    covers.outputs,
    lists.outputs,
    home.outputs,
    timelines.outputs,
    networks.outputs,
    maps.outputs,
    redirects.outputs,
    calendar.outputs,
    searched.outputs,
)
"""Page kinds: each is desk → outputs."""


def plan(desk: Desk, about: Prose) -> Iterator[Output]:
    pages = [*(output for outputs in PAGES for output in outputs(desk)), *texts.outputs(desk, about)]
    yield from (structured.told(desk, output) for output in pages)
    yield from sitemap.outputs(desk, pages)
    yield from names.outputs(desk, pages)
