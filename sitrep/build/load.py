"""The second step of a build: files become a corpus. What has not changed since the last build is not read again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

import msgspec

from sitrep.anchoring import names
from sitrep.build.report import Stages
from sitrep.build.scan import scan
from sitrep.build.state import BuildOptions, Content, Session, Snapshot
from sitrep.checks.references import unlinked
from sitrep.corpus.corpus import Corpus, Key
from sitrep.i18n import catalogue
from sitrep.i18n.words import BASE, Words
from sitrep.incremental.cache import Results
from sitrep.incremental.corpus_reuse import corpus_state
from sitrep.incremental.entry_store import EntryStore, StoredEntry
from sitrep.model.entries import Entry, Prose
from sitrep.model.hashing import short
from sitrep.model.records import Kind
from sitrep.parallel.pool import Each
from sitrep.parse import entry as items
from sitrep.parse import markdown
from sitrep.parse.text import decode
from sitrep.problems import ERROR, INFO, Problem
from sitrep.project import ABOUT, CONFIG, Project, SourceFiles, Stamp, unreadable
from sitrep.release.policy import release_facts, withheld
from sitrep.render.theme import Theme

LANGUAGES = "languages"
"""The folder of a theme with the words of each language."""


def load(snapshot: Snapshot, session: Session) -> Content:
    """Read what has changed and link it into a corpus. Raises Damaged where the cache is not as it was written."""
    project, options, last = snapshot.project, snapshot.options, snapshot.last
    words, words_problems = last.words if last else words_of(project)
    theme = last.theme if last else Theme.of(project.themes, words)
    session.results = Results()
    cache = session.cache
    cache.read_results()
    entries = cache.read_entries()
    options.stages.lap("recall")
    session.last = None  # until this build is done
    problems = [*snapshot.files.problems, *words_problems]
    tasks, changed = snapshot.files.tasks, snapshot.changed
    problems += read(project, tasks, options.each, entries, snapshot.began, options.stages, changed)
    if session.persist:
        entries.settle()
    options.stages.lap("read")
    publish = project.config.publish
    reasons = {key: why for key, row in entries.rows.items() if (why := withheld(row.release, publish))}
    previewed = reasons if options.preview else {}
    keys = list(entries.rows)
    everything = corpus_state(cache, entries, keys, cache.everything, previewed, None, changed)
    options.stages.lap("relate")
    about, about_problems = about_of(project, everything.corpus)
    problems += about_problems
    return Content(snapshot, entries, reasons, everything, about, words, words_problems, theme, problems)


def load_entries(project: Project, tasks: Sequence[SourceFiles], each: Each) -> list[Entry]:
    """Every entry, read and typed, its quotes and names anchored; without the problems."""
    entries = EntryStore()
    read(project, tasks, each, entries)
    return [entries.entry(key) for key in entries.rows]


def load_project(project: Project, options: BuildOptions) -> Content:
    """All content of a project, for a command that writes no site."""
    session = Session(project)
    return load(scan(project, options, session), session)


# -- entries ----------------------------------------------------------------------------------------------------------


def read(
    project: Project,
    tasks: Sequence[SourceFiles],
    each: Each,
    entries: EntryStore,
    began: int = 0,
    stages: Stages | None = None,
    changed: frozenset[Key] | None = None,
) -> list[Problem]:
    """Read what is new or changed, and forget what is gone. Returns the problems of all entries.

    Names come first: articles are searched for them. `changed` are the only entries that may have changed, where that
    is known.
    """
    entries.reading()
    stale: dict[bool, list[tuple[SourceFiles, StoredEntry | None]]] = {False: [], True: []}
    for task in tasks:
        key = (task.kind, task.id)
        if changed is not None and key not in changed:
            continue
        row = entries.rows.get(key)
        if row is None or changed is not None or not entries.fresh(row, task):
            stale[task.kind == "articles"].append((task, row))
    table = names.FiledNames(partial(_filed, entries))
    for part in stale.values():
        results = (stages or Stages()).count("read", each(partial(_read, project, table), part), len(part))
        for (task, row), (files, result) in zip(part, results, strict=True):
            if result is None:
                assert row is not None
                entries.restamp((task.kind, task.id), files)
            else:
                entries.put((task.kind, task.id), msgspec.structs.replace(result[0], files=files), result[1])
    if changed is None:
        entries.at = began  # what was not looked at is no surer than it was
        entries.order([(task.kind, task.id) for task in tasks])
    return [problem for row in entries.rows.values() for problem in row.problems]


Files = tuple[tuple[str, Stamp, bytes], ...]
"""Path, stamp and digest of each file of an entry."""


def _filed(entries: EntryStore, kind: Kind, id: str) -> Entry | None:
    return entries.entry((kind, id)) if (kind, id) in entries.rows else None


def _read(
    project: Project, table: names.FiledNames, request: tuple[SourceFiles, StoredEntry | None]
) -> tuple[Files, tuple[StoredEntry, items.Packed] | None]:
    """An entry, packed for the way back from another process; None where its bytes are those of its row."""
    task, row = request
    data: dict[str, bytes | None] = {}
    problems: list[Problem] = []
    files = []
    for file, stamp in zip(task.files, task.stamps, strict=True):
        try:
            data[file] = _bytes(f"{project.root}/{file}")
        except OSError as error:
            problems.append(unreadable(file, error))
        content = data.get(file)
        files.append((file, stamp, b"" if content is None else short(content)))
    if problems:
        empty = items.read(task.kind, task.id, None, None, task.files)[0]
        entry = items.unsound(empty)
    elif row and [(file, digest) for file, _, digest in files] == [(file, digest) for file, _, digest in row.files]:
        return tuple(files), None
    else:
        entry, problems = items.read(task.kind, task.id, data.get(task.yaml), data.get(task.md), task.files, table)
    packed = items.packed(entry)
    new = StoredEntry(
        tuple(files),
        packed.facts_digest,
        packed.body_digest,
        tuple(problems),
        entry.assets,
        release_facts(entry),
        names.places(entry.id, entry.names, entry.anchors) if entry.kind == "articles" else b"",
    )
    return tuple(files), (new, packed)


def _bytes(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        parts = []
        while part := os.read(handle, 1 << 20):
            parts.append(part)
            if len(parts) > 8:  # far over any limit: decoding will say so
                break
        return b"".join(parts)
    finally:
        os.close(handle)


# -- the site's own words ---------------------------------------------------------------------------------------------


def about_of(project: Project, corpus: Corpus) -> tuple[Prose, list[Problem]]:
    """The site's own words about itself: content/about.md, where there is one."""
    path = project.root / ABOUT
    if not os.path.lexists(path):
        return Prose(), []
    if not path.is_file():
        hint = "write the site's own words into a text file of this name, or delete it"
        return Prose(), [Problem(code="unreadable", severity=ERROR, file=ABOUT, message="this is no file", hint=hint)]
    try:
        data = path.read_bytes()
    except OSError as error:
        return Prose(), [unreadable(ABOUT, error)]
    text, problems = decode(data, ABOUT)
    if text is None:
        return Prose(), problems
    prose, rendering = markdown.render(text, ABOUT, links=True)
    return prose or Prose(), [*problems, *rendering, *unlinked(corpus, ABOUT, prose.refs if prose else ())]


def words_of(project: Project) -> tuple[Words, list[Problem]]:
    """The words of the interface in the site's language: each theme's over ours, `de-AT` over `de` over English."""
    problems: list[Problem] = []
    layers: list[catalogue.Layer] = []
    parts = project.config.language.lower().split("-")
    languages = dict.fromkeys([BASE, *("-".join(parts[: n + 1]) for n in range(len(parts)))])
    for language in languages:
        for theme in reversed(project.themes):
            for path in sorted((theme / LANGUAGES).glob("*.yaml")):
                if path.stem.lower() == language:
                    file = f"templates/{LANGUAGES}/{path.name}"
                    try:
                        layers.append(catalogue.Layer(language, file, path.read_bytes()))
                    except OSError as error:
                        problems.append(unreadable(file, error))
    if parts[0] != BASE and all(layer.language == BASE for layer in layers) and not problems:
        message = f"there are no words in {project.config.language}: the interface is in English"
        hint = f"write templates/{LANGUAGES}/{parts[0]}.yaml, see docs/theming.md"
        problems.append(
            Problem(code="no-words", severity=INFO, file=CONFIG, at=("language",), message=message, hint=hint)
        )
    words, faults = catalogue.read(layers)
    return words, problems + faults
