"""One entry: its YAML and its Markdown become an `Entry` and problems. A pure function of the bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from sitrep.anchoring import names
from sitrep.anchoring import quotes as anchors
from sitrep.anchoring.quotes import AnchorFault, Matchable, Span
from sitrep.model.entries import Anchor, Body, Entry, Facts, Prose
from sitrep.model.hashing import short
from sitrep.model.records import (
    PLOVER,
    RECORD,
    Article,
    Assertion,
    ClaimAssertion,
    Content,
    Event,
    Kind,
    Link,
    Mention,
    Quote,
)
from sitrep.parse import markdown, references, schema, yaml
from sitrep.parse.text import decode
from sitrep.parse.yaml_pitfalls import traps
from sitrep.problems import ERROR, Path, Problem


def read(
    kind: Kind,
    id: str,
    data: bytes | None,
    text: bytes | None,
    files: tuple[str, ...],
    table: names.Names | None = None,
) -> tuple[Entry, list[Problem]]:
    """Read `KIND/ID.yaml` (`data`) and `KIND/ID.md` (`text`); `files` are their paths, in the same order.

    `table` holds the names by which an article's actors are searched for in its text.

    Always returns an entry. It is `sound` when everything in it could be read; an entry that is not sound is withheld.
    Problems carry their line and column.

    """
    problems: list[Problem] = []
    yaml_file = next((f for f in files if f.endswith(".yaml")), "")
    text_file = next((f for f in files if f.endswith(".md")), "")
    record: Content = RECORD[kind]()
    source: str | None = None
    written: Callable[[Path], Path] = schema.Sink("").written
    if data is not None:
        source, more = decode(data, yaml_file)
        problems += more
        if source is not None:
            record, more, written = _record(kind, source, yaml_file)
            problems += more
    prose = Prose()
    if text is not None:
        body, more = decode(text, text_file)
        problems += more
        if body is not None:
            form = record.format if isinstance(record, Article) else "markdown"
            base = record.url if isinstance(record, Article) else ""
            rendered, more = markdown.render(body, text_file, form=form, links=kind != "articles", base=base)
            problems += more
            prose = rendered or prose
            if kind == "articles" and rendered and not rendered.text.strip():
                problems.append(_empty(text_file))
    sound = not any(p.severity == ERROR for p in problems)
    quotes: tuple[Anchor, ...] = ()
    faulty: tuple[tuple[str, int], ...] = ()
    sentences: tuple[int, ...] = (0,)
    ready = Matchable(prose.text) if isinstance(record, Article) else None
    if isinstance(record, Article) and ready and prose.text:
        quotes, faulty, more = _anchored(record, ready, yaml_file)
        more = [*more, *(traps(source, record, ready, yaml_file) if source else ())]
        problems += [msgspec.structs.replace(p, at=written(p.at)) for p in more]
        sentences = tuple(anchors.sentences(prose.text))
    entry = Entry.of(
        kind=kind,
        id=id,
        record=record,
        prose=prose,
        linked=tuple(references.linked(record)),
        quotes=quotes,
        unanchored=faulty,
        sentences=sentences,
        sound=sound,
        files=files,
    )
    if isinstance(record, Article) and ready:
        wanted = names.sought(record, {} if table is None else table)  # empty until it is needed
        entry = entry.replaced(anchors=names.annotate(entry, wanted, ready), names=wanted)
    return entry, _with_lines(problems, source)


def _empty(file: str) -> Problem:
    hint = "put the captured text into it"
    return Problem(code="no-text", severity=ERROR, file=file, message="this text is empty", hint=hint)


def unsound(entry: Entry) -> Entry:
    """The same entry, marked as not completely read."""
    return entry.replaced(sound=False)


class Packed(NamedTuple):
    """An entry as bytes (MessagePack), for another process or the cache: its facts and its body, each with a digest."""

    facts: bytes
    body: bytes
    facts_digest: bytes
    body_digest: bytes


def packed(entry: Entry) -> Packed:
    """Encode an entry as bytes."""
    facts, body = _PACK.encode(entry.facts), _PACK.encode(entry.body)
    return Packed(facts, body, short(facts), short(body))


_PACK = msgspec.msgpack.Encoder()
_FACTS, _BODY = msgspec.msgpack.Decoder(Facts), msgspec.msgpack.Decoder(Body)


def facts_of(data: bytes) -> Facts:
    return _FACTS.decode(data)


def body_of(data: bytes) -> Body:
    return _BODY.decode(data)


EMPTY = Body()
"""The body of an entry without a file."""


def _with_lines(problems: list[Problem], source: str | None) -> list[Problem]:
    """Add line and column to those problems that know only their path in the data."""
    if source is None or not any(p.line == 0 and p.at for p in problems):
        return problems
    places = yaml.places(source)
    return [yaml.with_line(p, places) for p in problems]


def _record(kind: Kind, source: str, file: str) -> tuple[Content, list[Problem], Callable[[Path], Path]]:
    """The record, its problems, and a lookup from paths in the record to paths in the file."""
    data, problems = yaml.load(source, file)
    if data is not None and not isinstance(data, dict):
        message = "the file should be a mapping (key: value)"
        hint = "write a key: value on each line, title: … say"
        problems.append(Problem(code="type", severity=ERROR, file=file, line=1, column=1, message=message, hint=hint))
        data = None
    sink = schema.Sink(file)
    record: Content = schema.record(RECORD[kind], data, sink)
    if not problems or data is not None:
        problems += sink.problems
    return record, [*problems, *_sense(record, sink)], sink.written


def _sense(record: Content, sink: schema.Sink) -> list[Problem]:
    """Check what no single value can get wrong: combinations of fields in one file.

    A value that was already reported as malformed is not reported again as missing.

    """
    problems: list[Problem] = []
    reported = [problem.at for problem in sink.problems]

    def spoilt(at: Path, key: str = "") -> bool:
        """Whether a problem was already reported at this path, or at a key of the mapping there."""
        at = sink.written(at)
        return any(bad == at or (bad[: len(at)] == at and (not key or bad[len(at)] == key)) for bad in reported)

    def tell(at: Path, code: str, message: str, hint: str = "") -> None:
        place = sink.written(at)
        problems.append(Problem(code=code, severity=ERROR, file=sink.file, at=place, message=message, hint=hint))

    if isinstance(record, Article):
        for path, link in _links(record):
            present = [name for name in ("id", "article", "document", "unnamed") if getattr(link, name) is not None]
            if len(present) != 1 and not (not present and spoilt(path)):
                what = "nothing" if not present else " and ".join(present)
                tell(path, "link", f"a link of a chain holds {what}", "give one of id, article, document, unnamed")
            if link.of is not None and link.unnamed is None:
                tell(path, "link", "‘of’ goes with ‘unnamed’ alone", "use part_of in the actor's own file")
        for group in ("events", "claims"):
            for n, assertion in enumerate(getattr(record, group)):
                identified = assertion.id or spoilt((group, n), "id")
                if not assertion.quote and not (identified and group == "events") and not spoilt((group, n), "quote"):
                    tell((group, n), "missing-key", "this statement has no ‘quote’", "add the words that say so")
                if group == "events" and not identified:
                    tell((group, n), "missing-key", "this event has no ‘id’", "add id: …, or make it a claim")
        for path, quote in _quotes(record):
            if not anchors.normal(quote.exact):
                hint = "copy the words from the text, or delete the quote"
                tell(path, "quote-empty", "a quote is empty", hint)
    if isinstance(record, Event):
        modes = PLOVER.get(record.class_ or "", ())
        if record.mode and record.mode not in modes:
            hint = f"one of: {', '.join(modes)}" if modes else "leave the mode out"
            where = f"the class {record.class_}" if record.class_ else "an event without a class"
            tell(("mode",), "choice", f"{record.mode!r} is not a mode of {where}", hint)
    return problems


def _links(record: Article) -> list[tuple[Path, Link]]:
    """Each link of each attribution chain, with its path."""
    links: list[tuple[Path, Link]] = [(("via", n), link) for n, link in enumerate(record.via)]
    for group in ("events", "claims"):
        for n, assertion in enumerate(getattr(record, group)):
            for key in ("by", "via"):
                links += [((group, n, key, m), link) for m, link in enumerate(getattr(assertion, key))]
    return links


def _quotes(record: Article) -> Iterator[tuple[Path, Quote]]:
    """Each quote with its path."""
    for n, mention in enumerate(record.actors):
        yield from ((("actors", n, "quotes", m), quote) for m, quote in enumerate(mention.quotes))
    for group in ("events", "claims"):
        for n, assertion in enumerate(getattr(record, group)):
            yield from (((group, n, "quote", m), quote) for m, quote in enumerate(assertion.quote))


def _anchored(
    record: Article, ready: Matchable, file: str
) -> tuple[tuple[Anchor, ...], tuple[tuple[str, int], ...], list[Problem]]:
    """Anchors of every quote that the sidecar writes, the annotations that are faulty, and their problems."""
    placed: list[Anchor] = []
    faulty: list[tuple[str, int]] = []
    problems: list[Problem] = []

    def tell(fault: AnchorFault, at: Path) -> None:
        if anchors.normal(fault.exact):  # an empty quote was already reported
            problems.append(_quote_problem(fault, file, at))

    def fail(group: str, n: int, at: Path, fault: AnchorFault) -> None:
        faulty.append((group[:-1], n + 1))
        tell(fault, at)

    for n, mention in enumerate(record.actors):
        spans, faults = _mention(ready, mention)
        placed += [Anchor("actor", n + 1, k + 1, *span) for k, span in enumerate(spans)]
        for m, fault in faults:
            tell(fault, ("actors", n, "quotes", m))
    groups: tuple[tuple[str, tuple[Assertion, ...]], ...] = (("events", record.events), ("claims", record.claims))
    for group, assertions in groups:
        for n, assertion in enumerate(assertions):
            spans, trouble = _pieces(ready, assertion.quote)
            if trouble:
                m, fault = trouble
                fail(group, n, (group, n, "quote", m), fault)
                continue
            placed += [Anchor(group[:-1], n + 1, k + 1, *span) for k, span in enumerate(spans)]  # type: ignore[arg-type]
            if isinstance(assertion, ClaimAssertion) and not assertion.quote:
                faulty.append(("claim", n + 1))
    return tuple(placed), tuple(faulty), problems


def _mention(ready: Matchable, mention: Mention) -> tuple[list[Span], list[tuple[int, AnchorFault]]]:
    """Anchors of a mention's quotes: a plain string means each whole-word occurrence, longest first; a narrowed quote
    one place."""
    faults: list[tuple[int, AnchorFault]] = []
    spans: set[Span] = set()
    plain = [quote.exact for quote in mention.quotes if quote.bare]
    if plain:
        hits = anchors.whole_words(ready, plain)
        spans.update(span for span, _ in hits)
        words = {anchors.normal(name) for _, name in hits}
        for m, quote in enumerate(mention.quotes):
            wanted = anchors.normal(quote.exact)
            if quote.bare and wanted not in words and not anchors.whole_words(ready, [quote.exact]):
                faults.append((m, AnchorFault("gone", quote.exact, nearest=anchors.nearest(ready, wanted))))
    for m, quote in enumerate(mention.quotes):
        if not quote.bare:
            place = anchors.find(ready, quote)
            if isinstance(place, AnchorFault):
                faults.append((m, place))
            else:
                spans.add(place)
    return sorted(spans), faults


def _pieces(ready: Matchable, quotes: tuple[Quote, ...]) -> tuple[list[Span], tuple[int, AnchorFault] | None]:
    """Anchors of the pieces of one quotation, each after the one before."""
    spans: list[Span] = []
    for m, quote in enumerate(quotes):
        place = anchors.find(ready, quote, spans[-1][1] if spans else 0)
        if isinstance(place, AnchorFault):
            return [], (m, place)
        spans.append(place)
    return spans, None


def _quote_problem(fault: AnchorFault, file: str, at: Path) -> Problem:
    words = fault.exact if len(fault.exact) <= 60 else fault.exact[:57] + "…"
    if fault.kind == "ambiguous":
        message = f"the quote “{words}” stands in {fault.places} places"
        hint = "add a prefix or a suffix: {exact: …, prefix: …}, or occurrence: 2"
        return Problem(code="quote-ambiguous", severity=ERROR, file=file, at=at, message=message, hint=hint)
    if fault.places:
        message = (
            f"the quote “{words}” stands in {fault.places} place{'s' * (fault.places > 1)}, fewer than its occurrence"
        )
        return Problem(code="quote-gone", severity=ERROR, file=file, at=at, message=message, hint="correct occurrence")
    near = fault.nearest if len(fault.nearest) <= 120 else fault.nearest[:117] + "…"
    hint = f"the nearest words are “{near}”" if near else "copy the words from the text"
    message = f"the quote “{words}” is not in the text"
    return Problem(code="quote-gone", severity=ERROR, file=file, at=at, message=message, hint=hint)
