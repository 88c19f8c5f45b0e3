"""GraphML: entries as nodes; statements, ties and other references as edges."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from sitrep.corpus.corpus import Key
from sitrep.export.context import ExportContext, qualified_id, written
from sitrep.model.entries import Entry
from sitrep.model.records import Actor, Article, Brief, Claim, Event, Source
from sitrep.parse.text import printable

NODE = ("kind", "id", "name", "what", "date", "marking", "filed")
EDGE = ("how", "stance", "quote", "article", "since", "until", "marking")
CHUNK = 512


class Edge(NamedTuple):
    source: Key
    target: Key
    attributes: dict[str, str]


def graphml(context: ExportContext) -> Iterator[bytes]:
    """A directed multigraph."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {_comment(context.title)} -->",
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(f'<key id="n-{name}" for="node" attr.name="{name}" attr.type="string"/>' for name in NODE),
        *(f'<key id="e-{name}" for="edge" attr.name="{name}" attr.type="string"/>' for name in EDGE),
        '<graph id="sitrep" edgedefault="directed">',
    ]
    for entry in context.entries():
        lines.append(_element("node", "n", f"id={_quoted((entry.kind, entry.id))}", _node(context, entry)))
        if len(lines) > CHUNK:
            yield _joined(lines)
            lines = []
    for n, edge in enumerate(_edges(context), 1):
        ends = f'id="e{n}" source={_quoted(edge.source)} target={_quoted(edge.target)}'
        lines.append(_element("edge", "e", ends, edge.attributes))
        if len(lines) > CHUNK:
            yield _joined(lines)
            lines = []
    yield _joined([*lines, "</graph>", "</graphml>"])


def _node(context: ExportContext, entry: Entry) -> dict[str, str]:
    record = entry.record
    date = record.date if isinstance(record, (Event, Brief)) else None
    date = record.published if isinstance(record, Article) else date
    what = record.kind if isinstance(record, (Actor, Source)) else record.class_ if isinstance(record, Event) else ""
    return {
        "kind": entry.kind,
        "id": entry.id,
        "name": entry.name,
        "what": what or "",
        "date": written(date),
        "marking": context.marking(entry),
        "filed": "yes" if entry.files else "no",
    }


def _edges(context: ExportContext) -> Iterator[Edge]:
    for tie in context.relations():
        attributes = {"how": tie.words or tie.how, "since": written(tie.since), "until": written(tie.until)}
        yield Edge(tie.subject, tie.object, {**attributes, "marking": tie.marking})
    for entry in context.entries():
        for target, how in _record_edges(context, entry):
            if context.corpus.get(target):
                yield Edge((entry.kind, entry.id), target, {"how": how, "marking": context.marking(entry)})
        if entry.kind == "articles":
            yield from _annotation_edges(context, entry)


def _record_edges(context: ExportContext, entry: Entry) -> Iterator[tuple[Key, str]]:
    """The references of an entry's own record, each with its label."""
    record = entry.record
    for topic in record.topics:
        yield ("topics", topic), "topic"
    if isinstance(record, Article):
        if record.source:
            yield ("sources", record.source), "published by"
        for other, how in ((record.copy_of, "copy of"), (record.translation_of, "translation of")):
            if other:
                yield ("articles", other), how
        if record.updates:
            yield ("articles", record.updates.article), record.updates.how
    elif isinstance(record, Event):
        for role, ids in record.roles.items():
            yield from ((("actors", id), role) for id in dict.fromkeys(ids))
        yield from ((("events", id), "part of") for id in record.part_of)
        yield from ((("events", id), "related") for id in record.related)
    elif isinstance(record, Claim):
        yield from ((("actors", id), "about") for id in record.about.actors)
        yield from ((("events", id), "about") for id in record.about.events)
        yield from ((("claims", conflict.claim), conflict.how) for conflict in record.conflicts)
    elif isinstance(record, Brief):
        for judgment in record.key_judgments:
            yield from ((("claims", id), "rests on") for id in judgment.rests_on)


def _annotation_edges(context: ExportContext, entry: Entry) -> Iterator[Edge]:
    """Mentions and statements of an article; a statement has an edge from the article and one from each speaker."""
    here: Key = ("articles", entry.id)
    for _, key, _ in context.mentioned(entry):
        yield Edge(here, key, {"how": "mentions", "marking": context.marking(entry)})
    for statement in context.statements(entry):
        attributes = {
            "stance": statement.assertion.stance,
            "quote": statement.quote,
            "article": entry.id,
            "marking": statement.marking,
        }
        for key in statement.about:
            yield Edge(here, key, {"how": "states", **attributes})
            for party in context.parties(statement):
                yield Edge(party, key, {"how": "says", **attributes})


def _element(name: str, prefix: str, identity: str, data: dict[str, str]) -> str:
    inside = "".join(
        f'<data key="{prefix}-{key}">{escape(printable(text), quote=False)}</data>'
        for key, text in data.items()
        if text
    )
    return f"<{name} {printable(identity)}>{inside}</{name}>"


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _comment(text: str) -> str:
    return escape(printable(text), quote=False).replace("--", "- -").rstrip("-")


def _quoted(key: Key) -> str:
    return f'"{escape(qualified_id(key))}"'
