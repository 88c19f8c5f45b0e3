"""Repair: sidecars brought up to date with their texts, as far as the record of `at:` tells what was meant.

Two steps. First the quotes: ambiguous ones are narrowed to the recorded place, altered ones take the words that stand
there now, with a comment that says what they were. Then, once every quote is found, the record itself: `at:` and
`text_sha256`, which belong together. Nothing is re-anchored silently: what is proposed is a diff for a person to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, cast

import msgspec

from sitrep.anchoring import names
from sitrep.anchoring import quotes as anchors
from sitrep.anchoring.drift import Drift, drifts, narrowed
from sitrep.anchoring.quotes import Matchable
from sitrep.build.load import load_entries
from sitrep.edit.changeset import FileChange
from sitrep.edit.yaml_edit import CannotEdit, Draft, quoted, rewritten
from sitrep.model.entries import Entry
from sitrep.model.records import Article, Quote
from sitrep.parallel.pool import Each
from sitrep.parse import entry as items
from sitrep.parse import yaml
from sitrep.parse.schema import nearest
from sitrep.parse.text import decode
from sitrep.problems import ERROR, INFO, WARNING, Problem, Severity, Unusable
from sitrep.project import Project, scan


class Repair(NamedTuple):
    """What is proposed for one sidecar, and what is to be said about it. Problems carry their lines."""

    change: FileChange | None
    told: list[Problem]

    @property
    def needs_person(self) -> bool:
        return any(problem.severity != INFO for problem in self.told)


def repairs(project: Project, each: Each, wanted: Sequence[str] = ()) -> list[Repair]:
    """Proposals for these articles, or for all. Raises Unusable for an id that is no article's."""
    tasks = scan(project).tasks
    articles = {task.id: task for task in tasks if task.kind == "articles"}
    for id in wanted:
        if id not in articles:
            near = nearest(id, articles)
            raise Unusable(f"there is no article {id!r}" + (f": {near}" if near else ""))
    chosen = [task for task in tasks if task.kind != "articles" or task.id in wanted or not wanted]
    entries = load_entries(project, chosen, each)
    table = names.table(entries)
    made = []
    for entry in entries:
        if entry.kind == "articles" and len(entry.files) == 2:
            sidecar, text = ((project.root / articles[entry.id].yaml), (project.root / articles[entry.id].md))
            try:
                made.append(repaired(entry, sidecar.read_bytes(), text.read_bytes(), table))
            except OSError as error:
                made.append(Repair(None, [_problem(entry, ERROR, "unreadable", f"cannot be read: {error.strerror}")]))
        elif entry.kind == "articles" and entry.id in wanted:
            what = "has no sidecar" if articles[entry.id].md else "has no text"
            made.append(Repair(None, [_problem(entry, ERROR, "incomplete", f"{what}: there is nothing to repair")]))
    return [repair for repair in made if repair.change or repair.told]


def repaired(entry: Entry, sidecar: bytes, text: bytes, table: names.Names) -> Repair:
    """The proposal for one article, from its entry and the bytes of its two files. A pure function."""
    source, _ = decode(sidecar, "")
    body, _ = decode(text, "")
    if not entry.sound or source is None or body is None:
        message = "this article cannot be read whole, and is left as it is"
        return Repair(None, [_problem(entry, ERROR, "unreadable", message, "run sitrep check, and correct it first")])

    def reread(data: bytes) -> Entry:
        return items.read("articles", entry.id, data, text, entry.files, table)[0]

    found = drifts(entry)
    told = [problem for drift in found if (problem := _told(entry, drift))]
    try:
        new = _with_quotes(entry, found, sidecar, source)
        after = reread(new)
        if after.sound and not any(_open(drift) for drift in drifts(after)):
            new = _with_record(after, new, hashlib.sha256(body.encode()).hexdigest())
            final = reread(new)
            if final.anchors != after.anchors or any(_open(d) or d.state == "moved" for d in drifts(final)):
                raise CannotEdit("the repaired sidecar would not read as meant")
        elif not after.sound or {d for d in drifts(after) if _open(d)} - {d for d in found if _open(d)}:
            raise CannotEdit("the repaired sidecar would not read as meant")
    except CannotEdit as error:
        message = f"{error}: nothing is proposed"
        told.append(_problem(entry, ERROR, "unreadable", message, "change it by hand"))
        new = sidecar
    file = next(f for f in entry.files if f.endswith(".yaml"))
    where = yaml.places(source)
    told = [yaml.with_line(problem, where) for problem in told]
    return Repair(FileChange(file, sidecar, file, new) if new != sidecar else None, told)


