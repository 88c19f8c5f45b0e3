"""The last step of a build: pages that have changed are rendered, searched by the leak guard, and put into place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from sitrep.build.load import LANGUAGES
from sitrep.build.locate import located
from sitrep.build.report import Report
from sitrep.build.scan import LastReport
from sitrep.build.site_index import SearchIndex, update_search_index
from sitrep.build.state import EarlyPages, LastBuild, PageInputs, Session, SitePlan
from sitrep.corpus.corpus import Corpus
from sitrep.incremental.cache import Former
from sitrep.incremental.container import Head
from sitrep.incremental.invalidation import Invalidation, PageResult, packed_dependencies
from sitrep.model.hashing import digested, short
from sitrep.problems import ERROR, Problem, Unusable
from sitrep.project import Stamp
from sitrep.publish.leak_guard import Guard
from sitrep.publish.output_folder import OutputFolder, digest, mark_of
from sitrep.publish.search_index import FOLDER as SEARCH_FOLDER
from sitrep.render.jinja import Compiled
from sitrep.render.renderer import Renderer, TemplateFault
from sitrep.views.outputs import Media, Output, asset_media

REASONS = 5
"""Changes that are named for a page that was rendered again."""
MANY = 50
"""With more pages to render than this, those that somebody looks at come first."""


class Job(NamedTuple):
    """What a process needs to render pages."""

    folder: OutputFolder
    guard: Guard
    renderer: Renderer
    corpus: Corpus


class Written(NamedTuple):
    """A file of the site, as the process that made it reports it."""

    path: str
    digest: str
    changed: bool
    leaks: list[int]


class Emitted(NamedTuple):
    """What was rendered and written for the site; with leaks or without."""

    files: dict[str, str]
    """Path → digest of every file of the site, those that have not changed included."""
    changed: list[str]
    leaks: dict[str, list[int]]
    problems: list[Problem]
    stamps: dict[str, Stamp]
    """Stamps of the files that were there before."""


def emit(plan: SitePlan, guard: Guard, problems: list[Problem], session: Session) -> Report:
    """Render what has changed, put it into place and delete what the site no longer has; if a page leaks, do neither.

    Raises Unusable where the output folder cannot be written; the former site then stands.
    """
    snapshot = plan.content.snapshot
    folder, stages = snapshot.folder, snapshot.options.stages
    assert folder
    problems = problems + plan.problems
    if not any(problem.code in ("twin-ids", "former-id") for problem in problems):  # else these follow from those
        problems += plan.path_conflicts
    job = Job(folder, guard, _renderer(plan, session), plan.released.public.corpus)
    inputs = page_inputs(plan, guard, session)
    stages.lap("plan")
    index = SearchIndex.of(plan, session) if snapshot.search_program else None
    try:
        emitted = _render(job, plan, inputs, problems, session)
        problems = problems + emitted.problems
        if index:
            emitted.leaks.update(index.leaks(guard, emitted.leaks))
        if emitted.leaks:
            folder.discard()
            report = Report([*problems, *guard.leaks(emitted.leaks)], plan.content.withheld)
        else:
            report = _put_into_place(folder, emitted, index, session)
    except OSError as error:
        where = error.filename or folder.path
        raise Unusable(f"{where} cannot be written: {error.strerror}; what is there is from before") from None
    stages.lap("make")
    unindexed: list[Problem] = []
    if index and report.output:
        report, unindexed = update_search_index(folder, index, report, session)
        stages.lap("index")
    problems = [*(problems if report.output else report.problems), *unindexed]
    report = _reported(plan, report, problems, session)
    if report.output:
        _commit(plan, job, inputs, report, session, index_missing=bool(unindexed))
    return report


# -- what a page depends on -------------------------------------------------------------------------------------------


def page_inputs(plan: SitePlan, guard: Guard, session: Session) -> PageInputs:
    """The inputs of all outputs; those of the last build where nothing of them has changed."""
    content, snapshot = plan.content, plan.content.snapshot
    phrases = [phrase.text for phrase in guard.phrases]
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    config, handling = plan.context.config, plan.context.handling
    decides = (config, content.words.digest, snapshot.cover_renderer, plan.site, handling, phrases, epoch)
    frame = digested(*decides, content.theme.digest, session.cache.code)
    last = snapshot.last.inputs if snapshot.last else None
    if last and last.frame == frame and last.outputs is plan.outputs:
        return last
    common = digested(*decides, session.cache.code)
    templates = {name: common + template for name, template in content.theme.templates.items()}
    digests = {
        output.paths[0]: short(templates.get(output.template, common) + _PACK(output.inputs)) for output in plan.outputs
    }
    return PageInputs(frame, digests, plan.outputs)


_PACK = msgspec.msgpack.Encoder(order="deterministic").encode


def _renderer(plan: SitePlan, session: Session) -> Renderer:
    project, words, last = plan.content.snapshot.project, plan.content.words, plan.content.snapshot.last
    own_words = any((theme / LANGUAGES).is_dir() for theme in project.themes[:-1])
    shared = None if own_words else project.themes[-1]  # compiled templates are shared among projects with our words
    compiled = Compiled(project.state, session.cache.code, words, shared)
    return Renderer(project.themes, plan.site, words, last.renderer.environment if last else None, compiled)


# -- rendering --------------------------------------------------------------------------------------------------------


def _render(job: Job, plan: SitePlan, inputs: PageInputs, problems: list[Problem], session: Session) -> Emitted:
    """Take over the pages whose dependencies have not changed, and render the others into a folder aside."""
    folder, snapshot = job.folder, plan.content.snapshot
    options, former, results = snapshot.options, session.cache.results, session.results
    changes = plan.released.public.invalidation
    stamps = dict(former.stamps) if snapshot.trusts_output else folder.stamps(folder.owned)
    untouched = None if snapshot.trusts_output else {p for p, stamp in stamps.items() if former.stamps.get(p) == stamp}
    results.pages = _valid(folder, former.pages, inputs.digests, changes, untouched)
    names = [name for name in inputs.digests if name not in results.pages]
    due = inputs.named(names) if names else []
    results.why = {name: _why(former.pages.get(name), inputs.digests[name], changes) for name in names}
    folder.prepare([*(path for output in due for path in output.paths), *plan.static])
    written = [_write(job, path, data, asset_media(path)) for path, data in plan.static.items()]
    files = {path: digest for result in results.pages.values() for path, digest in result.files}
    if options.show_early and len(due) > MANY and not any(file.changed for file in written):
        _show_early(job, plan, due, inputs, problems, session)
    faults: dict[tuple[str, int], Problem] = {}
    rendered = options.stages.count("make", options.each(partial(_render_one, job), due), len(due))
    for name, (output_files, dependencies, fault) in zip(names, rendered, strict=True):
        written += output_files
        if fault:
            faults.setdefault((fault.file, fault.line), fault)
        else:
            paths = tuple((file.path, file.digest) for file in output_files)
            results.pages[name] = PageResult(inputs.digests[name], dependencies, paths)
    files |= {file.path: file.digest for file in written}
    leaks = {file.path: file.leaks for file in written if file.leaks}
    return Emitted(files, [file.path for file in written if file.changed], leaks, list(faults.values()), stamps)


def _valid(
    folder: OutputFolder,
    former: Mapping[str, PageResult],
    digests: Mapping[str, bytes],
    changes: Invalidation | None,
    untouched: set[str] | None,
) -> dict[str, PageResult]:
    """The results of the last build that hold, and whose files are there as they were written."""
    if changes is None:
        return {}
    invalid = changes.touching(former)
    valid = {
        name: result
        for name, inputs in digests.items()
        if name not in invalid and (result := former.get(name)) and result.inputs == inputs
    }
    if untouched is None:
        return valid
    owned = folder.owned
    return {
        name: result
        for name, result in valid.items()
        if all(path in untouched and owned.get(path) == digest for path, digest in result.files)
    }


def _why(former: PageResult | None, inputs: bytes, changes: Invalidation | None) -> tuple[str, ...]:
    """Why a page is rendered, in words."""
    if former is None or changes is None:
        return ("no build has made it before, or none is remembered",)
    if former.inputs != inputs:
        return ("its template, the configuration, the menu, or the code that makes it has changed",)
    changed = changes.among(former.dependencies)
    if not changed:
        return ("its file is not as it was written",)
    more = [f"and {len(changed) - REASONS} more"] if len(changed) > REASONS else []
    return (*(changes.describe(number) for number in changed[:REASONS]), *more)


def _write(job: Job, path: str, data: bytes, media: Media) -> Written:
    """Stage a file, unless it leaks."""
    leaks = job.guard.search(path, data, media)
    return Written(path, digest(data), not leaks and job.folder.stage(path, data), leaks)


def _render_one(job: Job, output: Output) -> tuple[list[Written], bytes, Problem | None]:
    """An output's files, its dependencies, and what is wrong with its template."""
    try:
        files, seen = job.corpus.recorder.record(partial(job.renderer.files, output))
    except TemplateFault as fault:
        message = f"the template cannot be used: {fault.message}"
        hint = "correct it, or delete it to have the theme's own"
        problem = Problem(code="template", severity=ERROR, file=fault.file, line=fault.line, message=message, hint=hint)
        return [], b"", problem
    return [_write(job, *file) for file in files], packed_dependencies(seen), None


