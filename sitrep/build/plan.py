"""What is to be made of a corpus, and whether a former plan is still that."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, cast

import msgspec

from sitrep.analysis.history import Digest
from sitrep.build.emit import NOTHING, Outline, unique
from sitrep.corpus.corpus import Corpus, latest
from sitrep.export.formats import outputs as exports
from sitrep.export.holding import ExportContext
from sitrep.i18n.words import Words
from sitrep.incremental.cache import Results
from sitrep.incremental.invalidation import CachedValue, Invalidation, traced, usable
from sitrep.model.entries import Prose
from sitrep.model.records import Date, Marking
from sitrep.pages.parts.context import PageContext
from sitrep.pages.registry import part, plan
from sitrep.problems import Problem
from sitrep.project import Project
from sitrep.views.outputs import Output


class Planned(NamedTuple):
    """What is to be made of a corpus, and what was looked at to know."""

    context: PageContext
    outputs: list[Output]
    problems: list[Problem]
    seen: frozenset[int]
    given: tuple[Any, ...]
    """What it was made of beside the corpus."""
    lasts: bool
    """Whether another build may have it: one for exports looks at all texts."""
    outline: Outline = NOTHING
    decided: bytes = b""
    """The digest of what else its outline was made of."""

    def serves(self, corpus: Corpus, how: Invalidation, given: tuple[Any, ...]) -> bool:
        """Whether its context can be that of this corpus: the same one, made over."""
        return self.context.corpus is corpus and how.renumbered is None and self.given == given

    def stands(self, how: Invalidation) -> bool:
        """Whether it would be the same again, given that its context serves."""
        return self.lasts and self.seen.isdisjoint(how.changed)

    def kept(self) -> dict[str, CachedValue]:
        """The piece that tells the next build that it is the same, by name: its outputs are those of the results."""
        value = _PACK((self.problems, len(self.outputs)))
        return {PLAN: CachedValue(self.decided, traced(self.seen), value)} if self.lasts else {}


PLAN = "plan"
_PACK = msgspec.msgpack.Encoder().encode


def recalled(
    former: Results, how: Invalidation | None, decided: bytes, context: PageContext, about: Prose
) -> Planned | None:
    """The plan of the former build, where it would be the same again and all that is in it was made."""
    was = former.pieces.get(PLAN)
    if was is None or how is None or how.renumbered is not None or not usable(was, decided, how):
        return None
    problems, count = msgspec.msgpack.decode(was.value, type=tuple[list[Problem], int])
    if count != len(former.pages):
        return None
    outline = Outline({name: made.given for name, made in former.pages.items()}, partial(_some, context, about))
    return Planned(context, [], problems, frozenset(), (), False, outline, decided)


def _some(context: PageContext, about: Prose, names: Sequence[str]) -> list[Output]:
    """Outputs of a plan that stands; all of it is made only where these are others than the pages of a few things."""
    found: dict[str, Output] = {}
    for outputs in (part(context, about, names), plan(context, about)):
        if found.keys() >= set(names):
            break
        found = {output.paths[0]: output for output in outputs}
    return [found[name] for name in names]


def planned_of(project: Project, context: PageContext, about: Prose, preview: bool, as_of: Date | None) -> Planned:
    """What is to be made of the corpus of this context."""

    def made() -> tuple[list[Output], list[Problem]]:
        exported: tuple[Output, ...] = ()
        if project.config.exports:  # a holding looks at every article
            holding = holding_of(
                project,
                context.corpus,
                context.handling.marking,
                preview,
                as_of,
                context.say,
                partial(getattr, context, "digests"),
            )
            exported = tuple(exports(holding))
        return unique((*plan(context, about), *exported))

    (outputs, found), seen = context.corpus.trace.of(made)
    given = (context.config, context.handling, given_day(as_of), about, context.say.digest)
    return Planned(context, outputs, found, frozenset(seen), given, not project.config.exports)


def holding_of(
    project: Project,
    corpus: Corpus,
    marking: str,
    preview: bool,
    as_of: Date | None,
    words: Words,
    digests: Callable[[], list[Digest]] | None = None,
) -> ExportContext:
    now = given_day(as_of) or latest(corpus)
    strictest = cast(Marking, marking)
    return ExportContext(
        corpus, project.config, strictest=strictest, preview=preview, now=now, words=words, digests=digests
    )


def given_day(as_of: Date | None) -> str:
    """The day that whoever builds says is now; empty where they say none."""
    return as_of.latest if as_of else _epoch()


def _epoch() -> str:
    """The day of SOURCE_DATE_EPOCH, where it is set."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given.isascii() or not given.isdigit() or len(given) > 11:
        return ""
    return datetime.fromtimestamp(int(given), tz=UTC).date().isoformat()
