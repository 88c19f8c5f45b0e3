"""Turn content/ into site/. The only way a site is ever made."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from sitrep import fulltext, history, urls
from sitrep.cache import (
    RACY,
    Cache,
    Damaged,
    Former,
    Found,
    Head,
    Made,
    Moved,
    Pieces,
    Results,
    Row,
    Things,
    carried,
    digested,
    moved,
    stamped,
    traced,
    usable,
)
from sitrep.charts import cover
from sitrep.checks.every import findings, units
from sitrep.checks.references import period_ids, unlinked
from sitrep.corpus import Corpus, Key, Marks
from sitrep.export.formats import outputs as exports
from sitrep.export.holding import Holding, latest
from sitrep.guard import Guard, consequences, watch
from sitrep.history import Digest
from sitrep.outputs import Output
from sitrep.pages import searched
from sitrep.pages.desk import Desk, Handling
from sitrep.pages.plan import plan
from sitrep.pages.searched import Searched
from sitrep.parallel import Each
from sitrep.problems import ERROR, Problem, in_order
from sitrep.project import ABSENT, CONFIG, Project, Scan, Stamp, Task, Unusable, scan, unreadable
from sitrep.read import items, markdown, names, yaml
from sitrep.read.config import Config
from sitrep.read.text import decode
from sitrep.records import KINDS, SINGULAR, Article, Date, Entry, Kind, Marking, Prose
from sitrep.release import as_known, marking, withheld
from sitrep.render import Renderer, TemplateFault, Theme
from sitrep.views import Link, Site
from sitrep.write import PREVIEW, Folder, digest, locked
from sitrep.write import usable as usable_folder

STRICTEST: tuple[Marking, ...] = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
NAV: tuple[Kind, ...] = ("briefs", "articles", "claims", "events", "actors", "sources", "topics")
ALONE = ("timeline", "network", "map", "method", "about")
"""Pages of no kind, in the menu after those of a kind."""
ABOUT = "content/about.md"
T = TypeVar("T")
REASONS = 5
"""Changes that are named for a page that was made again."""


class Report(NamedTuple):
    """What a build did: problems in order, paths on the site, and what was kept back and why."""

    problems: list[Problem]
    withheld: dict[Key, str]
    pages: int = 0
    written: int = 0
    deleted: int = 0
    output: Path | None = None
    """None when nothing was written."""
    files: tuple[tuple[str, str], ...] = ()
    """Each withheld file, and why; and each that was not read for its name alone."""
    left: tuple[Kind, ...] = ()
    """The kinds of the files that were not read for their names alone, one for each."""
    made: Mapping[str, str] = {}
    """Each file of the site, and its digest."""
    note: str = ""
    """What else is worth saying."""
    behind: bool = False
    """Whether the search index is that of a former build."""


class Stages:
    """The stages of a build: how long each took, in seconds. Who wants to show progress makes one that does."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """A stage has ended."""
        now = time.perf_counter()
        self.took[stage] = self.took.get(stage, 0.0) + now - self._since
        self._since = now

    def count(self, stage: str, made: Iterable[T], total: int) -> Iterable[T]:
        """What a stage makes, as it is made, of how many."""
        return made


def build(
    project: Project,
    output: Path,
    each: Each,
    *,
    preview: bool = False,
    as_of: Date | None = None,
    cache: Cache | None = None,
    stages: Stages | None = None,
    replaced: Path | None = None,
    leave: Callable[[], bool] = lambda: False,
) -> Report:
    """Build the site, or a preview of everything, as all there is or as it was known on a day.

    Everything is made anew but what the cache holds the result of, where all that it was made of is the same. A cache
    that is given stays in memory and is not written. `replaced` is a folder for the files that this build replaces or
    deletes, each under its digest. `leave` is asked, once the site is made, whether to leave its search index to a
    later build. Raises Unusable when the build cannot begin; the former site then stands.
    """
    stages = stages or Stages()
    with locked(project), _untroubled():
        folder = Folder(usable_folder(project, output, preview), preview, replaced)
        kept = cache or Cache(project, folder.path)
        finder = fulltext.program() if project.config.search else ""
        options: dict[str, Any] = {"finder": finder, "leave": leave, "lasting": cache is None}
        make = partial(_build, project, folder, each, preview, as_of, kept, stages, **options)
        missing = not finder and project.config.search and fulltext.PROGRAM not in os.environ
        notes = [fulltext.MISSING] if missing else []
        try:
            report = make()
        except (Damaged, msgspec.MsgspecError):
            kept.forget()
            report = make()
            notes.append("the cache was damaged: everything was made anew")
        return report._replace(note="\n".join(notes))


def _build(
    project: Project,
    folder: Folder,
    each: Each,
    preview: bool,
    as_of: Date | None,
    cache: Cache,
    stages: Stages,
    *,
    finder: str,
    leave: Callable[[], bool],
    lasting: bool,
) -> Report:
    if project.config.covers and (lacking := cover.lacking()):
        raise Unusable(f"covers in {CONFIG} needs {' and '.join(lacking)}: pip install 'sitrep-site[covers]'")
    began = time.time_ns()
    config = msgspec.structs.replace(project.config, search=bool(finder))
    there = scan(project)
    tasks, problems = there.tasks, list(there.problems)
    theme = Theme.of(project.themes)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    finding = fulltext.version(finder) if finder else ""
    given = digested(config, finding, theme.digest, preview, as_of.text if as_of else "", epoch)
    sources = digested(stamped(tasks, _others(project)), there.problems, there.left)
    stages.lap("scan")
    if same := _unchanged(cache, given, sources, folder, tasks):
        stages.lap("compare")
        return same
    former = cache.read_results()
    things = cache.read_things()
    stages.lap("recall")
    problems += read(project, tasks, each, things, began, stages)
    stages.lap("read")
    held = {key: row.held for key, row in things.rows.items() if row.held}
    everything = _corpus(cache, things, list(things.rows), cache.everything, held if preview else {})
    stages.lap("relate")
    checks = _checked(everything, each, former.checks, stages)
    problems += [problem for found in checks.values() for problem in found.problems]
    problems += period_ids(everything.corpus, project.config.briefs.every)
    stages.lap("check")
    about, found = _about(project, everything.corpus)
    problems += found
    shown = everything
    keys = [key for key in things.rows if preview or key not in held]
    if (held and not preview) or as_of:
        shown = _corpus(cache, things, keys, cache.shown, held if preview else {}, as_of)
    corpus = shown.corpus
    pieces = Pieces(former.pieces, shown.moved, corpus.trace)
    desk = Desk(corpus, config, _handling(things, keys, corpus, preview), pieces)
    exported: tuple[Output, ...] = ()
    if project.config.exports:  # a holding looks at every article
        holding = _holding(project, corpus, desk.handling.marking, preview, as_of, lambda: desk.digests)
        exported = tuple(exports(holding))
    outputs, found = _unique((*plan(desk, about), *exported))
    problems += [] if any(p.code in ("twin-ids", "former-id") for p in problems) else found
    guard = Guard()
    if held and not preview:
        whole = _as_known(things, list(things.rows), as_of) if as_of else everything.corpus
        problems += consequences(whole, corpus, held, project.config.publish)
    if (held or there.left) and not preview:
        guard = watch(project, [things.entry(key) for key in held], there.left, corpus, about, desk.said, each)
    stages.lap("plan")
    images, found = _assets(project, things, corpus, about)
    problems += found
    named = {name: path for name, (path, _) in theme.assets.items()}
    site = msgspec.structs.replace(_site(config, preview, as_of), assets=named)
    fixed = {**dict(theme.assets.values()), **images}
    if preview:
        fixed[PREVIEW] = b"A preview: it shows what the public site withholds. Do not publish it.\n"
    frame = digested(config, site, desk.handling, [needle.text for needle in guard.needles], epoch, cache.code)
    job = Job(folder, guard, Renderer(project.themes, site), corpus, theme, frame)
    report, results = emit(job, outputs, fixed, each, former, shown.moved, stages)
    stages.lap("make")
    if report.output and finder:
        pages = searched.searched(desk, outputs)
        mark = f"{finding} {cache.code.hex()}"
        report, found = indexed(job, finder, mark, pages, report, results, former, leave)
        problems += found
        stages.lap("index")
    problems, lines = located(project, [*problems, *report.problems], things, each, former.lines)
    report = report._replace(problems=problems, withheld=held, **_listed(things, held, there))
    if report.output:
        results.checks, results.lines, results.pieces = checks, lines, pieces.held
        cache.results = results
        cache.everything = Former(everything.marks, everything.corpus)
        cache.shown = None if shown is everything else Former(shown.marks, corpus)
        cache.mentioned = {**everything.mentioned, **shown.mentioned}
        written = digested(sorted(results.stamps.items()))
        told = Told(
            problems, [(*key, why) for key, why in held.items()], report.pages, list(report.files), list(report.left)
        )
        cache.head = Head(cache.code, b"" if report.behind else given, sources, written, began, _PACK(told))
        if lasting:
            cache.write()
            stages.lap("keep")
    return report


class Told(msgspec.Struct):
    """What is told of a build that finds nothing to do."""

    problems: list[Problem]
    withheld: list[tuple[Kind, str, str]]
    pages: int
    files: list[tuple[str, str]]
    left: list[Kind]


_PACK = msgspec.msgpack.Encoder().encode


def _unchanged(cache: Cache, given: bytes, sources: bytes, folder: Folder, tasks: Sequence[Task]) -> Report | None:
    """The report of a build that has nothing to do: what is read and what was written is as it was."""
    head = cache.read_head()
    if head is None or (head.given, head.sources) != (given, sources) or not folder.owned:
        return None
    if any(stamp.ctime >= head.at - RACY for task in tasks for stamp in task.stamps):
        return None
    if digested(sorted(folder.stamps(folder.owned).items())) != head.outputs:
        return None
    told = msgspec.msgpack.decode(head.told, type=Told)
    withheld = {(kind, id): why for kind, id, why in told.withheld}
    return Report(
        told.problems, withheld, told.pages, 0, 0, folder.path, tuple(told.files), tuple(told.left), folder.owned
    )


def _others(project: Project) -> Iterator[tuple[str, Stamp]]:
    """What else a build reads: the configuration, the site's words about itself, images and documents."""
    for path in (project.root / CONFIG, project.root / ABOUT, *sorted((project.content / "assets").rglob("*"))):
        try:
            yield os.fsdecode(path), Stamp.of(path.stat())
        except OSError:
            yield os.fsdecode(path), ABSENT


