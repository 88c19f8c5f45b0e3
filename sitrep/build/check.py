"""The third step of a build: what is wrong with the content as a whole, and with what is released of it."""

from __future__ import annotations

from functools import partial

from sitrep.build.locate import located
from sitrep.build.release import release
from sitrep.build.report import Report
from sitrep.build.state import Content, Released, Session
from sitrep.checks.every import findings, units
from sitrep.checks.references import period_ids
from sitrep.checks.withholding import withholding
from sitrep.corpus.corpus import Corpus
from sitrep.incremental.invalidation import CheckResult, packed_dependencies
from sitrep.problems import Problem
from sitrep.publish.assets import assets


def check(content: Content, session: Session) -> list[Problem]:
    """The problems of all content, never as of a day. Checks whose dependencies have not changed are not run again."""
    options, corpus = content.snapshot.options, content.everything.corpus
    session.results.checks = results = _checked(content, session)
    problems = [problem for result in results.values() for problem in result.problems]
    problems += period_ids(corpus, content.snapshot.project.config.briefs.every)
    options.stages.lap("check")
    return [*content.problems, *problems]


def _checked(content: Content, session: Session) -> dict[str, CheckResult]:
    """The results of all checks: those of the whole corpus, and those of each entry."""
    options, everything = content.snapshot.options, content.everything
    former, changes = session.cache.results.checks, everything.invalidation
    names = list(units(everything.corpus))
    valid = former.keys() - changes.touching(former) if changes else frozenset[str]()
    results = {name: former[name] if name in valid else _NOT_RUN for name in names}
    due = [name for name in names if name not in valid]
    runs = options.stages.count("check", options.each(partial(_run, everything.corpus), due), len(due))
    for name, (dependencies, problems) in zip(due, runs, strict=True):
        results[name] = CheckResult(b"", dependencies, problems)
    return results


_NOT_RUN = CheckResult(b"", b"", ())


def _run(corpus: Corpus, name: str) -> tuple[bytes, tuple[Problem, ...]]:
    problems, seen = corpus.recorder.record(lambda: tuple(findings(corpus, name)))
    return packed_dependencies(seen), problems


def check_release(released: Released) -> list[Problem]:
    """What follows from withholding files that the public site leaves out."""
    if not released.leaves_out:
        return []
    publish = released.content.snapshot.project.config.publish
    return list(withholding(released.everything, released.public.corpus, released.content.withheld, publish))


def check_content(content: Content, session: Session) -> Report:
    """The report of `sitrep check`: all problems; nothing is written."""
    project, each = content.snapshot.project, content.snapshot.options.each
    problems = check(content, session)
    released = release(content, session)
    problems += check_release(released)
    problems += assets(project, content.entries, content.everything.corpus, content.about)[1]
    problems, _ = located(project, problems, content.entries, each)
    return Report(
        problems, content.withheld, withheld_files=released.withheld_files, skipped_kinds=released.skipped_kinds
    )
