"""What a build is asked for, and what builds into one output folder share.

Little is imported here: a build that has nothing to do loads no more than this and `scan.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sitrep.build.report import Stages
from sitrep.incremental.container import Head, code, head_of, of_output
from sitrep.model.records import Date
from sitrep.parallel.pool import Each
from sitrep.project import Project
from sitrep.publish.output_folder import Folder

if TYPE_CHECKING:
    from sitrep.build.emit import PageInputs
    from sitrep.build.plan import SitePlan
    from sitrep.build.scan import Snapshot
    from sitrep.i18n.words import Words
    from sitrep.incremental.cache import Cache, Results
    from sitrep.problems import Problem
    from sitrep.render.renderer import Renderer
    from sitrep.render.theme import Theme


class BuildOptions(NamedTuple):
    each: Each
    """How work is shared among processes."""
    output: Path | None = None
    """The output folder; None: nothing is written, as by `check` and `export`."""
    preview: bool = False
    """Whether everything is released, on pages that say so."""
    as_of: Date | None = None
    """The day as of which the site says what was known; None: today."""
    replaced: Path | None = None
    """A folder for the files that this build replaces or deletes, each under its digest."""
    postpone_index: Callable[[], bool] = lambda: False
    """Asked, once the pages are written, whether to leave the search index to a later build."""
    changed_files: frozenset[str] | None = None
    """The only files (absolute paths) that may have changed since the last build of the session; None: not known."""
    open_pages: frozenset[str] = frozenset()
    """Paths on the site that somebody is looking at."""
    show_early: Callable[[EarlyPages], None] | None = None
    """Called with the open pages of a preview, where many pages are to be rendered after them."""
    stages: Stages = Stages()


class EarlyPages(NamedTuple):
    """Pages that are rendered before the others of a large build, with its problems and its withheld files."""

    files: dict[str, bytes]
    problems: list[Problem]
    withheld_files: tuple[tuple[str, str], ...]


class LastBuild(NamedTuple):
    """State of the last build in this process, for the next one that is told which files have changed."""

    snapshot: Snapshot
    words: tuple[Words, list[Problem]]
    theme: Theme
    folder: Folder
    renderer: Renderer
    plan: SitePlan
    inputs: PageInputs


class Session:
    """Cached results of builds of a project into one output folder; without one, nothing is cached.

    With `persist` the cache is read from and written to `.sitrep/`, as by a build from the shell. Otherwise it stays in
    memory with the state of the last build, as in the preview, until somebody writes it.
    """

    def __init__(self, project: Project, output: Path | None = None, *, persist: bool = True) -> None:
        self.project, self.output, self.persist = project, output, persist
        self.last: LastBuild | None = None
        self.results: Results
        """Of the build that is running; it becomes the cached ones when the site is written."""

    @cached_property
    def cache(self) -> Cache:
        from sitrep.incremental.cache import Cache

        return Cache(self.project, self.output)

    def read_head(self) -> Head | None:
        """What tells whether anything has changed, without the rest of the cache. Raises Damaged."""
        if self.output is None:
            return None
        if "cache" in vars(self):
            return self.cache.read_head()
        return head_of(of_output(self.project, self.output), code())

    def forget(self) -> None:
        """Drop all that is cached."""
        self.cache.forget()
        self.last = None