def inspect(project: Project, each: Each) -> Report:
    """The problems alone; nothing is written."""
    with _untroubled():
        there = scan(project)
        things = Things()
        problems = [*there.problems, *read(project, there.tasks, each, things)]
        corpus = Corpus.of(map(things.entry, things.rows))
        checks = _checked(Known(corpus, {}, None, {}), each, {}, Stages())
        about, told = _about(project, corpus)
        problems += [*(problem for found in checks.values() for problem in found.problems), *told]
        problems += period_ids(corpus, project.config.briefs.every)
        problems += _assets(project, things, corpus, about)[1]
        if held := {key: row.held for key, row in things.rows.items() if row.held}:
            released = Corpus.of(things.entry(key) for key in things.rows if key not in held)
            problems += consequences(corpus, released, held, project.config.publish)
        return Report(located(project, problems, things, each)[0], held, **_listed(things, held, there))


# -- read -------------------------------------------------------------------------------------------------------------


def load(project: Project, tasks: Sequence[Task], each: Each) -> tuple[list[Entry], list[Problem]]:
    """Every thing, read and typed, its quotes and names anchored."""
    things = Things()
    problems = read(project, tasks, each, things)
    return [things.entry(key) for key in things.rows], problems


def read(
    project: Project, tasks: Sequence[Task], each: Each, things: Things, began: int = 0, stages: Stages | None = None
) -> list[Problem]:
    """Read what is new or changed, and forget what is gone. Returns the problems of all.

    Names come first: articles are searched for them.
    """
    stale: dict[bool, list[tuple[Task, Row | None]]] = {False: [], True: []}
    for task in tasks:
        row = things.rows.get((task.kind, task.id))
        if row is None or not things.fresh(row, task):
            stale[task.kind == "articles"].append((task, row))
    table = _Names(things)
    for part in stale.values():
        found = (stages or Stages()).count("read", each(partial(_read, project, table), part), len(part))
        for (task, row), (files, made) in zip(part, found, strict=True):
            if made is None:
                assert row is not None
                things.restamp((task.kind, task.id), files)
            else:
                things.put((task.kind, task.id), msgspec.structs.replace(made[0], files=files), made[1])
    things.at = began
    things.order([(task.kind, task.id) for task in tasks])
    return [problem for row in things.rows.values() for problem in row.problems]


