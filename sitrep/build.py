"""Turn content/ into site/. The only way a site is ever made."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from sitrep import urls
from sitrep.checks.every import check
from sitrep.corpus import Corpus, Key
from sitrep.guard import Guard, consequences, watch
from sitrep.images import Unfit, published
from sitrep.outputs import Output
from sitrep.pages.desk import Desk, Handling
from sitrep.pages.plan import plan
from sitrep.parallel import Each
from sitrep.problems import ERROR, Problem, in_order
from sitrep.project import Project, Task, Unusable, scan
from sitrep.read import items, markdown, names, yaml
from sitrep.read.items import with_line
from sitrep.read.text import decode
from sitrep.records import KINDS, SINGULAR, Article, Date, Entry, Kind, Marking, Prose
from sitrep.release import as_known, marking, released, withheld
from sitrep.render import Renderer, TemplateFault, theme_assets
from sitrep.views import Link, Site
from sitrep.write import PREVIEW, Folder, digest, locked, usable

STRICTEST: tuple[Marking, ...] = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
NAV: tuple[Kind, ...] = ("briefs", "articles", "claims", "events", "actors", "sources", "topics")
ABOUT = "content/about.md"


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
    """Each withheld file, and why."""


def build(project: Project, output: Path, each: Each, *, preview: bool = False, as_of: Date | None = None) -> Report:
    """Build the site, or a preview of everything, as all there is or as it was known on a day.

    Raises Unusable when it cannot begin; the former site then stands.
    """
    with locked(project), _untroubled():
        folder = Folder(usable(project, output), preview)
        tasks, problems = scan(project)
        entries, found = load(project, tasks, each)
        problems += found
        everything = Corpus.of(entries)
        problems += check(everything)
        held = reasons(project, entries)
        shown = entries if preview else released(entries, project.config.publish)
        shown = as_known(shown, as_of) if as_of else shown
        # Corpus.of depends on its entries alone: where none is kept back, what was checked is what is shown.
        corpus = everything if shown == entries else Corpus.of(shown)
        about, found = _about(project)
        problems += found
        desk = Desk(corpus, project.config, _handling(project, corpus, held if preview else {}, preview))
        outputs, found = _unique(plan(desk, about))
        problems += [] if any(p.code in ("twin-ids", "former-id") for p in problems) else found
        site = _site(project, preview, as_of)
        guard = Guard()
        if held and not preview:
            problems += consequences(Corpus.of(as_known(entries, as_of)) if as_of else everything, corpus, held)
            guard = watch(project, (e for e in entries if (e.kind, e.id) in held), corpus, about, each)
        report = emit(project, outputs, each, folder, corpus, about, site, guard, problems)
        problems = located(project, report.problems)
        return report._replace(problems=problems, withheld=held, files=_listed(entries, held))


def inspect(project: Project, each: Each) -> Report:
    """The problems alone; nothing is written."""
    with _untroubled():
        tasks, problems = scan(project)
        entries, found = load(project, tasks, each)
        corpus = Corpus.of(entries)
        about, told = _about(project)
        problems += [*found, *check(corpus), *told, *_assets(project, corpus, about)[1]]
        if held := reasons(project, entries):
            problems += consequences(corpus, Corpus.of(released(entries, project.config.publish)), held)
        return Report(located(project, problems), held, files=_listed(entries, held))


# -- load -------------------------------------------------------------------------------------------------------------


def load(project: Project, tasks: Sequence[Task], each: Each) -> tuple[list[Entry], list[Problem]]:
    """Every thing, read and typed, its quotes and names anchored. Names first: articles are searched for them."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    things = [task for task in tasks if task.kind != "articles"]
    articles = [task for task in tasks if task.kind == "articles"]
    table: names.Names = {}
    for part in (things, articles):
        for packed, found in each(partial(_read, project.root, table), part):
            entries.append(items.unpacked(packed))
            problems += found
        table = names.table(entries)
    return entries, problems


