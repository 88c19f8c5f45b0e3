"""Cover images of briefs: one for each written brief and each digest, named by its page for link previews.

Each is an output of its own, since it shows less than its page: it is redrawn only when that changes.

"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

from sitrep.analysis import phrasing
from sitrep.analysis.history import Digest
from sitrep.charts import cover
from sitrep.model.records import Brief
from sitrep.pages.parts.context import PageContext, written
from sitrep.views import urls
from sitrep.views.outputs import Beside, Output
from sitrep.views.pages import Cover


def outputs(context: PageContext) -> Iterator[Output]:
    """None unless the configuration turns them on and gives the site's address: such an image needs an absolute URL."""
    if not wanted(context):
        return
    for id in context.corpus.entries["briefs"]:
        yield Output("", "", partial(of_brief, context, id), (Beside(urls.cover(id), draw, "data"),))
    for digest in context.digests:
        yield Output("", "", partial(of_period, context, digest), (Beside(urls.cover(digest.period.id), draw, "data"),))


def wanted(context: PageContext) -> bool:
    return context.config.covers and bool(context.config.url)


def draw(card: Cover) -> bytes | None:
    """The image; None where the font lacks some of the letters."""
    return cover.png(card) if cover.legible(card.site, card.title) else None


def address(context: PageContext, id: str, title: str) -> str:
    """The address of the image of a brief with this title; empty where there is none."""
    there = wanted(context) and cover.legible(context.config.title, title)
    return context.canonical(urls.cover(id)) if there else ""


def of_brief(context: PageContext, id: str) -> Cover:
    entry = context.corpus.entries["briefs"][id]
    record = cast(Brief, entry.record)
    counts = (context.say("brief.counted", n=len(record.key_judgments)),) if record.key_judgments else ()
    line = " · ".join(part for part in (context.say("brief.brief"), written(record.date)) if part)
    return _cover(context, entry.name, line, context.banner(("briefs", id)).marking, counts)


def of_period(context: PageContext, digest: Digest) -> Cover:
    say = context.say
    line = f"{say('digest.heading')} · {phrasing.span(digest.period)}"
    return _cover(
        context, phrasing.named(say, digest.period), line, context.banner().marking, phrasing.summed(say, digest)
    )


def _cover(context: PageContext, title: str, line: str, marking: str, counts: tuple[str, ...]) -> Cover:
    return Cover(
        site=context.config.title,
        marking=marking,
        title=title,
        line=line,
        counts=counts,
        preview=context.say("cover.preview") if context.handling.preview else "",
    )
