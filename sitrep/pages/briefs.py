"""Briefs: finished products, with what they cite."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

from sitrep import urls
from sitrep.corpus import Key
from sitrep.outputs import Beside, Output
from sitrep.pages import data
from sitrep.pages.desk import Desk, written
from sitrep.read import references
from sitrep.records import KINDS, Brief, Entry
from sitrep.views import BriefPage, Group, Judgment


def outputs(desk: Desk) -> Iterator[Output]:
    for id in desk.corpus.entries["briefs"]:
        path = urls.page("briefs", id)
        beside = (Beside(urls.data("briefs", id), data.brief),) if desk.config.json else ()
        yield Output(path, "brief.html", partial(view, desk, id), beside, about=("briefs", id))


def view(desk: Desk, id: str) -> BriefPage:
    key: Key = ("briefs", id)
    entry = desk.corpus.entries["briefs"][id]
    record = cast(Brief, entry.record)
    path = urls.page("briefs", id)
    root = urls.root(path)
    summary = desk.words(record.summary, root)
    signed = record.reviewed
    on = f" on {signed.on.text}" if signed and signed.on else ""
    return BriefPage(
        path=path,
        root=root,
        title=entry.name,
        kind="brief",
        description=summary.striptags(),
        banner=desk.banner(key),
        canonical=desk.canonical(path),
        data=urls.href(f"{id}.json") if desk.config.json else "",
        id=id,
        date=written(record.date),
        period=written(record.period),
        summary=summary,
        judgments=tuple(
            Judgment(
                text=desk.words(made.text, root),
                likelihood=made.likelihood or "",
                confidence=made.confidence or "",
                because=desk.words(made.because, root),
                rests_on=tuple(desk.named(claim, ("claims",), root) for claim in made.rests_on),
            )
            for made in record.key_judgments
        ),
        body=desk.prose(entry.prose, root),
        topics=desk.links([("topics", topic) for topic in record.topics], root),
        reviewed=f"{signed.by}{on}" if signed else "",
        cited=tuple(_cited(desk, entry, root)),
        linked=desk.linked(key, root),
    )


def _cited(desk: Desk, entry: Entry, root: str) -> Iterator[Group]:
    """What the brief leads to, by kind, each once, in the order of citation."""
    found: dict[Key, None] = {}
    for _, raw, kinds in references.of(entry.record):
        key = desk.corpus.resolve(raw, kinds) if kinds else desk.corpus.target(raw)[0]
        if key and key[0] != "topics":
            found[key] = None
    for raw in entry.prose.refs:
        if key := desk.corpus.target(raw)[0]:
            found[key] = None
    for kind in KINDS:
        links = desk.links([key for key in found if key[0] == kind], root)
        if links:
            yield Group(label=kind.capitalize(), links=links)
