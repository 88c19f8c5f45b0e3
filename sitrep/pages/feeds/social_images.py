"""Covers of briefs: an image for each written one and for each period, which its page names for whoever links to it.

Each is an output of its own, since it says less than its page does: it is drawn again when that little has changed.
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
    """Where the configuration turns them on and says where the site stands: such an image needs a full address."""
    if not wanted(context):
        return
    for id in context.corpus.entries["briefs"]:
        yield Output("", "", partial(of_brief, context, id), (Beside(urls.cover(id), draw, "data"),))
    for digest in context.digests:
        yield Output("", "", partial(of_period, context, digest), (Beside(urls.cover(digest.period.id), draw, "data"),))


def wanted(context: PageContext) -> bool:
    return context.config.covers and bool(context.config.url)


def draw(card: Cover) -> bytes | None:
    """The image; None where the font lacks some of its letters."""
    return cover.png(card) if cover.legible(card.site, card.title) else None


def address(context: PageContext, id: str, title: str) -> str:
    """Where the image of a brief of this title stands; empty where there is none."""
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
    line = f"{say('assembled.assembled')} · {phrasing.span(digest.period)}"
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
