"""The last step of a build: what is not as it was is made, searched by the guard, and put into place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Any, NamedTuple

import msgspec

from sitrep.build.report import Report, Stages
from sitrep.corpus.corpus import Corpus
from sitrep.incremental.cache import Results
from sitrep.incremental.invalidation import Invalidation, PageResult, carried, traced
from sitrep.model.hashing import digested, short
from sitrep.pages.search import Searched
from sitrep.parallel.pool import Each, takes_part
from sitrep.problems import ERROR, Problem, Unusable
from sitrep.publish import search_index
from sitrep.publish.leak_guard import Guard
from sitrep.publish.output_folder import Folder, digest
from sitrep.render.renderer import Renderer, TemplateFault
from sitrep.render.theme import Theme
from sitrep.views.outputs import Output

REASONS = 5
"""Changes that are named for a page that was made again."""


def unique(outputs: Iterable[Output]) -> tuple[list[Output], list[Problem]]:
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

    def outline(self, outputs: Iterable[Output]) -> Outline:
        """What these outputs are known by, each with the digest of what decides what is made of it."""
        frames = {name: self.frame + digest for name, digest in self.theme.templates.items()}
        table = {output.paths[0]: output for output in outputs}
        given = {
            name: short(frames.get(output.template, self.frame) + _PACK(output.given)) for name, output in table.items()
        }
        return Outline(given, lambda names: [table[name] for name in names])


_PACK = msgspec.msgpack.Encoder(order="deterministic").encode


class Outline(NamedTuple):
    """What a build should have."""

    given: Mapping[str, bytes]
    """What each output is known by, and what decides what is made of it, apart from the corpus."""
    outputs: Callable[[Sequence[str]], Sequence[Output]]
    """The outputs that are known by these names, in this order."""


class Promised(NamedTuple):
    """What a build is about to make, told before it does: the site will be as it was, but for this."""

    paths: frozenset[str]
    """Files that are made again or for the first time."""
    gone: frozenset[str]
    make: Callable[[str], bytes | None]
    """Makes one of these files at once; None where that is not possible, or where it is not there after all."""


NOTHING = Outline({}, lambda names: [])
"""Of a plan of which nobody has asked yet what decides each output."""
Promise = Callable[[Promised], Callable[[], None] | None]
"""Hears what is promised, and gives what is to be called between one page and the next; None: nothing."""
MUCH = 50
"""Outputs that are made at once: for so few nothing is promised."""


class SearchIndexJob(NamedTuple):
    """The search index of a build: which program makes it, of which pages."""

    program: str
    maker: str
    """What decides what is made of the pages, apart from them."""
    pages: tuple[Searched, ...]
    leave: Callable[[], bool]
    """Whether to leave it to a later build."""

    def among(self, made: Mapping[str, str]) -> list[Searched]:
        """Those of its pages that are on the site."""
        return [page for page in self.pages if page.path in made]

    def mark(self, made: Mapping[str, str]) -> str:
        """What it is made of, in short: the same as long as the same would be made."""
        return digested(self.maker, [(*page, made[page.path]) for page in self.among(made)]).hex()


def emit(
    job: Job,
    outline: Outline,
    fixed: Mapping[str, bytes],
    each: Each,
    former: Results,
    how: Invalidation | None,
    stages: Stages,
    index: SearchIndexJob | None,
    *,
    sure: bool = False,
    promise: Promise | None = None,
) -> tuple[Report, Results]:
    """Make every output that is not as it was and put all into place, then delete what is no longer made.

    Where one leaks, or what the search index adds to it, do neither. The results hold what was made now and what was
    kept. A former index goes with the pages that it was made of, since it may hold what they no longer say; a preview
    keeps it until there is another. Where it is `sure` that the folder's files are as they were written, they are not
    looked at. Much that is to be made is told to `promise` before.
    """
    folder = job.folder
    problems: list[Problem] = []
    results = Results()
    try:
        there = dict(former.stamps) if sure else folder.stamps(folder.owned)
        intact = set() if sure else {path for path, stamp in there.items() if former.stamps.get(path) == stamp}
        touched = how.touching(former.pages) if how else former.pages.keys()
        results.pages = {
            name: carried(was, how)
            for name, given in outline.given.items()
            if how and name not in touched and (was := former.pages.get(name)) and was.given == given
            if sure or _holds(folder, intact, was)
        }
        names = [name for name in outline.given if name not in results.pages]
        due = outline.outputs(names)
        folder.begin([*(path for output in due for path in output.paths), *fixed])
        made = [_kept(folder, job.guard, path, data) for path, data in fixed.items()]
        files = {path: digest for was in results.pages.values() for path, digest in was.files}
        faults: dict[tuple[str, int], Problem] = {}
        emitted: Callable[[Output], _Emitted] = partial(_emitted, job)
        if promise and len(due) > MUCH and takes_part(len(due)) and not any(file.changed for file in made):
            stands = files.keys() | {file.path for file in made}
            if between := promise(_promised(job, due, stands)):
                emitted = _Between(job, between)
        results.why = {name: _why(former.pages.get(name), outline.given[name], how) for name in names}
        told = stages.count("make", each(emitted, due), len(due))
        for name, (rendered, trace, fault) in zip(names, told, strict=True):
            made += rendered
            if fault:
                faults.setdefault((fault.file, fault.line), fault)
            else:
                paths = tuple((file.path, file.digest) for file in rendered)
                results.pages[name] = PageResult(outline.given[name], trace, paths)
        problems += faults.values()
        leaks = {file.path: file.leaks for file in made if file.leaks}
        for page in index.pages if index else ():
            if page.path not in leaks and (hits := job.guard.found(page.path, search_index.added(page))):
                leaks[page.path] = hits
        if leaks:
            folder.abandon()
            return Report([*problems, *job.guard.leaks(leaks)], {}), results
        files |= {file.path: file.digest for file in made}
        mark = folder.indexed if index and (folder.preview or folder.indexed == index.mark(files)) else ""
        if mark:
            files |= {path: digest for path, digest in folder.owned.items() if path.startswith(search_index.FOLDER)}
        changed = [file.path for file in made if file.changed]
        deleted = folder.finish(files, changed, mark)
        files = folder.owned
        for path in there.keys() - files.keys():
            del there[path]
        results.stamps = there | folder.stamps(changed)
    except OSError as error:
        where = error.filename or folder.path
        raise Unusable(f"{where} cannot be written: {error.strerror}; what is there is from before") from None
    pages = len([path for path in files if path.endswith(".html")])
    return Report(problems, {}, pages, len(changed), len(deleted), folder.path, made=files), results


def indexed(
    job: Job, index: SearchIndexJob, report: Report, results: Results, former: Results
) -> tuple[Report, list[Problem]]:
    """Make the search index anew where it is not that of these pages, of what is written: that has passed the guard."""
    folder, made = job.folder, dict(report.made)
    mark = index.mark(made)
    parts = [path for path in made if path.startswith(search_index.FOLDER)]
    known = all(results.stamps.get(path) == former.stamps.get(path, ()) for path in parts)
    if folder.indexed == mark and parts and (known or folder.whole(parts)):
        return report, []
    if index.leave():
        return report._replace(behind=True), []
    texts = ((page, (folder.path / page.path).read_bytes()) for page in index.among(made))
    made = {path: digest for path, digest in made.items() if path not in parts}
    try:
        new = dict(search_index.index(index.program, texts, index.leave))
        folder.begin(new)
        changed = [path for path, data in new.items() if folder.write(path, data)]
        made |= {path: digest(data) for path, data in new.items()}
        deleted = folder.finish(made, changed, mark)
    except search_index.IndexPostponed:
        return report._replace(behind=True), []
    except search_index.Failed as error:
        return report, [_unsearched(f"pagefind failed ({error})")]
    except OSError as error:
        return report, [_unsearched(f"{error.filename or folder.path} cannot be written: {error.strerror}")]
    results.stamps |= folder.stamps(new)
    for path in deleted:
        results.stamps.pop(path, None)
    written, gone = report.written + len(changed), report.deleted + len(deleted)
    return report._replace(made=made, written=written, deleted=gone), []


def _unsearched(why: str) -> Problem:
    message = f"the pages are written, but not the index that they are searched by: {why}"
    hint = "build again, or say search: false in config.yaml"
    return Problem(code="no-index", severity=ERROR, message=message, hint=hint)


def _holds(folder: Folder, intact: set[str], was: PageResult) -> bool:
    """Whether the files of a former result are there as they were written."""
    return all(path in intact and folder.owned.get(path) == digest for path, digest in was.files)


def _why(was: PageResult | None, given: bytes, how: Invalidation | None) -> tuple[str, ...]:
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


_Emitted = tuple[list[_Written], bytes, Problem | None]


def _promised(job: Job, due: Sequence[Output], stands: Set[str]) -> Promised:
    outputs = {path: output for output in due for path in output.paths}

    def make(path: str) -> bytes | None:
        try:
            return dict(job.renderer.files(outputs[path])).get(path)
        except TemplateFault:  # which is told when its turn comes
            return None

    index = {path for path in job.folder.owned if path.startswith(search_index.FOLDER)}
    return Promised(frozenset(outputs), frozenset(job.folder.owned.keys() - stands - outputs.keys() - index), make)


class _Between:
    """Makes outputs, and calls something else before each, in the process where it was made and in no other."""

    def __init__(self, job: Job, between: Callable[[], None]) -> None:
        self._job, self._between, self._process = job, between, os.getpid()

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process, which makes outputs and is asked nothing."""
        return partial, (_emitted, self._job)

    def __call__(self, output: Output) -> _Emitted:
        if os.getpid() == self._process:
            self._between()
        return _emitted(self._job, output)


def _emitted(job: Job, output: Output) -> _Emitted:
    try:
        files, seen = job.corpus.trace.of(partial(job.renderer.files, output))
    except TemplateFault as fault:
        message = f"the template cannot be used: {fault.message}"
        hint = "correct it, or delete it to have the theme's own"
        told = Problem(code="template", severity=ERROR, file=fault.file, line=fault.line, message=message, hint=hint)
        return [], b"", told
    return [_kept(job.folder, job.guard, path, data) for path, data in files], traced(seen), None
