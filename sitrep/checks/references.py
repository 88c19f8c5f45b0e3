"""Ids that lead nowhere, and ids of entries without a file."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks.scope import of_each
from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.periods import FORMS, Every
from sitrep.model.records import KINDS, SINGULAR, Kind
from sitrep.parse import references
from sitrep.parse.schema import nearest
from sitrep.problems import ERROR, INFO, Problem


@of_each
def dangling(corpus: Corpus, entry: Entry) -> Iterator[Problem]:
    """An id that is neither filed nor mentioned in a sidecar."""
    file = next((f for f in entry.files if f.endswith(".yaml")), "")
    for at, raw, kinds in references.of(entry.record) if file else ():
        if kinds == ("topics",):
            continue
        if kinds and corpus.resolve(raw, kinds) is None:
            yield _dangles(corpus, file, at, raw, kinds)
        elif not kinds and corpus.target(raw)[0] is None:
            yield _unlinked(corpus, file, raw, at)
    text = next((f for f in entry.files if f.endswith(".md")), "")
    yield from unlinked(corpus, text, entry.refs)


def unlinked(corpus: Corpus, file: str, refs: tuple[str, ...]) -> Iterator[Problem]:
    """The `[[links]]` of a text that lead nowhere."""
    for raw in refs:
        if corpus.target(raw)[0] is None:
            yield _unlinked(corpus, file, raw)
    yield from _fragments(corpus, file, refs)


def _dangles(corpus: Corpus, file: str, at: tuple[str | int, ...], raw: str, kinds: tuple[Kind, ...]) -> Problem:
    want = " or ".join(SINGULAR[k] for k in kinds)
    id = raw.partition(":")[2] or raw
    near = nearest(id, [i for k in kinds for i in corpus.entries[k]])
    hint = near or f"write content/{kinds[0]}/{id}.yaml, or correct the id"
    return Problem(code="dangling", severity=ERROR, file=file, at=at, message=f"there is no {want} {id!r}", hint=hint)


def _unlinked(corpus: Corpus, file: str, raw: str, at: tuple[str | int, ...] = ()) -> Problem:
    address = raw.partition("#")[0]
    holders = [kind for kind in KINDS if address in corpus.entries[kind]]
    if holders:
        choices = ", ".join(f"[[{SINGULAR[kind]}:{address}]]" for kind in holders)
        message, hint = f"[[{raw}]] may mean several things", f"write {choices}"
        return Problem(code="ambiguous-link", severity=ERROR, file=file, at=at, message=message, hint=hint)
    prefix, colon, rest = address.partition(":")
    words = rest if colon else prefix
    near = nearest(words, [id for kind in KINDS for id in corpus.entries[kind]])
    message = f"[[{raw}]] leads nowhere"
    return Problem(code="dangling", severity=ERROR, file=file, at=at, message=message, hint=near or "correct the id")


def _fragments(corpus: Corpus, file: str, refs: tuple[str, ...]) -> Iterator[Problem]:
    """`[[article:x#claim-9]]` where the article has no ninth claim."""
    for raw in refs:
        key, fragment = corpus.target(raw)
        if key and fragment:
            entry = corpus.entries[key[0]][key[1]]
            known = [anchor.fragment for anchor in entry.anchors]
            if fragment not in known:
                message = f"[[{raw}]]: there is no annotation {fragment!r} there"
                hint = nearest(fragment, known) or "articles have #claim-N, #event-N and #actor-N"
                yield Problem(code="dangling", severity=ERROR, file=file, message=message, hint=hint)


def only_mentioned(corpus: Corpus) -> Iterator[Problem]:
    """Entries that have a page because a sidecar mentions them, and no file that says what they are."""
    for kind in KINDS:
        for entry in corpus.entries[kind].values():
            if not entry.files:
                yield Problem(
                    code="only-mentioned",
                    severity=INFO,
                    file="",
                    message=f"the {SINGULAR[kind]} {entry.id!r} is mentioned, but has no file",
                    hint=f"run: sitrep new {SINGULAR[kind]} {entry.id}",
                )


def former_ids(corpus: Corpus) -> Iterator[Problem]:
    """An old id that another entry has, or that two entries claim: one address cannot lead to two pages."""
    claimed: dict[tuple[Kind, str], str] = {}
    for kind in KINDS:
        folded = {id.casefold(): id for id in corpus.entries[kind]}
        for entry in corpus.entries[kind].values():
            for n, old in enumerate(entry.record.formerly):
                other = claimed.setdefault((kind, old.casefold()), entry.id)
                taken = folded.get(old.casefold()) or (other if other != entry.id else "")
                if taken:
                    yield Problem(
                        code="former-id",
                        severity=ERROR,
                        file=entry.files[0],
                        at=("formerly", n),
                        message=f"the old id {old!r} is in use: {taken!r} has that address",
                        hint="delete it from ‘formerly’",
                    )


def period_ids(corpus: Corpus, every: Every | None) -> Iterator[Problem]:
    """Briefs with the address of an automatic summary, now or of a coming period, by their ids or old ids."""
    if every is None:
        return
    for entry in corpus.entries["briefs"].values():
        for at, id in ((), entry.id), *((("formerly", n), old) for n, old in enumerate(entry.record.formerly)):
            if FORMS[every].fullmatch(id.casefold()):
                yield Problem(
                    code="period-id",
                    severity=ERROR,
                    file=entry.files[0],
                    at=at,
                    message=f"the id {id!r} is that of a {every}, which has an automatic summary",
                    hint="rename the brief; its own id wins until then, and that period has no automatic summary",
                )


def twins(corpus: Corpus) -> Iterator[Problem]:
    """Ids of one kind that differ in case alone, at least one of them only mentioned: both would be one page."""
    for kind in KINDS:
        ids: dict[str, list[str]] = {}
        for id in corpus.entries[kind]:
            ids.setdefault(id.casefold(), []).append(id)
        alike = {id: group for group in ids.values() if len(group) > 1 for id in group}
        if alike:
            yield from _twins(corpus, kind, alike)


def _twins(corpus: Corpus, kind: Kind, alike: dict[str, list[str]]) -> Iterator[Problem]:
    reported: set[str] = set()
    for entry, article in corpus.articles:
        for at, raw, kinds in references.of(article):
            id = raw.rpartition(":")[2]
            if kind in kinds and id in alike and id not in reported and not corpus.entries[kind][id].files:
                reported.add(id)
                others = " and ".join(repr(other) for other in alike[id] if other != id)
                yield Problem(
                    code="twin-ids",
                    severity=ERROR,
                    file=entry.files[0],
                    at=at,
                    message=f"the {SINGULAR[kind]} {id!r} differs from {others} in case alone: both claim one page",
                    hint="write both alike",
                )
