"""The fifth step of a build: which pages and other files the site consists of. Nothing is rendered yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

import msgspec

from sitrep.analysis.history import Digest
from sitrep.build.state import Released, Session, SitePlan
from sitrep.corpus.corpus import latest
from sitrep.export.context import ExportContext
from sitrep.export.formats import outputs as exports
from sitrep.i18n.words import Words, direction
from sitrep.incremental.invalidation import CachedValues
from sitrep.model.records import SINGULAR, Date, Kind
from sitrep.pages import search
from sitrep.pages.parts.context import Handling, PageContext
from sitrep.pages.registry import plan
from sitrep.parse.config import Config
from sitrep.problems import ERROR, Problem
from sitrep.publish.assets import assets
from sitrep.publish.output_folder import PREVIEW
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import Link, Site

NAV: tuple[Kind, ...] = ("briefs", "articles", "claims", "events", "actors", "sources", "topics")
ALONE = ("timeline", "network", "map", "method", "about")
"""Pages of no kind, in the menu after those of a kind."""


def plan_site(released: Released, session: Session) -> SitePlan:
    """Decide what the site consists of. A process that stays reuses the plan of its last build while it holds."""
    content, state = released.content, released.public
    snapshot, corpus, changes = content.snapshot, state.corpus, state.invalidation
    project, options = snapshot.project, snapshot.options
    former = session.cache.results.values
    config = msgspec.structs.replace(project.config, search=bool(snapshot.search_program))
    handling = Handling(released.marking, options.preview)
    inputs = (config, handling, explicit_day(options.as_of), content.about, content.words.digest)
    values = CachedValues(former, changes, corpus.recorder)
    last = snapshot.last.plan if snapshot.last else None
    if last and changes and last.context.corpus is corpus and last.inputs == inputs:
        context = last.context
        context.renew(changes.changed.keys(), values)
    else:
        context, last = PageContext(corpus, config, handling, content.words, values, explicit_day(options.as_of)), None
    if last and changes and not project.config.exports and last.dependencies.isdisjoint(changes.changed):
        values.current.update(former)
        outputs, conflicts, dependencies = last.outputs, last.path_conflicts, last.dependencies
    else:
        (outputs, conflicts), seen = corpus.recorder.record(lambda: _outputs(released, context))
        dependencies = frozenset(seen)
    images, problems = assets(project, content.entries, corpus, content.about)
    static = {**dict(content.theme.assets.values()), **images}
    if options.preview:
        static[PREVIEW] = b"A preview: it shows what the public site withholds. Do not publish it.\n"
    site = _site(config, options.preview, options.as_of, content.words)
    site = msgspec.structs.replace(site, assets={name: path for name, (path, _) in content.theme.assets.items()})
    return SitePlan(released, context, inputs, values, outputs, conflicts, dependencies, static, problems, site)


def _outputs(released: Released, context: PageContext) -> tuple[list[Output], list[Problem]]:
    """Pages, the files beside them, and exports."""
    outputs = list(plan(context, released.content.about))
    if released.content.snapshot.project.config.exports:  # these look at every article
        outputs += exports(export_context(released, partial(getattr, context, "digests")))
    return _unique(outputs)


def _unique(outputs: Iterable[Output]) -> tuple[list[Output], list[Problem]]:
    """Outputs whose paths differ even if case is ignored; a second claim to a path is a problem and not written."""
    unique: list[Output] = []
    claimed: dict[str, str] = {}
    problems = []
    for output in outputs:
        taken = [path for path in output.paths if claimed.setdefault(path.casefold(), path) is not path]
        if taken:
            message = f"two things claim the page {taken[0]}"
            problems.append(Problem(code="twin-outputs", severity=ERROR, message=message, hint="rename one of them"))
            continue
        unique.append(output)
    return unique, problems


def export_context(released: Released, digests: Callable[[], list[Digest]] | None = None) -> ExportContext:
    """What exports may draw on."""
    snapshot, corpus = released.content.snapshot, released.public.corpus
    options = snapshot.options
    return ExportContext(
        corpus,
        snapshot.project.config,
        strictest=released.marking,
        preview=options.preview,
        now=explicit_day(options.as_of) or latest(corpus),
        words=released.content.words,
        digests=digests,
    )


def explicit_day(as_of: Date | None) -> str:
    """The day that `--as-of` or SOURCE_DATE_EPOCH says is today; empty where neither is set."""
    if as_of:
        return as_of.latest
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isascii() or not epoch.isdigit() or len(epoch) > 11:
        return ""
    return datetime.fromtimestamp(int(epoch), tz=UTC).date().isoformat()


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
