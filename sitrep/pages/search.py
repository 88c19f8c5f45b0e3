"""Facets by which full-text search can be narrowed, from the same files as each page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple, cast

from sitrep.corpus.corpus import Key
from sitrep.model.entries import Entry
from sitrep.model.records import SINGULAR, Actor, Article, Brief, Date, Event, Kind, Source
from sitrep.pages.parts.context import PageContext
from sitrep.release.policy import status
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, TextPage

PATH = "search.html"
_MONTH = re.compile(r"(\d{4})(?:-(?:0[1-9]|1[0-2])(?!\d))?")


class Searched(NamedTuple):
    """A page in the search index: its path, its facets (name and value), and aliases that are not in its text."""

    path: str
    facets: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...] = ()


def outputs(context: PageContext) -> Iterator[Output]:
    if context.config.search:
        yield Output(PATH, "search.html", partial(view, context))


def view(context: PageContext) -> TextPage:
    return TextPage(
        path=PATH, root="", title=context.say("menu.search"), kind="search", banner=context.banner(), body=EMPTY
    )


def searched(context: PageContext, outputs: Iterable[Output]) -> Iterator[Searched]:
    """The first page of each entry, and prose pages; lists and digests would only repeat them."""
    for output in outputs:
        if output.about is None or not output.path:
            continue
        kind, id = output.about
        entry = context.corpus.get((cast(Kind, kind), id)) if kind and id else None
        if entry and output.path == urls.page(entry.kind, id):
            yield _thing(context, entry, output.path)
        elif output.template in ("about.html", "method.html"):
            yield Searched(output.path, (("kind", context.say("kind.page")),))


def _thing(context: PageContext, entry: Entry, path: str) -> Searched:
    record = entry.record
    facets = [("kind", context.say.term("kind", SINGULAR[entry.kind]))]
    if match := _MONTH.match(_dated(entry)):
        facets += [("date", part) for part in dict.fromkeys((match[1], match[0]))]
    if isinstance(record, Article) and record.source:
        facets.append(("source", _name(context, ("sources", record.source))))
    facets += [("topic", _name(context, ("topics", topic))) for topic in record.topics]
    facets.append(("status", context.say.term("status", status(entry))))
    return Searched(path, tuple(facets), record.aliases if isinstance(record, (Actor, Source)) else ())


def _dated(entry: Entry) -> str:
    record = entry.record
    date: Date | None = None
    if isinstance(record, Article):
        date = record.published or record.captured
    elif isinstance(record, (Brief, Event)):
        date = record.date
    return date.text if date else ""


def _name(context: PageContext, key: Key) -> str:
    entry = context.corpus.get(key)
    return entry.name if entry else key[1]