def _read(root: Path, table: names.Names, task: Task) -> tuple[items.Packed, list[Problem]]:
    """A thing read, packed for the way back from another process."""
    data: dict[str, bytes | None] = {}
    problems: list[Problem] = []
    for file in task.files:
        try:
            data[file] = _bytes(f"{root}/{file}")
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
            problems.append(Problem(code="unreadable", severity=ERROR, file=file, message=message))
    if problems:
        empty = items.read(task.kind, task.id, None, None, task.files)[0]
        return items.packed(items.unsound(empty)), problems
    entry, problems = items.read(task.kind, task.id, data.get(task.yaml), data.get(task.md), task.files, table)
    return items.packed(entry), problems


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


def _about(project: Project) -> tuple[Prose, list[Problem]]:
    """The site's own words about itself: content/about.md, where there is one."""
    path = project.root / ABOUT
    if not os.path.lexists(path):
        return Prose(), []
    if not path.is_file():
        return Prose(), [Problem(code="unreadable", severity=ERROR, file=ABOUT, message="this is no file")]
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        return Prose(), [Problem(code="unreadable", severity=ERROR, file=ABOUT, message=message)]
    text, problems = decode(data, ABOUT)
    if text is None:
        return Prose(), problems
    prose, found = markdown.render(text, ABOUT, links=True)
    return prose or Prose(), [*problems, *found]


# -- release ----------------------------------------------------------------------------------------------------------


def reasons(project: Project, entries: Iterable[Entry]) -> dict[Key, str]:
    """Why each withheld thing is withheld."""
    publish = project.config.publish
    return {(e.kind, e.id): why for e in entries if (why := withheld(e, publish))}


def _listed(entries: Iterable[Entry], held: dict[Key, str]) -> tuple[tuple[str, str], ...]:
    return tuple((file, held[e.kind, e.id]) for e in entries if (e.kind, e.id) in held for file in e.files)


def summary(held: dict[Key, str]) -> str:
    """What was left out, in one line."""
    if not held:
        return ""
    counts = Counter(f"{SINGULAR[kind]} {why}" for (kind, _), why in held.items())
    parts = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    return f"withheld {len(held)}: {parts}"


def _handling(project: Project, corpus: Corpus, held: dict[Key, str], preview: bool) -> Handling:
    """A page that draws on several files bears the strictest marking any of them may have."""
    publish = project.config.publish
    markings = {marking(e, publish) for kind in KINDS for e in corpus.entries[kind].values() if e.files}
    return Handling(max((m for m in markings if m), key=STRICTEST.index, default="TLP:CLEAR"), held, preview)


# -- emit -------------------------------------------------------------------------------------------------------------


def _unique(outputs: Iterable[Output]) -> tuple[list[Output], list[Problem]]:
    """Outputs whose paths differ, whatever the file system thinks of case; a second claim is a problem, not written."""
    kept: list[Output] = []
    claimed: dict[str, str] = {}
    problems = []
    for output in outputs:
        other = claimed.setdefault(output.path.casefold(), output.path)
        if other is not output.path:
            message = f"two things claim the page {output.path}"
            problems.append(Problem(code="twin-outputs", severity=ERROR, message=message, hint="rename one of them"))
            continue
        kept.append(output)
    return kept, problems


def emit(
    project: Project,
    outputs: list[Output],
    each: Each,
    folder: Folder,
    corpus: Corpus,
    about: Prose,
    site: Site,
    guard: Guard,
    problems: list[Problem],
) -> Report:
    """Render every output and put them into place, then delete what is no longer made; where one leaks, do neither."""
    assets = theme_assets(project.themes)
    named = {name: path for name, (path, _) in assets.items()}
    renderer = Renderer(project.themes, msgspec.structs.replace(site, assets=named))
    fixed = dict(assets.values())
    if folder.preview:
        fixed[PREVIEW] = b"A preview: it shows what the public site withholds. Do not publish it.\n"
    images, found = _assets(project, corpus, about)
    fixed |= images
    problems = [*problems, *found]
    paths = [path for o in outputs for path in (o.path, o.data_path) if path]
    try:
        folder.begin([*paths, *fixed])
        made = [_kept(folder, guard, path, data) for path, data in fixed.items()]
        faults: dict[tuple[str, int], Problem] = {}
        for rendered, fault in each(partial(_emitted, renderer, folder, guard), outputs):
            made += rendered
            if fault:
                faults.setdefault((fault.file, fault.line), fault)
        problems += faults.values()
        if any(file.leaks for file in made):
            folder.abandon()
            return Report([*problems, *guard.leaks({file.path: file.leaks for file in made})], {})
        files = {file.path: file.digest for file in made}
        deleted = folder.finish(files)
    except OSError as error:
        where = error.filename or folder.path
        raise Unusable(f"{where} cannot be written: {error.strerror}; what is there is from before") from None
    pages = sum(path.endswith(".html") for path in files)
    return Report(problems, {}, pages, sum(file.changed for file in made), len(deleted), folder.path)


