"""W3C Web Annotation (2017): a collection for each article, with a quote and a position selector for each place.

Positions count code points of the article's rendered text, which is the text content of its page's body. If all of it
may be shown, it is written beside the collection as `ID.txt`, which the annotations target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from sitrep.anchoring.quotes import Span
from sitrep.corpus.corpus import Key
from sitrep.export.context import ExportContext, ExportStatement, File, web_address
from sitrep.model.entries import Anchor, Entry
from sitrep.model.records import Article
from sitrep.release.rights import visible
from sitrep.views import urls

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
AROUND = 32
"""The maximum length of prefix and suffix, in characters."""


def files(context: ExportContext) -> Iterator[File]:
    """`ID.json` for each article and, if all of its text may be shown, `ID.txt`."""
    for entry in context.entries("articles"):
        yield File(f"{entry.id}.json")
        if context.shows_all(entry):
            yield File(f"{entry.id}.txt")


def file(context: ExportContext, target: File) -> Iterator[bytes]:
    id, _, ending = target.name.rpartition(".")
    entry = context.corpus.article(id)
    yield collection(context, entry) if ending == "json" else entry.prose.text.encode("utf-8", "replace")


def collection(context: ExportContext, entry: Entry) -> bytes:
    """The annotations of an article whose words may be shown, as a collection of one page."""
    items = list(_annotations(context, entry))
    base = f"urn:uuid:{context.uuid('annotations', entry.id)}"
    release = "NOT FOR RELEASE; " if context.preview else ""
    annotations = {
        "@context": CONTEXT,
        "id": base,
        "type": "AnnotationCollection",
        "label": f"{release}{context.marking(entry)}; {entry.name}",
        "total": len(items),
        "first": {
            "id": f"urn:uuid:{context.uuid('annotations', entry.id, 'page')}",
            "type": "AnnotationPage",
            "partOf": base,
            "startIndex": 0,
            "items": items,
        },
    }
    return msgspec.json.format(msgspec.json.encode(annotations), indent=1) + b"\n"


def _annotations(context: ExportContext, entry: Entry) -> Iterator[dict[str, Any]]:
    record = cast(Article, entry.record)
    for n, key, places in context.mentioned(entry):
        if places:
            body = [_entry_body(context, key)]
            yield _annotation(
                context, entry, f"actor-{n}", "identifying", body, tuple(places), record.actors[n - 1].proposed
            )
    for statement in context.statements(entry):
        if statement.quote:
            name = f"{statement.ref.list}-{statement.ref.n}"
            body = [*(_entry_body(context, key) for key in statement.about), *_statement_bodies(context, statement)]
            proposed = statement.assertion.proposed
            yield _annotation(context, entry, name, "describing", body, statement.places, proposed)


def _entry_body(context: ExportContext, key: Key) -> dict[str, Any]:
    """A body that identifies an entry by its page."""
    return {"type": "SpecificResource", "purpose": "identifying", "source": _page(context, key)}


def _statement_bodies(context: ExportContext, statement: ExportStatement) -> Iterator[dict[str, Any]]:
    texts: list[tuple[str, str]] = [("classifying", statement.assertion.stance)]
    texts += [("describing", text) for text in statement.chain_texts]
    if note := context.words(statement.assertion.note):
        texts.append(("commenting", note))
    for purpose, value in texts:
        yield {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}


def _annotation(
    context: ExportContext,
    entry: Entry,
    name: str,
    motivation: str,
    body: list[dict[str, Any]],
    places: tuple[Anchor, ...],
    proposed: bool,
) -> dict[str, Any]:
    targets = [_target(context, entry, place) for place in places]
    annotation: dict[str, Any] = {
        "id": f"urn:uuid:{context.uuid('annotations', entry.id, name)}",
        "type": "Annotation",
        "motivation": motivation,
        "body": body,
        "target": targets,
    }
    if proposed:
        annotation["body"] = [*body, {"type": "TextualBody", "purpose": "moderating", "value": "proposed"}]
    return annotation


def _target(context: ExportContext, entry: Entry, place: Anchor) -> dict[str, Any]:
    text = entry.prose.text
    spans = context.spans(entry)
    record = cast(Article, entry.record)
    before, after = _around(text, spans, (place.start, place.end))
    quote = {"type": "TextQuoteSelector", "exact": text[place.start : place.end], "prefix": before, "suffix": after}
    whole = context.shows_all(entry)
    source = f"{entry.id}.txt" if whole else web_address(record.url) or _page(context, ("articles", entry.id))
    target: dict[str, Any] = {
        "type": "SpecificResource",
        "source": context.absolute(urls.href(f"data/annotations/{source}")) or urls.href(source) if whole else source,
        "selector": [quote, {"type": "TextPositionSelector", "start": place.start, "end": place.end}],
    }
    if record.language:
        target["language"] = record.language
    return target


def _around(text: str, spans: tuple[Span, ...], place: Span) -> tuple[str, str]:
    """The text before and after a place, as far as it may be shown."""
    here = next(span for span in spans if span[0] <= place[0] and place[1] <= span[1])
    start, end = max(here[0], place[0] - AROUND), min(here[1], place[1] + AROUND)
    assert visible(spans, start, end)
    return text[start : place[0]], text[place[1] : end]


def _page(context: ExportContext, key: Key) -> str:
    """The address of an entry's page; relative to the collection if the site's address is not configured."""
    return context.address(key) or "../../" + urls.href(urls.page(*key))
