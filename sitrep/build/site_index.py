"""The search index of a site: updated after the pages are in place, from what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sitrep.build.report import Report
from sitrep.build.state import Session, SitePlan
from sitrep.model.hashing import digested
from sitrep.pages import search
from sitrep.pages.search import Searched
from sitrep.problems import ERROR, Problem
from sitrep.publish import search_index
from sitrep.publish.leak_guard import Guard
from sitrep.publish.output_folder import OutputFolder, digest


class SearchIndex(NamedTuple):
    """The search index of a build: which program makes it, of which pages."""

    program: str
    version: str
    """What decides the index apart from the pages."""
    pages: tuple[Searched, ...]
    postpone: Callable[[], bool]
    """Whether to leave it to a later build."""

    @classmethod
    def of(cls, plan: SitePlan, session: Session) -> SearchIndex:
        snapshot = plan.content.snapshot
        program = snapshot.search_program
        version = f"{search_index.version(program)} {session.cache.code.hex()}"
        pages = tuple(search.searched(plan.context, plan.outputs))
        return cls(program, version, pages, snapshot.options.postpone_index)

    def on_site(self, files: Mapping[str, str]) -> list[Searched]:
        """Those of its pages that are on the site."""
        return [page for page in self.pages if page.path in files]

    def mark(self, files: Mapping[str, str]) -> str:
        """A digest of what the index is made of."""
        return digested(self.version, [(*page, files[page.path]) for page in self.on_site(files)]).hex()

    def leaks(self, guard: Guard, known: Mapping[str, list[int]]) -> dict[str, list[int]]:
        """What the guard finds in the words that the index adds to a page."""
        checked = (page for page in self.pages if page.path not in known)
        return {
            page.path: hits for page in checked if (hits := guard.search(page.path, search_index.added(page), "html"))
        }


def update_search_index(
    folder: OutputFolder, index: SearchIndex, report: Report, session: Session
) -> tuple[Report, list[Problem]]:
    """Make the index where it is not that of these pages, from their files: those have passed the guard."""
    files, results, former = dict(report.digests), session.results, session.cache.results
    mark = index.mark(files)
    parts = [path for path in files if path.startswith(search_index.FOLDER)]
    untouched = all(results.stamps.get(path) == former.stamps.get(path, ()) for path in parts)
    if folder.indexed == mark and parts and (untouched or folder.intact(parts)):
        return report, []
    if index.postpone():
        return report._replace(index_outdated=True), []
    texts = ((page, (folder.path / page.path).read_bytes()) for page in index.on_site(files))
    files = {path: digest for path, digest in files.items() if path not in parts}
    try:
        new = dict(search_index.index(index.program, texts, index.postpone))
        folder.prepare(new)
        changed = [path for path, data in new.items() if folder.stage(path, data)]
        files |= {path: digest(data) for path, data in new.items()}
        deleted = folder.commit(files, changed, mark)
    except search_index.IndexPostponed:
        return report._replace(index_outdated=True), []
    except search_index.Failed as error:
        return report, [_no_index(f"pagefind failed ({error})")]
    except OSError as error:
        return report, [_no_index(f"{error.filename or folder.path} cannot be written: {error.strerror}")]
    results.stamps |= folder.stamps(new)
    for path in deleted:
        results.stamps.pop(path, None)
    written, gone = report.written + len(changed), report.deleted + len(deleted)
    return report._replace(digests=files, written=written, deleted=gone), []


def _no_index(why: str) -> Problem:
    message = f"the pages are written, but not the index that they are searched by: {why}"
    hint = "build again, or say search: false in config.yaml"
    return Problem(code="no-index", severity=ERROR, message=message, hint=hint)
