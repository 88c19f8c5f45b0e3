"""W3C Web Annotation (2017): a collection for each article, each place by its words and by its position.

Positions count code points of the article's text as it is rendered: the text content of its page's body. Where all of
it may be shown it is written beside the collection, as `ID.txt`, and is what the annotations target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from sitrep.anchoring.quotes import Span
from sitrep.corpus.corpus import Key
from sitrep.export.holding import ExportContext, ExportStatement, File, web
from sitrep.model.entries import Anchor, Entry
from sitrep.model.records import Article
from sitrep.release.rights import visible
from sitrep.views import urls

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
AROUND = 32
"""Characters of prefix and suffix, as far as they may be shown."""


def files(h: ExportContext) -> Iterator[File]:
    """`ID.json` for each article and, where its whole text may be shown, `ID.txt`."""
    for entry in h.things("articles"):
        yield File(f"{entry.id}.json")
        if h.full(entry):
            yield File(f"{entry.id}.txt")


def file(h: ExportContext, made: File) -> Iterator[bytes]:
    id, _, ending = made.name.rpartition(".")
    entry = h.corpus.article(id)
    yield collection(h, entry) if ending == "json" else entry.prose.text.encode("utf-8", "replace")


def collection(h: ExportContext, entry: Entry) -> bytes:
    """The annotations of an article whose words may be shown, in one page."""
    items = list(_annotations(h, entry))
    base = f"urn:uuid:{h.uuid('annotations', entry.id)}"
    release = "NOT FOR RELEASE; " if h.preview else ""
    made = {
        "@context": CONTEXT,
        "id": base,
        "type": "AnnotationCollection",
        "label": f"{release}{h.marking(entry)}; {entry.name}",
        "total": len(items),
        "first": {
            "id": f"urn:uuid:{h.uuid('annotations', entry.id, 'page')}",
            "type": "AnnotationPage",
            "partOf": base,
            "startIndex": 0,
            "items": items,
        },
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def _annotations(h: ExportContext, entry: Entry) -> Iterator[dict[str, Any]]:
    record = cast(Article, entry.record)
    for n, key, places in h.mentioned(entry):
        if places:
            body = [_identified(h, key)]
            yield _made(h, entry, f"actor-{n}", "identifying", body, tuple(places), record.actors[n - 1].proposed)
    for ref in h.statements(entry):
        if ref.quote:
            name = f"{ref.ref.list}-{ref.ref.n}"
            body = [*(_identified(h, (ref.kind, id)) for id in ref.things), *_told(h, ref)]
            yield _made(h, entry, name, "describing", body, ref.places, ref.made.proposed)


def _identified(h: ExportContext, key: Key) -> dict[str, Any]:
    """A thing as a body: its page."""
    return {"type": "SpecificResource", "purpose": "identifying", "source": _page(h, key)}


def _told(h: ExportContext, ref: ExportStatement) -> Iterator[dict[str, Any]]:
    yield {"type": "TextualBody", "purpose": "classifying", "value": ref.made.stance, "format": "text/plain"}
    for chain in ref.chains:
        words = " → ".join(step.words for step in chain)
        yield {"type": "TextualBody", "purpose": "describing", "value": words, "format": "text/plain"}
    if note := h.words(ref.made.note):
        yield {"type": "TextualBody", "purpose": "commenting", "value": note, "format": "text/plain"}


def _made(
    h: ExportContext,
    entry: Entry,
    name: str,
    motivation: str,
    body: list[dict[str, Any]],
    places: tuple[Anchor, ...],
    proposed: bool,
) -> dict[str, Any]:
    targets = [_target(h, entry, place) for place in places]
    made: dict[str, Any] = {
        "id": f"urn:uuid:{h.uuid('annotations', entry.id, name)}",
        "type": "Annotation",
        "motivation": motivation,
        "body": body,
        "target": targets,
    }
    if proposed:
        made["body"] = [*body, {"type": "TextualBody", "purpose": "moderating", "value": "proposed"}]
    return made


def _target(h: ExportContext, entry: Entry, place: Anchor) -> dict[str, Any]:
    text = entry.prose.text
    spans = h.spans(entry)
    record = cast(Article, entry.record)
    before, after = _around(text, spans, (place.start, place.end))
    quote = {"type": "TextQuoteSelector", "exact": text[place.start : place.end], "prefix": before, "suffix": after}
    whole = h.full(entry)
    source = f"{entry.id}.txt" if whole else web(record.url) or _page(h, ("articles", entry.id))
    made: dict[str, Any] = {
        "type": "SpecificResource",
        "source": h.absolute(urls.href(f"data/annotations/{source}")) or urls.href(source) if whole else source,
        "selector": [quote, {"type": "TextPositionSelector", "start": place.start, "end": place.end}],
    }
    if record.language:
        made["language"] = record.language
    return made


def _around(text: str, spans: tuple[Span, ...], place: Span) -> tuple[str, str]:
    """The words before and after a place, no further than may be shown."""
    here = next(span for span in spans if span[0] <= place[0] and place[1] <= span[1])
    start, end = max(here[0], place[0] - AROUND), min(here[1], place[1] + AROUND)
    assert visible(spans, start, end)
    return text[start : place[0]], text[place[1] : end]


def _page(h: ExportContext, key: Key) -> str:
    """The address of a thing's page; relative to the collection's place on the site where the site has no address."""
    return h.address(key) or "../../" + urls.href(urls.page(*key))
