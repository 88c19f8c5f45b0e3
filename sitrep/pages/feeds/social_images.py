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


def outputs(desk: PageContext) -> Iterator[Output]:
    """Where the configuration turns them on and says where the site stands: such an image needs a full address."""
    if not wanted(desk):
        return
    for id in desk.corpus.entries["briefs"]:
        yield Output("", "", partial(of_brief, desk, id), (Beside(urls.cover(id), draw),))
    for digest in desk.digests:
        yield Output("", "", partial(of_period, desk, digest), (Beside(urls.cover(digest.period.id), draw),))


def wanted(desk: PageContext) -> bool:
    return desk.config.covers and bool(desk.config.url)


def draw(made: Cover) -> bytes | None:
    """The image; None where the font lacks some of its letters."""
    return cover.png(made) if cover.legible(made.site, made.title) else None


def address(desk: PageContext, id: str, title: str) -> str:
    """Where the image of a brief of this title stands; empty where there is none."""
    there = wanted(desk) and cover.legible(desk.config.title, title)
    return desk.canonical(urls.cover(id)) if there else ""


def of_brief(desk: PageContext, id: str) -> Cover:
    entry = desk.corpus.entries["briefs"][id]
    record = cast(Brief, entry.record)
    counts = (desk.say("brief.counted", n=len(record.key_judgments)),) if record.key_judgments else ()
    line = " · ".join(part for part in (desk.say("brief.brief"), written(record.date)) if part)
    return _cover(desk, entry.name, line, desk.banner(("briefs", id)).marking, counts)


def of_period(desk: PageContext, digest: Digest) -> Cover:
    say = desk.say
    line = f"{say('assembled.assembled')} · {phrasing.span(digest.period)}"
    return _cover(desk, phrasing.named(say, digest.period), line, desk.banner().marking, phrasing.summed(say, digest))


def _cover(desk: PageContext, title: str, line: str, marking: str, counts: tuple[str, ...]) -> Cover:
    return Cover(
        site=desk.config.title,
        marking=marking,
        title=title,
        line=line,
        counts=counts,
        preview=desk.say("cover.preview") if desk.handling.preview else "",
    )
