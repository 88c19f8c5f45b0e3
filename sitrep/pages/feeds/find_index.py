"""The index of the page switcher: name, aliases and address of every page, in a file that any page can load.

It is a script, since a page opened from a folder may load nothing else.

"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import msgspec

from sitrep.analysis import phrasing
from sitrep.model.records import KINDS, Actor, Kind, Source
from sitrep.pages.parts.context import PageContext
from sitrep.views import urls
from sitrep.views.outputs import Beside, Output

PATH = "names.js"
LARGEST = 1_500_000
"""Budget, in bytes, for 10,000 articles and everything they name; a compressing server sends a quarter of it."""
OTHER = "pages"
Name = tuple[str, ...]
"""For an entry its id, for another page its path; then its name and aliases."""

_PLAIN = re.compile(r"(?:([a-z]+)/index|([a-z]+)|([a-z]+)/(\d{4}))\.html")
"""Addresses from which a page's name follows: a kind's list, a fixed page, a year."""


def outputs(context: PageContext, pages: Iterable[Output]) -> Iterator[Output]:
    """`pages` are all other outputs. Names of pages that are not entries are passed to the view as values."""
    others = [("index.html", context.config.title)]
    for page in pages:
        match = _PLAIN.fullmatch(page.path)
        if match and page.path not in ("index.html", "404.html"):
            others.append((page.path, _called(context, *match.groups(""))))
    for n, digest in enumerate(context.digests):
        for topic in ("", *context.digest_topics[n]):
            others.append(
                (urls.digest(digest.period.id, topic), phrasing.title(context.say, context.corpus, digest, topic))
            )
    yield Output("", "", partial(view, context, others), (Beside(PATH, script, "data"),))


def _called(context: PageContext, kind: str, alone: str, of: str, year: str) -> str:
    """The name of a page: a list by its kind, a fixed page by its menu item, a year by its number."""
    name = context.say.term("menu", kind or alone or of)
    return context.say("page.year", name=name, year=year) if year else name


def view(context: PageContext, others: Sequence[Name]) -> dict[str, list[Name]]:
    named: dict[str, list[Name]] = {
        kind: [_name(context, kind, id) for id in context.corpus.entries[kind]] for kind in KINDS
    }
    return named | {OTHER: list(others)}


def _name(context: PageContext, kind: Kind, id: str) -> Name:
    entry = context.corpus.entries[kind][id]
    record = entry.record
    aliases = record.aliases if isinstance(record, (Actor, Source)) else ()
    return (id, *dict.fromkeys((entry.name, *aliases)))


def script(named: dict[str, list[Name]]) -> str:
    """One line for each page, so that a diff of the file shows what is new on the site."""
    kinds = []
    for kind, names in named.items():
        lines = ",\n".join(msgspec.json.encode(name).decode() for name in names)
        kinds.append(f'"{kind}":[\n{lines}\n]')
    return "sitrepNames({\n" + ",\n".join(kinds) + "\n});\n"
