"""Turn content/ into site/. Every build is this one: from the shell, in the preview, of a project that never built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from sitrep.build.report import Report
from sitrep.build.scan import scan
from sitrep.build.state import BuildOptions, Session
from sitrep.incremental.container import Damaged
from sitrep.parallel.pool import Each
from sitrep.project import Project
from sitrep.publish.output_folder import locked


def build(project: Project, options: BuildOptions, session: Session | None = None) -> Report:
    """Build the site, or a preview of everything.

    Each step compares what it is given with the session of the last build and reuses what has not changed; the result
    is, byte for byte, that of a build without a session. Raises Unusable when the build cannot begin or the site cannot
    be written; the former site then stands.
    """
    session = session or Session(project, options.output)
    with locked(project), without_garbage_collection():
        try:
            return _build(project, options, session)
        except (Damaged, msgspec.MsgspecError):
            session.forget()
            report = _build(project, options, session)
            return report.with_note("the cache was damaged: everything was rebuilt")


def _build(project: Project, options: BuildOptions, session: Session) -> Report:
    snapshot = scan(project, options, session)
    if snapshot.report:  # nothing has changed
        return snapshot.report
    # Imported here, since a build that has nothing to do needs none of them.
    from sitrep.build.check import check, check_release
    from sitrep.build.emit import emit
    from sitrep.build.load import load
    from sitrep.build.plan import plan_site
    from sitrep.build.release import leak_guard_of, release

    content = load(snapshot, session)
    problems = check(content, session)  # of everything, never as of a day
    released = release(content, session)  # public, withheld and skipped, as of the day
    problems += check_release(released)
    plan = plan_site(released, session)
    return emit(plan, leak_guard_of(released, lambda: plan.context.composed_names), problems, session)


def check_project(project: Project, each: Each) -> Report:
    """The problems of all content, as far as `build` would find them before it plans pages; nothing is written."""
    from sitrep.build.check import check_content
    from sitrep.build.load import load

    with without_garbage_collection():
        session = Session(project)
        return check_content(load(scan(project, BuildOptions(each), session), session), session)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """A build allocates much, and little of it in cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