class _Names(dict[str, tuple[str, ...]]):
    """`actors/ID` or `sources/ID` → the name and aliases of that file, looked up when they are asked for."""

    def __init__(self, things: Things) -> None:
        super().__init__()
        self._things = things

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            kind, _, id = name.partition("/")
            key: Key = (kind, id)  # type: ignore[assignment]
            found = names.table([self._things.entry(key)]) if key in self._things.rows else {}
            self[name] = found.get(name, ())
        return self[name] or default


Files = tuple[tuple[str, Stamp, bytes], ...]


def _read(
    project: Project, table: _Names, asked: tuple[Task, Row | None]
) -> tuple[Files, tuple[Row, items.Packed] | None]:
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
        files.append((file, stamp, b"" if read is None else items.short(read)))
    if problems:
        empty = items.read(task.kind, task.id, None, None, task.files)[0]
        entry = items.unsound(empty)
    elif row and [(file, digest) for file, _, digest in files] == [(file, digest) for file, _, digest in row.files]:
        return tuple(files), None
    else:
        entry, problems = items.read(task.kind, task.id, data.get(task.yaml), data.get(task.md), task.files, table)
    publish = project.config.publish
    made = items.packed(entry)
    new = Row(
        tuple(files),
        made.facts_digest,
        made.body_digest,
        tuple(problems),
        entry.assets,
        withheld(entry, publish),
        marking(entry, publish) or "",
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


def _about(project: Project, corpus: Corpus) -> tuple[Prose, list[Problem]]:
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


# -- relate -----------------------------------------------------------------------------------------------------------


class Known(NamedTuple):
    """A corpus, what marks it, and what changed since the one that former results belong to (None: there is none)."""

    corpus: Corpus
    marks: Marks
    moved: Moved | None
    mentioned: dict[bytes, bytes]
    """The facts of things without a file, by their digest."""


def _corpus(
    cache: Cache,
    things: Things,
    keys: list[Key],
    former: Former | None,
    previewed: Mapping[Key, str],
    as_of: Date | None = None,
) -> Known:
    """The corpus of these things: the former one where no facts have changed, since all is derived from those."""
    former = former or cache.everything
    notes = {f"{kind}/{id}": why for (kind, id), why in previewed.items()}
    if former and not as_of and _same(cache, things, keys, former.marks):
        corpus = former.corpus or Corpus.restored(former.marks, cache.fetch)
        marks = dict(former.marks)
        other = [key for key in keys if marks[f"{key[0]}/"][key[1]][1][:16] != things.rows[key].body]
        if other:
            corpus = corpus.with_bodies(things.entry(key) for key in other)
            for kind in {kind for kind, _ in other}:
                marks[f"{kind}/"] = dict(marks[f"{kind}/"])
            for kind, id in other:
                facts, body = marks[f"{kind}/"][id]
                marks[f"{kind}/"][id] = (facts, things.rows[kind, id].body + body[16:])
        if notes != marks.get("withheld", {}):
            marks["withheld"] = notes
            corpus = corpus.previewed(previewed)
    else:
        corpus = _as_known(things, keys, as_of) if as_of else Corpus.of(things.entry(key) for key in keys)
        corpus = corpus.previewed(previewed) if previewed else corpus
        return Known(
            corpus, marks := corpus.marks(), moved(former.marks, marks) if former else None, _mentioned(corpus)
        )
    return Known(corpus, marks, moved(former.marks, marks), cache.mentioned)


def _same(cache: Cache, things: Things, keys: list[Key], marks: Marks) -> bool:
    """Whether the facts of these things are those of a former corpus."""
    for kind, id in keys:
        mark = marks[f"{kind}/"].get(id)
        if mark is None or mark[0] != things.rows[kind, id].facts:
            return False
    filed = sum(mark[0] not in cache.mentioned for kind in KINDS for mark in marks[f"{kind}/"].values())
    return filed == len(keys)


def _as_known(things: Things, keys: list[Key], on: Date) -> Corpus:
    return Corpus.of(as_known([things.entry(key) for key in keys], on))


def _mentioned(corpus: Corpus) -> dict[bytes, bytes]:
    """The facts of things that are only mentioned, by their digest."""
    found = {}
    for kind in KINDS:
        for entry in (e for e in corpus.entries[kind].values() if not e.files):
            made = items.packed(entry)
            found[made.facts_digest] = made.facts
    return found


# -- check ------------------------------------------------------------------------------------------------------------


def _checked(known: Known, each: Each, former: Mapping[str, Found], stages: Stages) -> dict[str, Found]:
    """What the checks find, unit by unit: those of the whole corpus, and those of each thing."""
    found: dict[str, Found] = {}
    due: list[str] = []
    for unit in units(known.corpus):
        was = former.get(unit)
        if was and known.moved and usable(was, b"", known.moved):
            found[unit] = carried(was, known.moved)
        else:
            found[unit] = _NOTHING
            due.append(unit)
    told = stages.count("check", each(partial(_found, known.corpus), due), len(due))
    for unit, made in zip(due, told, strict=True):
        found[unit] = Found(b"", made[0], made[1])
    return found


_NOTHING = Found(b"", b"", ())


def _found(corpus: Corpus, unit: str) -> tuple[bytes, tuple[Problem, ...]]:
    problems, seen = corpus.trace.of(lambda: tuple(findings(corpus, unit)))
    return traced(seen), problems


# -- release ----------------------------------------------------------------------------------------------------------


def _listed(things: Things, held: dict[Key, str], there: Scan) -> dict[str, Any]:
    """What a report says of files that did not leave."""
    files = [(file, why) for key, why in held.items() for file, _, _ in things.rows[key].files]
    files += [(left.file, left.why) for left in there.left]
    return {"files": tuple(files), "left": tuple(left.kind for left in there.left)}


def summary(held: dict[Key, str]) -> str:
    """What was left out, in one line."""
    if not held:
        return ""
    counts = Counter(f"{SINGULAR[kind]} {why}" for (kind, _), why in held.items())
    parts = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    return f"withheld {len(held)}: {parts}"


def unread(left: Iterable[Kind]) -> str:
    """How many files were not read for their names alone, in one line."""
    counts = Counter(SINGULAR[kind] for kind in left)
    parts = ", ".join(f"{n} {what} file{'s' * (n > 1)}" for what, n in sorted(counts.items()))
    return f"not read for their names: {parts}" if parts else ""


def hold(
    project: Project, each: Each, *, preview: bool = False, as_of: Date | None = None
) -> tuple[Holding, Guard, list[Problem]]:
    """What an export may draw on, the guard that watches it, and the problems of what was read."""
    with _untroubled():
        there = scan(project)
        things = Things()
        problems = [*there.problems, *read(project, there.tasks, each, things)]
        held = {} if preview else {key: row.held for key, row in things.rows.items() if row.held}
        keys = [key for key in things.rows if key not in held]
        corpus = _as_of(things, keys, as_of)
        everything = _as_of(things, list(things.rows), as_of) if held else corpus
        about, told = _about(project, everything)
        problems += told
        guard = Guard()
        if held:
            problems += consequences(everything, corpus, held, project.config.publish)
        if (held or there.left) and not preview:
            made_up = history.made_up(history.published(corpus, project.config.briefs.every))
            guard = watch(project, [things.entry(key) for key in held], there.left, corpus, about, made_up, each)
        marking = _handling(things, keys, corpus, preview).marking
        return _holding(project, corpus, marking, preview, as_of), guard, located(project, problems, things, each)[0]


def _as_of(things: Things, keys: list[Key], on: Date | None) -> Corpus:
    return _as_known(things, keys, on) if on else Corpus.of(things.entry(key) for key in keys)


def _holding(
    project: Project,
    corpus: Corpus,
    marking: str,
    preview: bool,
    as_of: Date | None,
    digests: Callable[[], list[Digest]] | None = None,
) -> Holding:
    now = as_of.latest if as_of else _epoch() or latest(corpus)
    strictest = cast(Marking, marking)
    return Holding(corpus, project.config, strictest=strictest, preview=preview, now=now, digests=digests)


def _epoch() -> str:
    """The day of SOURCE_DATE_EPOCH, where it is set."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given.isascii() or not given.isdigit() or len(given) > 11:
        return ""
    return datetime.fromtimestamp(int(given), tz=UTC).date().isoformat()


def _handling(things: Things, keys: Iterable[Key], corpus: Corpus, preview: bool) -> Handling:
    """A page that draws on several files bears the strictest marking any of them may have."""
    markings: set[str] = set()
    for key in keys:
        mark = things.rows[key].marking
        if mark not in markings and (entry := corpus.get(key)) and entry.files:  # not so many are looked at
            markings.add(mark)
    return Handling(max((m for m in STRICTEST if m in markings), key=STRICTEST.index, default="TLP:CLEAR"), preview)


# -- emit -------------------------------------------------------------------------------------------------------------


def _unique(outputs: Iterable[Output]) -> tuple[list[Output], list[Problem]]:
    """Outputs whose paths differ, whatever the file system thinks of case; a second claim is a problem, not written."""
    kept: list[Output] = []
    claimed: dict[str, str] = {}
    problems = []
    for output in outputs:
        taken = [path for path in output.paths if claimed.setdefault(path.casefold(), path) is not path]
        if taken:
            message = f"two things claim the page {taken[0]}"
            problems.append(Problem(code="twin-outputs", severity=ERROR, message=message, hint="rename one of them"))
            continue
        kept.append(output)
    return kept, problems


class Job(NamedTuple):
    """What whoever renders a page needs."""

    folder: Folder
    guard: Guard
    renderer: Renderer
    corpus: Corpus
    theme: Theme
    frame: bytes
    """Digest of what every page depends on."""

    def given(self, output: Output) -> bytes:
        """The digest of what decides what is made of an output, apart from the corpus."""
        return digested(self.frame, self.theme.templates.get(output.template, b""), output.given)


def emit(
    job: Job,
    outputs: list[Output],
    fixed: Mapping[str, bytes],
    each: Each,
    former: Results,
    how: Moved | None,
    stages: Stages,
) -> tuple[Report, Results]:
    """Make every output that is not as it was and put all into place, then delete what is no longer made.

    Where one leaks, do neither. The results hold what was made now and what was kept.
    """
    folder = job.folder
    problems: list[Problem] = []
    results = Results()
    try:
        folder.begin([*(path for output in outputs for path in output.paths), *fixed])
        there = folder.stamps(folder.owned)
        intact = {path for path, stamp in there.items() if former.stamps.get(path) == stamp}
        due: list[tuple[Output, bytes]] = []
        for output in outputs:
            name = output.paths[0]
            given = job.given(output)
            was = former.pages.get(name)
            if was and how and usable(was, given, how) and _holds(folder, intact, was):
                results.pages[name] = carried(was, how)
            else:
                results.why[name] = _why(was, given, how)
                due.append((output, given))
        made = [_kept(folder, job.guard, path, data) for path, data in fixed.items()]
        files = {path: digest for was in results.pages.values() for path, digest in was.files}
        faults: dict[tuple[str, int], Problem] = {}
        told = stages.count("make", each(partial(_emitted, job), due), len(due))
        for (output, given), (rendered, trace, fault) in zip(due, told, strict=True):
            made += rendered
            if fault:
                faults.setdefault((fault.file, fault.line), fault)
            else:
                paths = tuple((file.path, file.digest) for file in rendered)
                results.pages[output.paths[0]] = Made(given, trace, paths)
        problems += faults.values()
        if leaks := {file.path: file.leaks for file in made if file.leaks}:
            folder.abandon()
            return Report([*problems, *job.guard.leaks(leaks)], {}), results
        files |= {file.path: file.digest for file in made}
        parts = {path: digest for path, digest in folder.owned.items() if path.startswith(fulltext.FOLDER)}
        keep = any(output.path == searched.PATH for output in outputs)  # the former index, until there is another
        deleted = folder.finish({**files, **parts} if keep else files, folder.indexed if keep else "")
        files = folder.owned
        changed = [file.path for file in made if file.changed]
        results.stamps = {path: there[path] for path in files.keys() & there.keys()} | folder.stamps(changed)
    except OSError as error:
        where = error.filename or folder.path
        raise Unusable(f"{where} cannot be written: {error.strerror}; what is there is from before") from None
    pages = sum(path.endswith(".html") for path in files)
    return Report(problems, {}, pages, len(changed), len(deleted), folder.path, made=files), results


def indexed(
    job: Job,
    finder: str,
    version: str,
    pages: Iterable[Searched],
    report: Report,
    results: Results,
    former: Results,
    leave: Callable[[], bool],
) -> tuple[Report, list[Problem]]:
    """Make the search index anew where it is not that of these pages, of what is written: that has passed the guard."""
    folder, made = job.folder, dict(report.made)
    found = [page for page in pages if page.path in made]
    mark = digested(version, [(*page, made[page.path]) for page in found]).hex()
    parts = [path for path in made if path.startswith(fulltext.FOLDER)]
    known = all(results.stamps.get(path) == former.stamps.get(path, ()) for path in parts)
    if folder.indexed == mark and parts and (known or folder.whole(parts)):
        return report, []
    if leave():
        return report._replace(behind=True), []
    if leaks := {page.path: hits for page in found if (hits := job.guard.found(page.path, fulltext.added(page)))}:
        return report, list(job.guard.leaks(leaks))
    texts = ((page, (folder.path / page.path).read_bytes()) for page in found)
    made = {path: digest for path, digest in made.items() if path not in parts}
    try:
        new = dict(fulltext.index(finder, texts, leave))
    except fulltext.Left:
        return report._replace(behind=True), []
    try:
        folder.begin(new)
        changed = [path for path, data in new.items() if folder.write(path, data)]
        made |= {path: digest(data) for path, data in new.items()}
        deleted = folder.finish(made, mark)
    except OSError as error:
        where = error.filename or folder.path
        raise Unusable(f"{where} cannot be written: {error.strerror}; the search index is from before") from None
    results.stamps |= folder.stamps(new)
    for path in deleted:
        results.stamps.pop(path, None)
    written, gone = report.written + len(changed), report.deleted + len(deleted)
    return report._replace(made=made, written=written, deleted=gone), []


def _holds(folder: Folder, intact: set[str], was: Made) -> bool:
    """Whether the files of a former result are there as they were written."""
    return all(path in intact and folder.owned.get(path) == digest for path, digest in was.files)


def _why(was: Made | None, given: bytes, how: Moved | None) -> tuple[str, ...]:
    """Why a page is made, in words."""
    if was is None or how is None:
        return ("no build has made it before, or none is remembered",)
    if was.given != given:
        return ("its template, the configuration, the menu, or the code that makes it has changed",)
    changed = how.among(was.trace)
    if not changed:
        return ("its file is not as it was written",)
    more = [f"and {len(changed) - REASONS} more"] if len(changed) > REASONS else []
    return (*(how.words(number) for number in changed[:REASONS]), *more)


class _Written(NamedTuple):
    """A file of the site: what a worker says of what it made."""

    path: str
    digest: str
    changed: bool
    leaks: list[int]


def _kept(folder: Folder, guard: Guard, path: str, data: bytes) -> _Written:
    """A file kept for the site, if the guard lets it."""
    leaks = guard.found(path, data)
    return _Written(path, digest(data), not leaks and folder.write(path, data), leaks)


def _emitted(job: Job, asked: tuple[Output, bytes]) -> tuple[list[_Written], bytes, Problem | None]:
    output, _ = asked
    try:
        files, seen = job.corpus.trace.of(partial(job.renderer.files, output))
    except TemplateFault as fault:
        message = f"the template cannot be used: {fault.message}"
        hint = "correct it, or delete it to have the theme's own"
        told = Problem(code="template", severity=ERROR, file=fault.file, line=fault.line, message=message, hint=hint)
        return [], b"", told
    return [_kept(job.folder, job.guard, path, data) for path, data in files], traced(seen), None


def _site(config: Config, preview: bool, as_of: Date | None) -> Site:
    links = [Link(href=urls.index(kind), text=kind.capitalize(), kind=SINGULAR[kind]) for kind in NAV]
    return Site(
        title=config.title,
        description=config.description,
        language=config.language,
        url=config.url,
        preview=preview,
        as_of=as_of.text if as_of else "",
        nav=(
            *links,
            *(Link(href=f"{name}.html", text=name.capitalize(), kind=name) for name in ALONE),
            *([Link(href=searched.PATH, text="Search", kind="search")] if config.search else []),
        ),
        assets={},
    )


def _assets(project: Project, things: Things, corpus: Corpus, about: Prose) -> tuple[dict[str, bytes], list[Problem]]:
    """Files of content/assets/ that a page of this corpus shows, as they are published; what is wrong with them."""
    from sitrep.images import Unfit, may_run, published  # here, since a build that has nothing to do needs none of it

    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    texts = [(ABOUT, True, about.assets)]
    for (kind, id), row in things.rows.items():
        if row.assets and id in corpus.entries[kind]:
            entry = corpus.entries[kind][id]
            if entry.files:
                file = next(f for f in entry.files if f.endswith(".md"))
                texts.append((file, _whole(project, entry), row.assets))
    for file, whole, shown in texts:
        for name in shown:
            path = project.content / "assets" / name
            asset = f"content/assets/{name}"
            if not _is_file(path):
                message = f"there is no {asset}"
                problems.append(
                    Problem(code="no-asset", severity=ERROR, file=file, message=message, hint="add the file")
                )
            elif whole and may_run(name):
                message = "this file is not published: what it holds might run in a reader's browser"
                hint = "attach it as PDF, as text (.txt) or in a .zip"
                problems.append(Problem(code="asset", severity=ERROR, file=asset, message=message, hint=hint))
            elif whole and f"assets/{name}" not in found:
                try:
                    found[f"assets/{name}"] = published(name, path.read_bytes())
                except Unfit as unfit:
                    message = f"this image is not published: it {unfit}"
                    problems.append(Problem(code="image", severity=ERROR, file=asset, message=message, hint=unfit.hint))
                except OSError as error:
                    problems.append(unreadable(asset, error))
    return found, problems


def _whole(project: Project, entry: Entry) -> bool:
    """Whether a page shows the text with its images: an excerpt has none."""
    record = entry.record
    return not isinstance(record, Article) or (record.rights or project.config.publish.rights) == "full"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, say
        return False


# -- problems ---------------------------------------------------------------------------------------------------------


def located(
    project: Project,
    problems: Iterable[Problem],
    things: Things,
    each: Each,
    former: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[list[Problem], dict[str, tuple[int, int]]]:
    """In order, with the line and column of each place in the data looked up in its file; and what was looked up.

    A place is known by its file's digest, so that what a former build looked up need not be again.
    """
    told = list(problems)
    digests = {file: digest for row in things.rows.values() for file, _, digest in row.files}
    lines: dict[str, tuple[int, int]] = {}
    due: dict[str, list[Problem]] = {}
    for problem in told:
        if problem.at and not problem.line and problem.file:
            found = former.get(_place(problem, digests)) if former else None
            if found is None:
                due.setdefault(problem.file, []).append(problem)
            else:
                lines[_place(problem, digests)] = found
    for asked, places in zip(due.values(), each(partial(_looked_up, project.root), list(due.values())), strict=True):
        lines |= {_place(problem, digests): place for problem, place in zip(asked, places, strict=True)}
    for n, problem in enumerate(told):
        if problem.at and not problem.line and problem.file:
            line, column = lines[_place(problem, digests)]
            told[n] = msgspec.structs.replace(problem, line=line, column=column)
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
    found = yaml.places(text) if text else {}
    return [yaml.located(problem, found) for problem in problems]


@contextmanager
def _untroubled() -> Iterator[None]:
    """Without cyclic garbage collection: a build makes much, and little of it in cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
