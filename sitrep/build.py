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
from sitrep.outputs import Output
from sitrep.pages.desk import Desk, Handling
from sitrep.pages.plan import plan
from sitrep.parallel import Each
from sitrep.problems import ERROR, Problem, in_order
from sitrep.project import Project, Task, Unusable, scan
from sitrep.read import items, markdown, names, yaml
from sitrep.read.items import with_line
from sitrep.read.text import decode
from sitrep.records import KINDS, SINGULAR, Date, Entry, Kind, Marking, Prose
from sitrep.release import as_known, marking, released, withheld
from sitrep.render import Renderer, TemplateFault, theme_assets
from sitrep.views import Link, Site
from sitrep.write import Folder, digest, locked, usable

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


def build(project: Project, output: Path, each: Each, *, preview: bool = False, as_of: Date | None = None) -> Report:
    """Build the site, or a preview of everything, as all there is or as it was known on a day.

    Raises Unusable when it cannot begin; the former site then stands.
    """
    with locked(project), _untroubled():
        folder = Folder(usable(project, output), preview)
        tasks, problems = scan(project)
        entries, found = load(project, tasks, each)
        problems += found
        problems += check(Corpus.of(entries))
        held = reasons(project, entries)
        shown = entries if preview else released(entries, project.config.publish)
        corpus = Corpus.of(as_known(shown, as_of) if as_of else shown)
        about, found = _about(project)
        problems += found
        desk = Desk(corpus, project.config, _handling(project, corpus, held if preview else {}, preview))
        outputs, found = _unique(plan(desk, about))
        problems += [] if any(p.code in ("twin-ids", "former-id") for p in problems) else found
        site = _site(project, preview, as_of)
        report = emit(project, outputs, each, folder, corpus, about, site, problems)
        return report._replace(problems=located(project, report.problems), withheld=held)


def inspect(project: Project, each: Each) -> Report:
    """The problems alone; nothing is written."""
    with _untroubled():
        tasks, problems = scan(project)
        entries, found = load(project, tasks, each)
        corpus = Corpus.of(entries)
        _, told = _about(project)
        problems += [*found, *check(corpus), *told, *_missing_assets(project, corpus)]
        return Report(located(project, problems), reasons(project, entries))


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


def _read(root: Path, table: names.Names, task: Task) -> tuple[bytes, list[Problem]]:
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
    problems: list[Problem],
) -> Report:
    """Render and write every output, then the manifest, then delete what is no longer made."""
    assets = theme_assets(project.themes)
    named = {name: path for name, (path, _) in assets.items()}
    renderer = Renderer(project.themes, msgspec.structs.replace(site, assets=named))
    fixed = dict(assets.values())
    if folder.preview:
        fixed["NOT-FOR-RELEASE.txt"] = b"A preview: it shows what the public site withholds. Do not publish it.\n"
    images, found = _assets(project, corpus, about)
    fixed |= images
    problems = [*problems, *found]
    paths = [path for o in outputs for path in (o.path, o.data_path) if path]
    try:
        folder.begin([*paths, *fixed])
        files = {path: digest(data) for path, data in fixed.items()}
        written = sum(folder.write(path, data) for path, data in fixed.items())
        faults: dict[tuple[str, int], Problem] = {}
        for made, fault in each(partial(_emitted, renderer, folder), outputs):
            if fault:
                faults.setdefault((fault.file, fault.line), fault)
            for path, value, changed in made:
                files[path] = value
                written += changed
        problems += faults.values()
        deleted = folder.finish(files)
    except OSError as error:
        where = error.filename or folder.path
        raise Unusable(f"{where} cannot be written: {error.strerror}; what is there is from before") from None
    return Report(problems, {}, sum(p.endswith(".html") for p in files), written, len(deleted), folder.path)


def _emitted(renderer: Renderer, folder: Folder, output: Output) -> tuple[list[tuple[str, str, bool]], Problem | None]:
    try:
        files = renderer.files(output)
    except TemplateFault as fault:
        message = f"the template cannot be used: {fault.message}"
        return [], Problem(code="template", severity=ERROR, file=fault.file, line=fault.line, message=message)
    return [(path, digest(data), folder.write(path, data)) for path, data in files], None


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
    """Files of content/assets/ that a page of this corpus shows; those that are missing are told."""
    found: dict[str, bytes] = {}
    for prose in (about, *(e.prose for kind in KINDS for e in corpus.entries[kind].values())):
        for name in prose.assets:
            if _is_file(path := project.content / "assets" / name):
                found[f"assets/{name}"] = path.read_bytes()
    return found, _missing_assets(project, corpus)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, say
        return False


def _missing_assets(project: Project, corpus: Corpus) -> list[Problem]:
    problems = []
    for kind in KINDS:
        for entry in corpus.entries[kind].values():
            for name in entry.prose.assets:
                if not _is_file(project.content / "assets" / name):
                    file = next(f for f in entry.files if f.endswith(".md"))
                    message = f"there is no content/assets/{name}"
                    problems.append(
                        Problem(code="no-asset", severity=ERROR, file=file, message=message, hint="add the file")
                    )
    return problems


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
