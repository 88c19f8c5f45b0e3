"""`sitrep export`: writes the files of a format to a temporary folder, searches them for leaks, and moves them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from sitrep.analysis import phrasing
from sitrep.build.build import without_garbage_collection
from sitrep.build.check import check_release
from sitrep.build.load import load
from sitrep.build.locate import located
from sitrep.build.plan import export_context
from sitrep.build.release import leak_guard_of, release
from sitrep.build.scan import scan
from sitrep.build.state import BuildOptions, Session
from sitrep.export.context import ExportContext
from sitrep.export.formats import FORMATS
from sitrep.model.records import Date
from sitrep.parallel.pool import Each
from sitrep.parse.config import Export
from sitrep.problems import Problem, Unusable
from sitrep.project import Project
from sitrep.publish.leak_guard import Guard
from sitrep.publish.output_folder import apart

UNRELEASED = "NOT-FOR-RELEASE"


class Delivery(NamedTuple):
    """The exported path (None after a leak, or for standard output), and the problems of the content."""

    path: Path | None
    files: int
    problems: list[Problem]


def prepare(project: Project, options: BuildOptions) -> tuple[ExportContext, Guard, list[Problem]]:
    """The context of an export, the guard that searches it for leaks, and the problems of the content."""
    with without_garbage_collection():
        session = Session(project)
        content = load(scan(project, options, session), session)
        released = release(content, session)
        context = export_context(released)
        guard = leak_guard_of(released, lambda: phrasing.made_up(content.words, context.digests))
        problems = [*content.problems, *check_release(released)]
        return context, guard, located(project, problems, content.entries, options.each)[0]


def deliver(
    project: Project,
    name: Export,
    output: Path | None,
    each: Each,
    *,
    preview: bool = False,
    as_of: Date | None = None,
    force: bool = False,
) -> Delivery:
    """Export to `output`, or to standard output. No file appears before all are written and searched for leaks.

    Raises Unusable, having written nothing, if that is impossible.
    """
    form = FORMATS[name]
    target = _target(project, name, output, preview, force)
    if target is None and form.binary and sys.stdout.isatty():
        raise Unusable(f"{name} is not text: pass --output FILE")
    holding, guard, problems = prepare(project, BuildOptions(each, preview=preview, as_of=as_of))
    leaks: dict[str, list[int]] = {}
    count = 0
    try:
        parent = target.parent if target else Path(tempfile.gettempdir())
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sitrep-export-", dir=parent) as folder:
            for file in form.files(holding):
                aside = Path(folder) / (file.name or "whole")
                aside.parent.mkdir(parents=True, exist_ok=True)
                with aside.open("wb") as handle:
                    for chunk in form.make(holding, file):
                        if not form.binary and (leaked := guard.search(file.name or form.path, chunk, form.media)):
                            leaks.setdefault(file.name or form.path, []).extend(leaked)
                        handle.write(chunk)
                if form.binary and (leaked := guard.search_database(form.path, aside)):
                    leaks[form.path] = leaked
                count += 1
            if leaks:
                return Delivery(None, 0, [*problems, *guard.leaks(leaks)])
            if target is None:
                with (Path(folder) / "whole").open("rb") as handle:
                    shutil.copyfileobj(handle, sys.stdout.buffer)
                sys.stdout.flush()
            elif form.several:
                _move_files(Path(folder), target)
            else:
                _move_file(Path(folder) / "whole", target)
    except BrokenPipeError:
        # The reader has closed the pipe. Redirect it, so that the interpreter does not fail when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise Unusable(f"{error.filename or target} cannot be written: {error.strerror}") from None
    return Delivery(target, count, problems)


def _target(project: Project, name: Export, output: Path | None, preview: bool, force: bool) -> Path | None:
    """The target path; that of a preview says so in its name. Raises Unusable if something is in the way."""
    form = FORMATS[name]
    if output is None:
        if form.several:
            raise Unusable(f"{name} consists of several files: pass --output FOLDER")
        if preview:
            raise Unusable("a preview is not for release, and its name must say so: pass --output")
        return None
    path = apart(project, output, preview)
    if preview and UNRELEASED not in path.name:
        path = path.with_name(f"{UNRELEASED}-{path.name}")
        apart(project, path, preview)
    if form.several and path.is_dir():
        if not force and any(path.iterdir()):
            raise Unusable(f"{path} is not empty: --force replaces files of the same name")
    elif path.is_dir():
        raise Unusable(f"{path} is a folder: {name} is one file, {form.path}")
    elif os.path.lexists(path) and (form.several or not force):
        hint = "the export consists of several files: choose a folder" if form.several else "--force replaces it"
        raise Unusable(f"{path} exists already: {hint}")
    return path


def _move_files(folder: Path, target: Path) -> None:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        place = target / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        _move_file(path, place)


def _move_file(path: Path, target: Path) -> None:
    path.chmod(0o644)
    path.replace(target)
