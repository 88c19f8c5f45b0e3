"""The first step of a build: which files there are, and whether anything has changed since the last build.

It takes little to load, since most builds end here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from sitrep.build.report import Report
from sitrep.build.state import BuildOptions, Session, Snapshot
from sitrep.incremental.container import Damaged, Head
from sitrep.model.hashing import digested
from sitrep.model.records import Kind
from sitrep.problems import Problem, Unusable
from sitrep.project import ABOUT, ABSENT, CONFIG, RACY, Project, Stamp, rescan
from sitrep.project import scan as scan_content
from sitrep.publish import search_index
from sitrep.publish.output_folder import OutputFolder, usable
from sitrep.render import theme


def scan(project: Project, options: BuildOptions, session: Session) -> Snapshot:
    """Look at everything, or at the files that are known to have changed. Raises Unusable."""
    if options.output is None:
        return Snapshot(project, options, time.time_ns(), scan_content(project))
    path = usable(project, options.output, options.preview)
    program = search_index.program() if project.config.search else ""
    missing = project.config.search and not program and search_index.wanted()
    notes = (search_index.MISSING,) if missing else ()
    last = session.last
    if last and (last.folder.path, last.folder.preview) == (path, options.preview) and last.folder.current:
        last.folder.replaced = options.replaced
        files = options.changed_files
        if files is not None and (known := rescan(project, files, last.snapshot.files)):
            options.stages.lap("scan")
            return last.snapshot._replace(
                options=options, files=known[0], changed=known[1], last=last, folder=last.folder, notes=notes
            )
        folder = last.folder
    else:
        folder = OutputFolder(path, options.preview, options.replaced)
    snapshot = _everything(project, options, folder, program)._replace(notes=notes)
    options.stages.lap("scan")
    with suppress(Damaged, msgspec.MsgspecError):  # a damaged cache is reported when it is read whole
        if report := _unchanged(snapshot, session.read_head()):
            options.stages.lap("compare")
            return snapshot._replace(report=report._replace(note="\n".join(notes)))
    return snapshot


def _everything(project: Project, options: BuildOptions, folder: OutputFolder, program: str) -> Snapshot:
    """Look at every file. Raises Unusable when covers are wanted and cannot be drawn."""
    began = time.time_ns()
    cover_renderer = _cover_renderer(project)
    config = msgspec.structs.replace(project.config, search=bool(program))
    search = search_index.stamp(program) if program else ""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    files = scan_content(project)
    themes = theme.mark(project.themes)
    day = options.as_of.text if options.as_of else ""
    inputs = digested(config, search, cover_renderer, themes, options.preview, day, epoch)
    sources = digested(files.tasks, list(_other_files(project)), files.problems, files.skipped)
    return Snapshot(project, options, began, files, folder, program, inputs, sources, cover_renderer)


def _unchanged(snapshot: Snapshot, head: Head | None) -> Report | None:
    """The report of a build that has nothing to do: what is read and what was written has not changed."""
    folder = snapshot.folder
    assert folder
    if head is None or (head.inputs, head.sources) != (snapshot.inputs, snapshot.sources) or not folder.owned:
        return None
    if any(stamp.ctime >= head.at - RACY for task in snapshot.files.tasks for stamp in task.stamps):
        return None
    if not folder.matches(head.outputs):
        return None
    report = msgspec.msgpack.decode(head.report, type=LastReport)
    withheld = {(kind, id): why for kind, id, why in report.withheld}
    files, skipped = tuple(report.files), tuple(report.left)
    return Report(report.problems, withheld, report.pages, 0, 0, folder.path, files, skipped, folder.owned)


class LastReport(msgspec.Struct):
    """What a build that has nothing to do reports."""

    problems: list[Problem]
    withheld: list[tuple[Kind, str, str]]
    pages: int
    files: list[tuple[str, str]]
    left: list[Kind]


def _cover_renderer(project: Project) -> str:
    """What draws covers, where they are wanted. Raises Unusable where it is missing."""
    if not project.config.covers:
        return ""
    from sitrep.charts import cover

    if lacking := cover.missing_packages():
        raise Unusable(f"covers in {CONFIG} needs {' and '.join(lacking)}: pip install 'sitrep-site[covers]'")
    return cover.renderer_versions()


def _other_files(project: Project) -> Iterator[tuple[str, Stamp]]:
    """What else a build reads: the configuration, the site's words about itself, images and documents."""
    for path in (project.root / CONFIG, project.root / ABOUT, *sorted((project.content / "assets").rglob("*"))):
        try:
            yield os.fsdecode(path), Stamp.of(path.stat())
        except OSError:
            yield os.fsdecode(path), ABSENT