def _open(drift: Drift) -> bool:
    """Whether this is still not found where one can say it stands."""
    if drift.quote is None:
        return drift.state == "gone" and bool(drift.recorded)
    return drift.state in ("altered", "gone", "ambiguous")


def _told(entry: Entry, drift: Drift) -> Problem | None:
    """What a person should know of a drift."""
    article = cast(Article, entry.record)
    if drift.quote is None:
        if not _open(drift):
            return None
        message = f"no name of {article.actors[drift.n].id} stands in the text any more"
        return _problem(entry, ERROR, "name-not-in-text", message, "add quotes:, or delete the mention", drift)
    quote = _quote(article, drift)
    words = _short(quote.exact)
    if drift.state == "ambiguous" and not drift.now:
        message = f"the quote “{words}” stands in {drift.places} places, and nothing records which is meant"
        return _problem(entry, ERROR, "quote-ambiguous", message, "add a prefix, a suffix or an occurrence", drift)
    if drift.state == "gone":
        near = anchors.nearest(Matchable(entry.prose.text), anchors.normal(quote.exact))
        hint = f"the nearest words are “{_short(near)}”" if near else "copy the words from the text"
        return _problem(entry, ERROR, "quote-gone", f"the quote “{words}” is not in the text", hint, drift)
    if drift.state == "altered":
        present = _short(_words(entry, drift))
        if anchors.normal(quote.exact) == anchors.normal(present):
            message = f"the words around the quote “{words}” have changed"
        else:
            message = f"the quote “{words}” now reads “{present}”"
        return _problem(entry, WARNING, "anchor-altered", message, "proposed; confirm that it still says so", drift)
    if drift.state == "moved" and quote.occurrence is not None and not (quote.prefix or quote.suffix):
        message = f"the quote “{words}” moved, and is told from its like by occurrence {quote.occurrence} alone"
        return _problem(entry, INFO, "anchor-moved", message, "see that it is still the one meant", drift)
    return None


def _short(words: str) -> str:
    return words if len(words) <= 80 else words[:79] + "…"


def _problem(
    entry: Entry, severity: Severity, code: str, message: str, hint: str = "", drift: Drift | None = None
) -> Problem:
    file = next((f for f in entry.files if f.endswith(".yaml")), entry.files[0])
    at = drift.at if drift else ()
    return Problem(code=code, severity=severity, file=file, at=at, message=message, hint=hint)


def _quote(article: Article, drift: Drift) -> Quote:
    assert drift.quote is not None
    if drift.list == "actors":
        return article.actors[drift.n].quotes[drift.quote]
    quotes: tuple[Quote, ...] = getattr(article, drift.list)[drift.n].quote
    return quotes[drift.quote]


def _words(entry: Entry, drift: Drift) -> str:
    """The words that stand now where a quote stood, white space as in a line."""
    start, end = drift.now[0]
    return " ".join(entry.prose.text[start:end].split())


# -- quotes -----------------------------------------------------------------------------------------------------------


