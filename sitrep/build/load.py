"""The second step of a build: what the files say, read anew where they have changed; and where in them a problem is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from sitrep.anchoring import names
from sitrep.build.report import Stages
from sitrep.checks.references import unlinked
from sitrep.corpus.corpus import Corpus, Key
from sitrep.i18n import catalogue
from sitrep.i18n.words import BASE, Words
from sitrep.incremental.entry_store import EntryStore, StoredEntry
from sitrep.model.entries import Entry, Prose
from sitrep.model.hashing import short
from sitrep.model.records import Kind
from sitrep.parallel.pool import Each
from sitrep.parse import entry as items
from sitrep.parse import markdown, yaml
from sitrep.parse.text import decode
from sitrep.problems import ERROR, INFO, Problem, in_order
from sitrep.project import ABOUT, CONFIG, Project, SourceFiles, Stamp, unreadable
from sitrep.release.policy import marking, withheld

LANGUAGES = "languages"
"""The folder of a theme with the words of each language."""


def load(project: Project, tasks: Sequence[SourceFiles], each: Each) -> tuple[list[Entry], list[Problem]]:
    """Every thing, read and typed, its quotes and names anchored."""
    things = EntryStore()
    problems = read(project, tasks, each, things)
    return [things.entry(key) for key in things.rows], problems


def read(
    project: Project,
    tasks: Sequence[SourceFiles],
    each: Each,
    things: EntryStore,
    began: int = 0,
    stages: Stages | None = None,
    heard: frozenset[Key] | None = None,
) -> list[Problem]:
    """Read what is new or changed, and forget what is gone. Returns the problems of all.

    Names come first: articles are searched for them. `heard` are the only things that may have changed, where that is
    known.
    """
    things.reading()
    stale: dict[bool, list[tuple[SourceFiles, StoredEntry | None]]] = {False: [], True: []}
    for task in tasks:
        key = (task.kind, task.id)
        if heard is not None and key not in heard:
            continue
        row = things.rows.get(key)
        if row is None or heard is not None or not things.fresh(row, task):
            stale[task.kind == "articles"].append((task, row))
    table = names.FiledNames(partial(_filed, things))
    for part in stale.values():
        found = (stages or Stages()).count("read", each(partial(_read, project, table), part), len(part))
        for (task, row), (files, made) in zip(part, found, strict=True):
            if made is None:
                assert row is not None
                things.restamp((task.kind, task.id), files)
            else:
                things.put((task.kind, task.id), msgspec.structs.replace(made[0], files=files), made[1])
    if heard is None:
        things.at = began  # what was not looked at is no surer than it was
        things.order([(task.kind, task.id) for task in tasks])
    return [problem for row in things.rows.values() for problem in row.problems]


Files = tuple[tuple[str, Stamp, bytes], ...]


def _filed(things: EntryStore, kind: Kind, id: str) -> Entry | None:
    return things.entry((kind, id)) if (kind, id) in things.rows else None


def _read(
    project: Project, table: names.FiledNames, asked: tuple[SourceFiles, StoredEntry | None]
) -> tuple[Files, tuple[StoredEntry, items.Packed] | None]:
    """A thing read, packed for the way back from another process; None where its bytes are those of its row."""
    task, row = asked
    data: dict[str, bytes | None] = {}
    problems: list[Problem] = []
    files = []
    for file, stamp in zip(task.files, task.stamps, strict=True):
        try:
            data[file] = _bytes(f"{project.root}/{file}")
        except OSError as error:
            problems.append(unreadable(file, error))
        read = data.get(file)
        files.append((file, stamp, b"" if read is None else short(read)))
    if problems:
        empty = items.read(task.kind, task.id, None, None, task.files)[0]
        entry = items.unsound(empty)
    elif row and [(file, digest) for file, _, digest in files] == [(file, digest) for file, _, digest in row.files]:
        return tuple(files), None
    else:
        entry, problems = items.read(task.kind, task.id, data.get(task.yaml), data.get(task.md), task.files, table)
    publish = project.config.publish
    made = items.packed(entry)
    new = StoredEntry(
        tuple(files),
        made.facts_digest,
        made.body_digest,
        tuple(problems),
        entry.assets,
        withheld(entry, publish),
        marking(entry, publish) or "",
        names.places(entry.id, entry.names, entry.anchors) if entry.kind == "articles" else b"",
    )
    return tuple(files), (new, made)


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
    prose, found = markdown.render(text, ABOUT, links=True)
    return prose or Prose(), [*problems, *found, *unlinked(corpus, ABOUT, prose.refs if prose else ())]


def words_of(project: Project) -> tuple[Words, list[Problem]]:
    """The words of the interface in the site's language: each theme's over ours, `de-AT` over `de` over English."""
    problems: list[Problem] = []
    layers: list[catalogue.Layer] = []
    parts = project.config.language.lower().split("-")
    wanted = dict.fromkeys([BASE, *("-".join(parts[: n + 1]) for n in range(len(parts)))])
    for language in wanted:
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
    words, found = catalogue.read(layers)
    return words, problems + found


# -- where problems are ------------------------------------------------------------------------------------------------


def located(
    project: Project,
    problems: Iterable[Problem],
    things: EntryStore,
    each: Each,
    former: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[list[Problem], dict[str, tuple[int, int]]]:
    """In order, with the line and column of each place in the data looked up in its file; and what was looked up.

    A place is known by its file's digest, so that what a former build looked up need not be again.
    """
    told = list(problems)
    digests = {file: digest for row in things.rows.values() for file, _, digest in row.files}
    lines: dict[str, tuple[int, int]] = {}
    due: dict[str, list[tuple[int, str]]] = {}

    def tell(n: int, name: str, place: tuple[int, int]) -> None:
        lines[name] = place
        told[n] = msgspec.structs.replace(told[n], line=place[0], column=place[1])

    for n, problem in enumerate(told):
        if problem.at and not problem.line and problem.file:
            name = _place(problem, digests)
            if former and (found := former.get(name)):
                tell(n, name, found)
            else:
                due.setdefault(problem.file, []).append((n, name))
    asked = [[told[n] for n, _ in wanted] for wanted in due.values()]
    for wanted, places in zip(due.values(), each(partial(_looked_up, project.root), asked), strict=True):
        for (n, name), place in zip(wanted, places, strict=True):
            tell(n, name, place)
    kept = {name: found for name, found in lines.items() if not name.startswith(" ")}
    return in_order(told), kept


def _place(problem: Problem, digests: Mapping[str, bytes]) -> str:
    """A name for a place in the data of a file as it is; it begins with a blank where that is not known."""
    return f"{digests.get(problem.file, b'').hex()} {problem.file} {problem.at!r} {problem.on_key}"


def _looked_up(root: Path, problems: list[Problem]) -> list[tuple[int, int]]:
    """Where the problems of one file stand."""
    file = problems[0].file
    try:
        text = decode((root / file).read_bytes(), file)[0]
    except OSError:
        text = None
    found = yaml.places(text, [problem.at for problem in problems]) if text else {}
    return [yaml.located(problem, found) for problem in problems]
