"""What a build is asked for, what its steps hand on to the next, and what builds into one output folder share.

A build that has nothing to do loads no more than this and `scan.py`: so little is imported here but for type checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sitrep.build.report import Report, Stages
from sitrep.incremental.container import Head, cache_path, code_digest, read_head
from sitrep.model.records import Date, Kind
from sitrep.parallel.pool import Each
from sitrep.project import Project, Scan
from sitrep.publish.output_folder import SERVED, OutputFolder

if TYPE_CHECKING:
    from sitrep.corpus.corpus import Corpus, Key
    from sitrep.i18n.words import Words
    from sitrep.incremental.cache import Cache, Results
    from sitrep.incremental.corpus_reuse import CorpusState
    from sitrep.incremental.entry_store import EntryStore
    from sitrep.incremental.invalidation import CachedValues
    from sitrep.model.entries import Prose
    from sitrep.model.records import Marking
    from sitrep.pages.parts.context import PageContext
    from sitrep.problems import Problem
    from sitrep.render.renderer import Renderer
    from sitrep.render.theme import Theme
    from sitrep.views.outputs import Output
    from sitrep.views.pages import Site


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


class Snapshot(NamedTuple):
    """The files of a project as a build found them."""

    project: Project
    options: BuildOptions
    began: int
    """When, in nanoseconds."""
    files: Scan
    folder: OutputFolder | None = None
    """The output folder; None where nothing is written."""
    search_program: str = ""
    """The program that makes the search index; empty where none is made."""
    inputs: bytes = b""
    """The digest of what every page depends on: configuration, themes, day."""
    sources: bytes = b""
    """The digest of the names and stamps of all files that are read."""
    cover_renderer: str = ""
    """What draws covers."""
    changed: frozenset[tuple[Kind, str]] | None = None
    """The only entries that may have changed, where that is known."""
    last: LastBuild | None = None
    """The state of the last build in this process, where that is known."""
    notes: tuple[str, ...] = ()
    """For the report."""
    report: Report | None = None
    """The report of a build that has nothing to do; None where something has changed."""

    @property
    def trusts_output(self) -> bool:
        """Whether nobody else writes into the output folder, so that its files need not be looked at."""
        served = self.project.state / SERVED
        return self.changed is not None and self.folder is not None and served in self.folder.path.parents


class Content(NamedTuple):
    """All that the files of a project say, whether or not it is released."""

    snapshot: Snapshot
    entries: EntryStore
    withheld: dict[Key, str]
    """Entries that the policy withholds, and why."""
    everything: CorpusState
    about: Prose
    """The site's own words about itself."""
    words: Words
    """The words of the interface."""
    words_problems: list[Problem]
    theme: Theme
    problems: list[Problem]
    """Of files one by one; what the checks find is not among them."""


class Released(NamedTuple):
    """What of the content leaves, as of the day of the build: all of it in a preview, else what the policy releases."""

    content: Content
    public: CorpusState
    """Pages, feeds and exports are functions of this corpus alone."""
    marking: Marking
    """The strictest marking of what leaves."""
    everything: Corpus
    """All content as of the same day."""

    @property
    def leaves_out(self) -> bool:
        """Whether content is withheld from the site."""
        return bool(self.content.withheld) and not self.content.snapshot.options.preview

    @property
    def withheld_files(self) -> tuple[tuple[str, str], ...]:
        """Each withheld file, and each that was skipped for its name, with the reason."""
        rows = self.content.entries.rows
        files = [(file, why) for key, why in self.content.withheld.items() for file, _, _ in rows[key].files]
        return (*files, *((skipped.file, skipped.why) for skipped in self.content.snapshot.files.skipped))

    @property
    def skipped_kinds(self) -> tuple[Kind, ...]:
        """The kinds of the files that were skipped for their names, one for each."""
        return tuple(skipped.kind for skipped in self.content.snapshot.files.skipped)


class SitePlan(NamedTuple):
    """What a site consists of, and what was looked at to decide it."""

    released: Released
    context: PageContext
    inputs: tuple[Any, ...]
    """What decides the pages apart from the corpus."""
    values: CachedValues
    outputs: list[Output]
    path_conflicts: list[Problem]
    """Outputs that claim the path of another."""
    dependencies: frozenset[int]
    static: dict[str, bytes]
    """Files that need no template: those of the theme, and images."""
    problems: list[Problem]
    """Of those files."""
    site: Site
    """The frame that every page shares."""

    @property
    def content(self) -> Content:
        return self.released.content


class PageInputs(NamedTuple):
    """What decides each output apart from the corpus."""

    frame: bytes
    """The digest of what all pages share."""
    digests: dict[str, bytes]
    """The first path of an output → the digest of its template, its arguments and the frame."""
    outputs: list[Output]

    def named(self, names: Sequence[str]) -> list[Output]:
        table = {output.paths[0]: output for output in self.outputs}
        return [table[name] for name in names]


class LastBuild(NamedTuple):
    """State of the last build in this process, for the next one that is told which files have changed."""

    snapshot: Snapshot
    words: tuple[Words, list[Problem]]
    theme: Theme
    folder: OutputFolder
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
        return read_head(cache_path(self.project, self.output), code_digest())

    def forget(self) -> None:
        """Drop all that is cached."""
        self.cache.forget()
        self.last = None
