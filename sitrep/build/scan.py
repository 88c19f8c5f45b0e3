"""The first step of a build: what there is to build from, and whether anything of it has changed.

It takes little to load, since most builds end here.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from sitrep.build.report import Report
from sitrep.incremental.container import RACY, Head
from sitrep.model.hashing import digested
from sitrep.model.records import Date, Kind
from sitrep.problems import Problem, Unusable
from sitrep.project import ABOUT, ABSENT, CONFIG, Project, Scan, Stamp, scan
from sitrep.publish import search_index
from sitrep.publish.output_folder import Folder
from sitrep.render import theme


class Snapshot(NamedTuple):
    """What a build found when it began."""

    began: int
    """When, in nanoseconds."""
    there: Scan
    given: bytes = b""
    """The digest of what every page depends on: configuration, themes, day."""
    sources: bytes = b""
    """The digest of the names and stamps of all files that are read."""
    drawn: str = ""
    """What draws covers."""

    @classmethod
    def at(cls, project: Project, preview: bool, as_of: Date | None, finder: str) -> Snapshot:
        """Look at everything. Raises Unusable when covers are wanted and cannot be drawn."""
        began = time.time_ns()
        drawn = _drawing(project)
        config = msgspec.structs.replace(project.config, search=bool(finder))
        finding = search_index.stamp(finder) if finder else ""
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        there = scan(project)
        themes = theme.mark(project.themes)
        given = digested(config, finding, drawn, themes, preview, as_of.text if as_of else "", epoch)
        sources = digested(there.tasks, list(_others(project)), there.problems, there.left)
        return cls(began, there, given, sources, drawn)

    def unchanged(self, head: Head | None, folder: Folder) -> Report | None:
        """The report of a build that has nothing to do: what is read and what was written is as it was."""
        if head is None or (head.given, head.sources) != (self.given, self.sources) or not folder.owned:
            return None
        if any(stamp.ctime >= head.at - RACY for task in self.there.tasks for stamp in task.stamps):
            return None
        if not folder.as_marked(head.outputs):
            return None
        told = msgspec.msgpack.decode(head.told, type=LastReport)
        held = {(kind, id): why for kind, id, why in told.withheld}
        files, left = tuple(told.files), tuple(told.left)
        return Report(told.problems, held, told.pages, 0, 0, folder.path, files, left, folder.owned)


class LastReport(msgspec.Struct):
    """What is told of a build that finds nothing to do."""

    problems: list[Problem]
    withheld: list[tuple[Kind, str, str]]
    pages: int
    files: list[tuple[str, str]]
    left: list[Kind]


def _drawing(project: Project) -> str:
    """What draws covers, where they are wanted. Raises Unusable where it is missing."""
    if not project.config.covers:
        return ""
    from sitrep.charts import cover

    if lacking := cover.lacking():
        raise Unusable(f"covers in {CONFIG} needs {' and '.join(lacking)}: pip install 'sitrep-site[covers]'")
    return cover.drawn_by()


def _others(project: Project) -> Iterator[tuple[str, Stamp]]:
    """What else a build reads: the configuration, the site's words about itself, images and documents."""
    for path in (project.root / CONFIG, project.root / ABOUT, *sorted((project.content / "assets").rglob("*"))):
        try:
            yield os.fsdecode(path), Stamp.of(path.stat())
        except OSError:
            yield os.fsdecode(path), ABSENT


@contextmanager
def untroubled() -> Iterator[None]:
    """Without cyclic garbage collection: a build makes much, and little of it in cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