def _show_early(
    job: Job, plan: SitePlan, due: Sequence[Output], inputs: PageInputs, problems: list[Problem], session: Session
) -> None:
    """Render the pages that somebody looks at before all others, and show them at once."""
    snapshot = plan.content.snapshot
    options = snapshot.options
    if not options.show_early or not snapshot.trusts_output or snapshot.last is None:
        return
    if snapshot.last.inputs.frame != inputs.frame:  # a page alone would not be that of the site that is shown
        return
    early: dict[str, bytes] = {}
    for output in due:
        if output.path in options.open_pages:
            try:
                early |= {file.path: file.data for file in job.renderer.files(output)}
            except TemplateFault:  # reported when its turn comes
                return
    if early:
        ordered, _ = located(
            snapshot.project, problems, plan.content.entries, options.each, session.cache.results.lines
        )
        options.show_early(EarlyPages(early, ordered, plan.released.withheld_files))


# -- output folder, report, cache -------------------------------------------------------------------------------------


def _put_into_place(folder: OutputFolder, emitted: Emitted, index: SearchIndex | None, session: Session) -> Report:
    """Move what was rendered into place, and delete what the site no longer has.

    A search index goes with the pages it was made of, since it may hold what they no longer say; a preview keeps it
    until there is another.
    """
    files = emitted.files
    mark = folder.indexed if index and (folder.preview or folder.indexed == index.mark(files)) else ""
    if mark:
        files |= {path: digest for path, digest in folder.owned.items() if path.startswith(SEARCH_FOLDER)}
    deleted = folder.commit(files, emitted.changed, mark)
    files = folder.owned
    stamps = {path: stamp for path, stamp in emitted.stamps.items() if path in files}
    session.results.stamps = stamps | folder.stamps(emitted.changed)
    pages = sum(path.endswith(".html") for path in files)
    return Report([], {}, pages, len(emitted.changed), len(deleted), folder.path, digests=files)