def _with_quotes(entry: Entry, found: Sequence[Drift], sidecar: bytes, source: str) -> bytes:
    """The sidecar with ambiguous quotes narrowed and altered ones rewritten, where the record tells what was meant."""
    article = cast(Article, entry.record)
    draft = Draft(source)
    ready = Matchable(entry.prose.text)
    for drift in found:
        if drift.quote is None or not drift.now or drift.state not in ("ambiguous", "altered"):
            continue
        old = _quote(article, drift)
        words = _words(entry, drift) if drift.state == "altered" else old.exact
        if anchors.normal(words) == anchors.normal(old.exact):
            words = old.exact
        new = msgspec.structs.replace(old, exact=words)
        earlier = (d for d in found if (d.list, d.n) == (drift.list, drift.n) and (d.quote or 0) < drift.quote)
        after = max((span[1] for d in earlier for span in d.now), default=0) if drift.list != "actors" else 0
        if not (drift.list == "actors" and old.bare) and anchors.find(ready, new, after) != drift.now[0]:
            new = narrowed(ready, new, drift.now[0])
        _rewrite(draft, drift, old, new)
        if drift.state == "altered":
            draft.remark(draft.place(drift.at), f"repair: was {_former(old, new)}")
    draft.done()
    return rewritten(sidecar, draft.edits)


def _former(old: Quote, new: Quote) -> str:
    if old.exact != new.exact:
        return f"“{' '.join(old.exact.split())}”"
    parts = [f"{key} “{value}”" for key in ("prefix", "suffix") if (value := getattr(old, key))]
    return ", ".join([*parts, *([f"occurrence {old.occurrence}"] if old.occurrence is not None else [])])


def _rewrite(draft: Draft, drift: Drift, old: Quote, new: Quote) -> None:
    place = draft.place(drift.at)
    keys = {key: str(value) for key in ("prefix", "suffix", "occurrence") if (value := getattr(new, key))}
    if isinstance(draft.value(place), str):
        if not keys:
            draft.write(place, new.exact)
        else:
            draft.wrap(place, keys, new.exact if new.exact != old.exact else None)
        return
    if new.exact != old.exact:
        draft.write((*place, "exact"), new.exact)
    for key in ("prefix", "suffix", "occurrence"):
        value = keys.get(key, "")
        if key in draft.value(place):
            draft.write((*place, key), value)
        elif value:
            draft.put(place, key, value if key == "occurrence" else quoted(value), value)


# -- the record -------------------------------------------------------------------------------------------------------


def _with_record(entry: Entry, sidecar: bytes, digest: str) -> bytes:
    """The sidecar with `at:` and `text_sha256` as the text is now."""
    source, _ = decode(sidecar, "")
    article = cast(Article, entry.record)
    draft = Draft(source or "")
    standing: dict[tuple[str, int], list[str]] = {}
    for anchor in sorted(entry.anchors, key=lambda anchor: anchor.k):
        standing.setdefault((anchor.kind, anchor.n), []).append(f"{anchor.start}-{anchor.end}")
    moved = {drift.n for drift in drifts(entry) if drift.list == "actors" and drift.state == "moved"}
    fresh = article.text_sha256 == digest
    if not fresh:
        if "text_sha256" in (draft.data or {}):
            draft.write(("text_sha256",), digest)
        else:
            draft.put((), "text_sha256", digest, digest, after=_above(draft))
    for n, mention in enumerate(article.actors):
        spans = standing.get(("actor", n + 1), [])
        if mention.at and spans and (n in moved or not fresh):
            draft.relist(draft.place(("actors", n)), "at", spans)
    for group in ("events", "claims"):
        for n, assertion in enumerate(getattr(article, group)):
            spans = standing.get((group[:-1], n + 1), [])
            if assertion.quote and spans:
                draft.relist(draft.place((group, n)), "at", spans, after="quote")
    draft.done()
    return rewritten(sidecar, draft.edits)


def _above(draft: Draft) -> str:
    """The key before the lists of annotations, behind which what concerns the whole article goes."""
    keys = list(draft.data or {})
    first = next((n for n, key in enumerate(keys) if key in ("actors", "events", "claims")), len(keys))
    return keys[first - 1] if first else ""