class _Made(NamedTuple):
    """A file of the site: what a worker says of what it made."""

    path: str
    digest: str
    changed: bool
    leaks: list[int]


def _kept(folder: Folder, guard: Guard, path: str, data: bytes) -> _Made:
    """A file kept for the site, if the guard lets it."""
    leaks = guard.found(path, data)
    return _Made(path, digest(data), not leaks and folder.write(path, data), leaks)


def _emitted(renderer: Renderer, folder: Folder, guard: Guard, output: Output) -> tuple[list[_Made], Problem | None]:
    try:
        files = renderer.files(output)
    except TemplateFault as fault:
        message = f"the template cannot be used: {fault.message}"
        return [], Problem(code="template", severity=ERROR, file=fault.file, line=fault.line, message=message)
    return [_kept(folder, guard, path, data) for path, data in files], None


def _site(project: Project, preview: bool, as_of: Date | None) -> Site:
    config = project.config
    links = [Link(href=urls.index(kind), text=kind.capitalize(), kind=SINGULAR[kind]) for kind in NAV]
    return Site(
        title=config.title,
        description=config.description,
        language=config.language,
        url=config.url,
        preview=preview,
        as_of=as_of.text if as_of else "",
        nav=(*links, *(Link(href=f"{name}.html", text=name.capitalize(), kind=name) for name in ("method", "about"))),
        assets={},
    )


def _assets(project: Project, corpus: Corpus, about: Prose) -> tuple[dict[str, bytes], list[Problem]]:
    """Files of content/assets/ that a page of this corpus shows, as they are published; what is wrong with them."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    texts = [(ABOUT, True, about)]
    for kind in KINDS:
        for entry in corpus.entries[kind].values():
            if entry.assets:
                file = next(f for f in entry.files if f.endswith(".md"))
                texts.append((file, _whole(project, entry), entry.prose))
    for file, whole, prose in texts:
        for name in prose.assets:
            path = project.content / "assets" / name
            asset = f"content/assets/{name}"
            if not _is_file(path):
                message = f"there is no {asset}"
                problems.append(
                    Problem(code="no-asset", severity=ERROR, file=file, message=message, hint="add the file")
                )
            elif whole and f"assets/{name}" not in found:
                try:
                    found[f"assets/{name}"] = published(name, path.read_bytes())
                except Unfit as unfit:
                    message = f"this image is not published: it {unfit}"
                    problems.append(Problem(code="image", severity=ERROR, file=asset, message=message, hint=unfit.hint))
                except OSError as error:
                    message = f"cannot be read: {error.strerror}"
                    problems.append(Problem(code="unreadable", severity=ERROR, file=asset, message=message))
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


def located(project: Project, problems: Iterable[Problem]) -> list[Problem]:
    """In order, with the line and column of each place in the data looked up in its file."""
    places: dict[str, yaml.Places] = {}
    told = []
    for problem in problems:
        if problem.at and not problem.line and problem.file:
            if problem.file not in places:
                try:
                    text = decode((project.root / problem.file).read_bytes(), problem.file)[0]
                except OSError:
                    text = None
                places[problem.file] = yaml.places(text) if text else {}
            problem = with_line(problem, places[problem.file])
        told.append(problem)
    return in_order(told)


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
