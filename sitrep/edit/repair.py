"""Repair: updates sidecars after their texts have changed, as far as the recorded places in `at:` allow.

The first step is the quotes: ambiguous ones are narrowed to the recorded place, altered ones get the present words and
a comment with the old ones. The second, once every quote is found, is the record: `at:` and `text_sha256` together.
Nothing is re-anchored silently: the result is a diff for a person to read.
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
from sitrep.edit.yaml_edit import CannotEdit, Draft, apply_to_bytes, quoted
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
    """The proposed change of one sidecar, and the problems that it leaves, with their lines."""

    change: FileChange | None
    problems: list[Problem]

    @property
    def needs_person(self) -> bool:
        return any(problem.severity != INFO for problem in self.problems)


def repairs(project: Project, each: Each, wanted: Sequence[str] = ()) -> list[Repair]:
    """Proposals for these articles, or for all. Raises Unusable if an id is not that of an article."""
    tasks = scan(project).tasks
    articles = {task.id: task for task in tasks if task.kind == "articles"}
    for id in wanted:
        if id not in articles:
            near = nearest(id, articles)
            raise Unusable(f"there is no article {id!r}" + (f": {near}" if near else ""))
    chosen = [task for task in tasks if task.kind != "articles" or task.id in wanted or not wanted]
    entries = load_entries(project, chosen, each)
    table = names.table(entries)
    results = []
    for entry in entries:
        if entry.kind == "articles" and len(entry.files) == 2:
            sidecar, text = ((project.root / articles[entry.id].yaml), (project.root / articles[entry.id].md))
            try:
                results.append(repaired(entry, sidecar.read_bytes(), text.read_bytes(), table))
            except OSError as error:
                results.append(
                    Repair(None, [_problem(entry, ERROR, "unreadable", f"cannot be read: {error.strerror}")])
                )
        elif entry.kind == "articles" and entry.id in wanted:
            lack = "has no sidecar" if articles[entry.id].md else "has no text"
            results.append(Repair(None, [_problem(entry, ERROR, "incomplete", f"{lack}: there is nothing to repair")]))
    return [repair for repair in results if repair.change or repair.problems]


def repaired(entry: Entry, sidecar: bytes, text: bytes, table: names.Names) -> Repair:
    """The proposal for one article, from its entry and the bytes of its two files. Pure."""
    source, _ = decode(sidecar, "")
    body, _ = decode(text, "")
    if not entry.sound or source is None or body is None:
        message = "this article cannot be read completely, and is not changed"
        return Repair(None, [_problem(entry, ERROR, "unreadable", message, "run sitrep check, and correct it first")])

    def reread(data: bytes) -> Entry:
        return items.read("articles", entry.id, data, text, entry.files, table)[0]

    before = drifts(entry)
    problems = [problem for drift in before if (problem := _drift_problem(entry, drift))]
    try:
        new = _with_quotes(entry, before, sidecar, source)
        after = reread(new)
        if after.sound and not any(_is_unresolved(drift) for drift in drifts(after)):
            new = _with_record(after, new, hashlib.sha256(body.encode()).hexdigest())
            final = reread(new)
            if final.anchors != after.anchors or any(_is_unresolved(d) or d.state == "moved" for d in drifts(final)):
                raise CannotEdit("the repaired sidecar would have other data")
        elif not after.sound or {d for d in drifts(after) if _is_unresolved(d)} - {
            d for d in before if _is_unresolved(d)
        }:
            raise CannotEdit("the repaired sidecar would have other data")
    except CannotEdit as error:
        message = f"{error}: nothing is proposed"
        problems.append(_problem(entry, ERROR, "unreadable", message, "change it by hand"))
        new = sidecar
    file = next(f for f in entry.files if f.endswith(".yaml"))
    places = yaml.places(source)
    problems = [yaml.with_line(problem, places) for problem in problems]
    return Repair(FileChange(file, sidecar, file, new) if new != sidecar else None, problems)


def _is_unresolved(drift: Drift) -> bool:
    """Whether the annotation has no certain place in the text."""
    if drift.quote is None:
        return drift.state == "gone" and bool(drift.recorded)
    return drift.state in ("altered", "gone", "ambiguous")


def _drift_problem(entry: Entry, drift: Drift) -> Problem | None:
    """What a person should know about a drift."""
    article = cast(Article, entry.record)
    if drift.quote is None:
        if not _is_unresolved(drift):
            return None
        message = f"the text no longer contains any name of {article.actors[drift.n].id}"
        return _problem(entry, ERROR, "name-not-in-text", message, "add quotes:, or delete the mention", drift)
    quote = _quote(article, drift)
    words = _shortened(quote.exact)
    if drift.state == "ambiguous" and not drift.now:
        message = f"the quote “{words}” stands in {drift.places} places, and nothing records which is meant"
        return _problem(entry, ERROR, "quote-ambiguous", message, "add a prefix, a suffix or an occurrence", drift)
    if drift.state == "gone":
        near = anchors.nearest(Matchable(entry.prose.text), anchors.normal(quote.exact))
        hint = f"the nearest words are “{_shortened(near)}”" if near else "copy the words from the text"
        return _problem(entry, ERROR, "quote-gone", f"the quote “{words}” is not in the text", hint, drift)
    if drift.state == "altered":
        present = _shortened(_words(entry, drift))
        if anchors.normal(quote.exact) == anchors.normal(present):
            message = f"the words around the quote “{words}” have changed"
        else:
            message = f"the quote “{words}” now reads “{present}”"
        return _problem(entry, WARNING, "anchor-altered", message, "proposed; confirm that it still says so", drift)
    if drift.state == "moved" and quote.occurrence is not None and not (quote.prefix or quote.suffix):
        message = f"the quote “{words}” moved, and only its occurrence ({quote.occurrence}) distinguishes it"
        return _problem(entry, INFO, "anchor-moved", message, "make sure that it is still the one meant", drift)
    return None


def _shortened(words: str) -> str:
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
    """The present words at the place of a quote, on one line."""
    start, end = drift.now[0]
    return " ".join(entry.prose.text[start:end].split())


# -- quotes -----------------------------------------------------------------------------------------------------------


def _with_quotes(entry: Entry, all_drifts: Sequence[Drift], sidecar: bytes, source: str) -> bytes:
    """The sidecar with ambiguous quotes narrowed and altered ones replaced, where the recorded place is clear."""
    article = cast(Article, entry.record)
    draft = Draft(source)
    ready = Matchable(entry.prose.text)
    for drift in all_drifts:
        if drift.quote is None or not drift.now or drift.state not in ("ambiguous", "altered"):
            continue
        old = _quote(article, drift)
        words = _words(entry, drift) if drift.state == "altered" else old.exact
        if anchors.normal(words) == anchors.normal(old.exact):
            words = old.exact
        new = msgspec.structs.replace(old, exact=words)
        earlier = (d for d in all_drifts if (d.list, d.n) == (drift.list, drift.n) and (d.quote or 0) < drift.quote)
        start = max((span[1] for d in earlier for span in d.now), default=0) if drift.list != "actors" else 0
        if not (drift.list == "actors" and old.bare) and anchors.find(ready, new, start) != drift.now[0]:
            new = narrowed(ready, new, drift.now[0])
        _rewrite(draft, drift, old, new)
        if drift.state == "altered":
            draft.add_comment(draft.place(drift.at), f"repair: was {_old_form(old, new)}")
    draft.finish()
    return apply_to_bytes(sidecar, draft.edits)


def _old_form(old: Quote, new: Quote) -> str:
    if old.exact != new.exact:
        return f"“{' '.join(old.exact.split())}”"
    parts = [f"{key} “{value}”" for key in ("prefix", "suffix") if (value := getattr(old, key))]
    return ", ".join([*parts, *([f"occurrence {old.occurrence}"] if old.occurrence is not None else [])])


def _rewrite(draft: Draft, drift: Drift, old: Quote, new: Quote) -> None:
    place = draft.place(drift.at)
    keys = {key: str(value) for key in ("prefix", "suffix", "occurrence") if (value := getattr(new, key))}
    if isinstance(draft.value(place), str):
        if not keys:
            draft.set_scalar(place, new.exact)
        else:
            draft.wrap_quote(place, keys, new.exact if new.exact != old.exact else None)
        return
    if new.exact != old.exact:
        draft.set_scalar((*place, "exact"), new.exact)
    for key in ("prefix", "suffix", "occurrence"):
        value = keys.get(key, "")
        if key in draft.value(place):
            draft.set_scalar((*place, key), value)
        elif value:
            draft.add_key(place, key, value if key == "occurrence" else quoted(value), value)


# -- the record -------------------------------------------------------------------------------------------------------


def _with_record(entry: Entry, sidecar: bytes, digest: str) -> bytes:
    """The sidecar with `at:` and `text_sha256` of the present text."""
    source, _ = decode(sidecar, "")
    article = cast(Article, entry.record)
    draft = Draft(source or "")
    spans_of: dict[tuple[str, int], list[str]] = {}
    for anchor in sorted(entry.anchors, key=lambda anchor: anchor.k):
        spans_of.setdefault((anchor.kind, anchor.n), []).append(f"{anchor.start}-{anchor.end}")
    moved = {drift.n for drift in drifts(entry) if drift.list == "actors" and drift.state == "moved"}
    current = article.text_sha256 == digest
    if not current:
        if "text_sha256" in (draft.data or {}):
            draft.set_scalar(("text_sha256",), digest)
        else:
            draft.add_key((), "text_sha256", digest, digest, after=_last_key_above_lists(draft))
    for n, mention in enumerate(article.actors):
        spans = spans_of.get(("actor", n + 1), [])
        if mention.at and spans and (n in moved or not current):
            draft.set_list(draft.place(("actors", n)), "at", spans)
    for group in ("events", "claims"):
        for n, assertion in enumerate(getattr(article, group)):
            spans = spans_of.get((group[:-1], n + 1), [])
            if assertion.quote and spans:
                draft.set_list(draft.place((group, n)), "at", spans, after="quote")
    draft.finish()
    return apply_to_bytes(sidecar, draft.edits)


def _last_key_above_lists(draft: Draft) -> str:
    """The last key before the lists of annotations; keys about the whole article go after it."""
    keys = list(draft.data or {})
    first = next((n for n, key in enumerate(keys) if key in ("actors", "events", "claims")), len(keys))
    return keys[first - 1] if first else ""