def _reported(plan: SitePlan, report: Report, problems: list[Problem], session: Session) -> Report:
    """The report with the problems at their lines, and what was withheld."""
    snapshot, released = plan.content.snapshot, plan.released
    former = session.cache.results.lines
    ordered, session.results.lines = located(
        snapshot.project, problems, plan.content.entries, snapshot.options.each, former
    )
    return report._replace(
        problems=ordered,
        withheld=plan.content.withheld,
        withheld_files=released.withheld_files,
        skipped_kinds=released.skipped_kinds,
        note="\n".join(snapshot.notes),
    )


def _commit(
    plan: SitePlan, job: Job, inputs: PageInputs, report: Report, session: Session, *, index_missing: bool
) -> None:
    """Keep the results of this build for the next one."""
    content, released, snapshot, cache = plan.content, plan.released, plan.content.snapshot, session.cache
    session.results.values = plan.values.current
    cache.results = session.results
    everything, public = content.everything, released.public
    cache.everything = Former(everything.fingerprints, everything.corpus)
    same = public.corpus is everything.corpus
    cache.shown = None if same else Former(public.fingerprints, public.corpus)
    cache.mentioned = {**everything.mentioned, **public.mentioned}
    outputs, last = b"", b""
    inputs_digest, sources = b"", b""
    if snapshot.changed is None and not report.index_outdated and not index_missing:
        withheld = [(*key, why) for key, why in content.withheld.items()]
        last = _PACK(
            LastReport(report.problems, withheld, report.pages, list(report.withheld_files), list(report.skipped_kinds))
        )
        outputs, inputs_digest, sources = mark_of(session.results.stamps), snapshot.inputs, snapshot.sources
    # Without these digests, the next build that looks at everything finds something to do.
    cache.head = Head(cache.code, inputs_digest, sources, outputs, snapshot.began, last)
    if session.persist:
        cache.write()
        snapshot.options.stages.lap("keep")
    else:
        words = (content.words, content.words_problems)
        session.last = LastBuild(snapshot, words, content.theme, job.folder, job.renderer, plan, inputs)
