"""Every page of the site, in order."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.outputs import Output
from sitrep.pages import actors, articles, briefs, claims, events, lists, redirects, sources, texts, things
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
    lists.outputs,
    redirects.outputs,
)
"""Page kinds: each is desk → outputs."""


def plan(desk: Desk, about: Prose) -> Iterator[Output]:
    for outputs in PAGES:
        yield from outputs(desk)
    yield from texts.outputs(desk, about)
