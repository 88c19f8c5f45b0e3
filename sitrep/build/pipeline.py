"""What `build` does where something is to be done: load, check and release, plan, emit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from sitrep.analysis import phrasing
from sitrep.build.emit import Job, Promise, Promised, SearchIndexJob, emit, indexed
from sitrep.build.load import LANGUAGES, about_of, located, read, words_of
from sitrep.build.plan import Planned, given_day, holding_of, planned_of, recalled
from sitrep.build.report import Report, Stages
from sitrep.build.scan import LastReport, Snapshot, untroubled
from sitrep.checks.every import findings, units
from sitrep.checks.references import period_ids
from sitrep.corpus.corpus import Corpus, Key
from sitrep.export.holding import ExportContext
from sitrep.i18n.words import Words, direction
from sitrep.incremental.cache import Cache, Former
from sitrep.incremental.container import Head
from sitrep.incremental.corpus_reuse import Known, corpus_of, known
from sitrep.incremental.entry_store import EntryStore
from sitrep.incremental.invalidation import CachedValues, CheckResult, carried, invalidation, traced
from sitrep.model.hashing import digested
from sitrep.model.records import SINGULAR, Date, Kind, Marking
from sitrep.pages import search
from sitrep.pages.parts.context import Handling, PageContext
from sitrep.parallel.pool import Each
from sitrep.parse.config import Config
from sitrep.problems import Problem
from sitrep.project import Project, Scan, scan
from sitrep.publish import search_index
from sitrep.publish.assets import assets
from sitrep.publish.leak_guard import Guard, consequences, leak_guard
from sitrep.publish.output_folder import PREVIEW, SERVED, Folder, marked
from sitrep.render.jinja import Compiled
from sitrep.render.renderer import Renderer
from sitrep.render.theme import Theme
from sitrep.views import urls
from sitrep.views.pages import Link, Site

STRICTEST: tuple[Marking, ...] = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
NAV: tuple[Kind, ...] = ("briefs", "articles", "claims", "events", "actors", "sources", "topics")
ALONE = ("timeline", "network", "map", "method", "about")
"""Pages of no kind, in the menu after those of a kind."""


Left = tuple[tuple[str, str], ...]
"""Files that did not leave, and why."""
Foretell = Callable[[Promised, list[Problem], Left], Callable[[], None] | None]


class BuildOptions(NamedTuple):
    """What is to be built, where, and with what."""

    project: Project
    folder: Folder
    each: Each
    preview: bool
    as_of: Date | None
    finder: str
    """The program that makes the search index; empty where none is made."""
    leave: Callable[[], bool]
    lasting: bool
    """Whether what is kept is written."""
    promise: Foretell | None
    """Hears what much is about to be made, with the problems and the files that are told of it."""


def make(given: BuildOptions, look: Snapshot, heard: frozenset[Key] | None, cache: Cache, stages: Stages) -> Report:
    """Load, check and release, plan, emit. `heard` are the things that alone may have changed, where that is known.

    Raises Unusable, and Damaged where the cache is not as it was written.
    """
    project, folder, each, preview, as_of = given[:5]
    past: Session | None = cache.at_hand if heard is not None else None
    config = msgspec.structs.replace(project.config, search=bool(given.finder))
    there = look.there
    problems = list(there.problems)
    spoken = past.spoken if past else words_of(project)
    words = spoken[0]
    problems += spoken[1]
    theme = past.theme if past else Theme.of(project.themes, words)
    former = cache.read_results()
    things = cache.read_things()
    stages.lap("recall")
    cache.at_hand = None  # until this build is done
    problems += read(project, there.tasks, each, things, look.began, stages, heard)
    if given.lasting:
        things.settle()
    stages.lap("read")
    held = {key: row.held for key, row in things.rows.items() if row.held}
    everything = known(cache, things, list(things.rows), cache.everything, held if preview else {}, None, heard)
    stages.lap("relate")
    checks = _checked(everything, each, former.checks, stages)
    problems += [problem for found in checks.values() for problem in found.problems]
    problems += period_ids(everything.corpus, project.config.briefs.every)
    stages.lap("check")
    about, found = about_of(project, everything.corpus)
    problems += found
    shown = everything
    keys = [key for key in things.rows if preview or key not in held]
    if (held and not preview) or as_of:
        shown = known(cache, things, keys, cache.shown, held if preview else {}, as_of, heard)
    corpus = shown.corpus
    how = shown.invalidation
    if shown is everything and cache.shown:  # what was shown before was less, and the former results are of that
        how = invalidation(cache.shown.marks, shown.marks)
    pieces = CachedValues(former.pieces, how, corpus.trace)
    handling = _handling(things, keys, corpus, preview)
    planned = past.planned if past else None
    drawn_on = (config, handling, given_day(as_of), about, words.digest)
    if planned and how and planned.serves(corpus, how, drawn_on):
        context = planned.context
        context.renew(how.changed, pieces)
    else:
        context, planned = PageContext(corpus, config, handling, words, pieces, given_day(as_of)), None
    guard = Guard()
    if held and not preview:
        whole = corpus_of(things, things.rows, as_of) if as_of else everything.corpus
        problems += consequences(whole, corpus, held, project.config.publish)
    if (held or there.left) and not preview:
        guard = leak_guard(project, [things.entry(key) for key in held], there.left, corpus, about, context.said, each)
    images, found = assets(project, things, corpus, about)
    problems += found
    named = {name: path for name, (path, _) in theme.assets.items()}
    site = msgspec.structs.replace(_site(config, preview, as_of, words), assets=named)
    fixed = {**dict(theme.assets.values()), **images}
    if preview:
        fixed[PREVIEW] = b"A preview: it shows what the public site withholds. Do not publish it.\n"
    needles = [needle.text for needle in guard.needles]
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    frame = digested(config, words.digest, look.drawn, site, context.handling, needles, epoch, cache.code)
    alone = not any((theme / LANGUAGES).is_dir() for theme in project.themes[:-1])  # then its words are ours
    compiled = Compiled(project.state, cache.code, words, project.themes[-1] if alone else None)
    renderer = Renderer(project.themes, site, words, past.renderer.environment if past else None, compiled)
    sure = heard is not None and (project.state / SERVED) in folder.path.parents  # there nobody else writes
    job = Job(folder, guard, renderer, corpus, theme, frame)
    decided = digested(*drawn_on, frame, theme.digest)
    if planned and how and planned.stands(how):
        pieces.held.update(former.pieces)
    else:
        before = recalled(former, how, decided, context, about) if given.lasting and not given.finder else None
        pieces.held.update(former.pieces if before else {})
        planned = before or planned_of(project, context, about, preview, as_of)
    if planned.decided != decided:
        planned = planned._replace(outline=job.outline(planned.outputs), decided=decided)
        pieces.held.update(planned.kept())
    problems += [] if any(p.code in ("twin-ids", "former-id") for p in problems) else planned.problems
    stages.lap("plan")
    index = None
    if given.finder:
        pages = tuple(search.searched(context, planned.outputs))
        maker = f"{search_index.version(given.finder)} {cache.code.hex()}"
        index = SearchIndexJob(given.finder, maker, pages, given.leave)
    promise: Promise | None = None
    if given.promise and sure and preview and past and past.planned.decided == decided:
        foretell = given.promise

        def promise(promised: Promised) -> Callable[[], None] | None:
            known = located(project, problems, things, each, former.lines)[0]
            return foretell(promised, known, _listed(things, held, there)["files"])

    report, results = emit(job, planned.outline, fixed, each, former, how, stages, index, sure=sure, promise=promise)
    stages.lap("make")
    unsearched: list[Problem] = []
    if report.output and index:
        report, unsearched = indexed(job, index, report, results, former)
        problems += unsearched
        stages.lap("index")
    problems, lines = located(project, [*problems, *report.problems], things, each, former.lines)
    report = report._replace(problems=problems, withheld=held, **_listed(things, held, there))
    if report.output:
        results.checks, results.lines, results.pieces = checks, lines, pieces.held
        cache.results = results
        cache.everything = Former(everything.marks, everything.corpus)
        cache.shown = None if shown is everything else Former(shown.marks, corpus)
        cache.mentioned = {**everything.mentioned, **shown.mentioned}
        unsettled = heard is not None or report.behind or bool(unsearched)
        if unsettled:  # the next build that looks at everything has something to do
            cache.head = Head(cache.code, b"", b"", b"", look.began, b"")
        else:
            written = marked(results.stamps)
            told = LastReport(
                problems, [(*key, why) for key, why in held.items()], report.pages, list(report.files), [*report.left]
            )
            cache.head = Head(cache.code, look.given, look.sources, written, look.began, _PACK(told))
        if not given.lasting:
            cache.at_hand = Session(look, spoken, theme, folder, renderer, planned)
        else:
            cache.write()
            stages.lap("keep")
    return report


_PACK = msgspec.msgpack.Encoder().encode


class Session(NamedTuple):
    """What a process that stays has of its last build, for one that is told what has changed since."""

    look: Snapshot
    spoken: tuple[Words, list[Problem]]
    theme: Theme
    folder: Folder
    renderer: Renderer
    planned: Planned


def inspect(project: Project, each: Each) -> Report:
    """The problems alone; nothing is written."""
    with untroubled():
        there = scan(project)
        things = EntryStore()
        problems = [*there.problems, *read(project, there.tasks, each, things)]
        corpus = corpus_of(things, things.rows)
        checks = _checked(Known(corpus, None, None, {}), each, {}, Stages())
        about, told = about_of(project, corpus)
        problems += [
            *(problem for found in checks.values() for problem in found.problems),
            *told,
            *words_of(project)[1],
        ]
        problems += period_ids(corpus, project.config.briefs.every)
        problems += assets(project, things, corpus, about)[1]
        if held := {key: row.held for key, row in things.rows.items() if row.held}:
            released = corpus_of(things, [key for key in things.rows if key not in held])
            problems += consequences(corpus, released, held, project.config.publish)
        return Report(located(project, problems, things, each)[0], held, **_listed(things, held, there))


# -- check ------------------------------------------------------------------------------------------------------------


def _checked(known: Known, each: Each, former: Mapping[str, CheckResult], stages: Stages) -> dict[str, CheckResult]:
    """What the checks find, unit by unit: those of the whole corpus, and those of each thing."""
    all_ = list(units(known.corpus))
    how = known.invalidation
    if how is None:
        found, due = dict.fromkeys(all_, _NOTHING), all_
    else:
        touched = how.touching(former)
        due = [unit for unit in all_ if unit in touched or unit not in former]
        new = set(due)
        found = {unit: _NOTHING if unit in new else carried(former[unit], how) for unit in all_}
    told = stages.count("check", each(partial(_found, known.corpus), due), len(due))
    for unit, made in zip(due, told, strict=True):
        found[unit] = CheckResult(b"", made[0], made[1])
    return found


_NOTHING = CheckResult(b"", b"", ())


def _found(corpus: Corpus, unit: str) -> tuple[bytes, tuple[Problem, ...]]:
    problems, seen = corpus.trace.of(lambda: tuple(findings(corpus, unit)))
    return traced(seen), problems


# -- release ----------------------------------------------------------------------------------------------------------


def _listed(things: EntryStore, held: dict[Key, str], there: Scan) -> dict[str, Any]:
    """What a report says of files that did not leave."""
    files = [(file, why) for key, why in held.items() for file, _, _ in things.rows[key].files]
    files += [(left.file, left.why) for left in there.left]
    return {"files": tuple(files), "left": tuple(left.kind for left in there.left)}


def hold(
    project: Project, each: Each, *, preview: bool = False, as_of: Date | None = None
) -> tuple[ExportContext, Guard, list[Problem]]:
    """What an export may draw on, the guard that watches it, and the problems of what was read."""
    with untroubled():
        there = scan(project)
        things = EntryStore()
        problems = [*there.problems, *read(project, there.tasks, each, things)]
        held = {} if preview else {key: row.held for key, row in things.rows.items() if row.held}
        keys = [key for key in things.rows if key not in held]
        corpus = corpus_of(things, keys, as_of)
        everything = corpus_of(things, things.rows, as_of) if held else corpus
        about, told = about_of(project, everything)
        problems += told
        marking = _handling(things, keys, corpus, preview).marking
        words, told = words_of(project)
        problems += told
        holding = holding_of(project, corpus, marking, preview, as_of, words)
        guard = Guard()
        if held:
            problems += consequences(everything, corpus, held, project.config.publish)
        if (held or there.left) and not preview:
            made_up = phrasing.made_up(words, holding.digests)
            guard = leak_guard(project, [things.entry(key) for key in held], there.left, corpus, about, made_up, each)
        return holding, guard, located(project, problems, things, each)[0]


def _handling(things: EntryStore, keys: Iterable[Key], corpus: Corpus, preview: bool) -> Handling:
    """A page that draws on several files bears the strictest marking any of them may have."""
    markings: set[str] = set()
    for key in keys:
        mark = things.rows[key].marking
        if mark not in markings and (entry := corpus.get(key)) and entry.files:  # not so many are looked at
            markings.add(mark)
    return Handling(max((m for m in STRICTEST if m in markings), key=STRICTEST.index, default="TLP:CLEAR"), preview)


# -- site -------------------------------------------------------------------------------------------------------------


def _site(config: Config, preview: bool, as_of: Date | None, words: Words) -> Site:
    links = [Link(href=urls.index(kind), text=words.term("menu", kind), kind=SINGULAR[kind]) for kind in NAV]
    return Site(
        title=config.title,
        description=config.description,
        language=config.language,
        direction=direction(config.language),
        url=config.url,
        preview=preview,
        as_of=as_of.text if as_of else "",
        nav=(
            *links,
            *(Link(href=f"{name}.html", text=words.term("menu", name), kind=name) for name in ALONE),
            *([Link(href=search.PATH, text=words("menu.search"), kind="search")] if config.search else []),
        ),
        assets={},
    )
