"""GraphML: things as nodes, who says what of what and who belongs to whom as edges."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from sitrep.corpus.corpus import Key
from sitrep.export.holding import ExportContext, singular
from sitrep.model.entries import Entry
from sitrep.model.records import Actor, Article, Brief, Claim, Date, Event, Source
from sitrep.parse.text import printable

NODE = ("kind", "id", "name", "what", "date", "marking", "filed")
EDGE = ("how", "stance", "quote", "article", "since", "until", "marking")
CHUNK = 512


class Edge(NamedTuple):
    source: Key
    target: Key
    said: dict[str, str]


def graphml(h: ExportContext) -> Iterator[bytes]:
    """The graph, directed; more than one edge may lead from a thing to another."""
    title = f"NOT FOR RELEASE: {h.config.title}" if h.preview else h.config.title
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {_comment(title)} -->",
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(f'<key id="n-{name}" for="node" attr.name="{name}" attr.type="string"/>' for name in NODE),
        *(f'<key id="e-{name}" for="edge" attr.name="{name}" attr.type="string"/>' for name in EDGE),
        '<graph id="sitrep" edgedefault="directed">',
    ]
    for entry in h.things():
        lines.append(_element("node", "n", f"id={_quoted((entry.kind, entry.id))}", _node(h, entry)))
        if len(lines) > CHUNK:
            yield _joined(lines)
            lines = []
    for n, edge in enumerate(_edges(h), 1):
        ends = f'id="e{n}" source={_quoted(edge.source)} target={_quoted(edge.target)}'
        lines.append(_element("edge", "e", ends, edge.said))
        if len(lines) > CHUNK:
            yield _joined(lines)
            lines = []
    yield _joined([*lines, "</graph>", "</graphml>"])


def _node(h: ExportContext, entry: Entry) -> dict[str, str]:
    record = entry.record
    date = record.date if isinstance(record, (Event, Brief)) else None
    date = record.published if isinstance(record, Article) else date
    what = record.kind if isinstance(record, (Actor, Source)) else record.class_ if isinstance(record, Event) else ""
    return {
        "kind": entry.kind,
        "id": entry.id,
        "name": entry.name,
        "what": what or "",
        "date": _written(date),
        "marking": h.marking(entry),
        "filed": "yes" if entry.files else "no",
    }


def _edges(h: ExportContext) -> Iterator[Edge]:
    for made in h.relations():
        said = {"how": made.words or made.how, "since": _written(made.since), "until": _written(made.until)}
        yield Edge(made.subject, made.object, {**said, "marking": made.marking})
    for entry in h.things():
        for target, how in _own(h, entry):
            if h.corpus.get(target):
                yield Edge((entry.kind, entry.id), target, {"how": how, "marking": h.marking(entry)})
        if entry.kind == "articles":
            yield from _annotated(h, entry)


def _own(h: ExportContext, entry: Entry) -> Iterator[tuple[Key, str]]:
    """What a file of its own says of other things."""
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
        yield from ((("claims", made.claim), made.how) for made in record.conflicts)
    elif isinstance(record, Brief):
        for judgment in record.key_judgments:
            yield from ((("claims", id), "rests on") for id in judgment.rests_on)


def _annotated(h: ExportContext, entry: Entry) -> Iterator[Edge]:
    """What an article says: it states, and each who says so states too, by way of the article."""
    here: Key = ("articles", entry.id)
    for _, key, _ in h.mentioned(entry):
        yield Edge(here, key, {"how": "mentions", "marking": h.marking(entry)})
    for said in h.statements(entry):
        told = {"stance": said.made.stance, "quote": said.quote, "article": entry.id, "marking": said.marking}
        for id in said.things:
            yield Edge(here, (said.kind, id), {"how": "states", **told})
            for party in h.parties(said):
                yield Edge(party, (said.kind, id), {"how": "says", **told})


def _element(name: str, prefix: str, attributes: str, said: dict[str, str]) -> str:
    data = "".join(
        f'<data key="{prefix}-{key}">{escape(_legal(text), quote=False)}</data>' for key, text in said.items() if text
    )
    return f"<{name} {_legal(attributes)}>{data}</{name}>"


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _legal(text: str) -> str:
    """Text without what XML forbids."""
    return printable(text)


def _comment(text: str) -> str:
    return escape(_legal(text), quote=False).replace("--", "- -").rstrip("-")


def _written(date: Date | None) -> str:
    return date.text if date else ""


def _quoted(key: Key) -> str:
    return f'"{escape(singular(key))}"'
