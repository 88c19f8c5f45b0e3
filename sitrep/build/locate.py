"""Where problems are: the line and column of each place in the data, looked up in its file when it is reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from sitrep.incremental.entry_store import EntryStore
from sitrep.parallel.pool import Each
from sitrep.parse import yaml
from sitrep.parse.text import decode
from sitrep.problems import Problem, in_order
from sitrep.project import Project

Position = tuple[int, int]
"""Line and column, from 1."""


def located(
    project: Project,
    problems: Iterable[Problem],
    entries: EntryStore,
    each: Each,
    former: Mapping[str, Position] = {},
) -> tuple[list[Problem], dict[str, Position]]:
    """The problems in order, with their positions; and the positions that were looked up, for the next build.

    A place is known by its file's digest, so that what a `former` build looked up need not be looked up again.
    """
    ordered = list(problems)
    digests = {file: digest for row in entries.rows.values() for file, _, digest in row.files}
    positions: dict[str, Position] = {}
    due: dict[str, list[tuple[int, str]]] = {}

    def locate(n: int, name: str, position: Position) -> None:
        positions[name] = position
        ordered[n] = msgspec.structs.replace(ordered[n], line=position[0], column=position[1])

    for n, problem in enumerate(ordered):
        if problem.at and not problem.line and problem.file:
            name = _place(problem, digests)
            if position := former.get(name):
                locate(n, name, position)
            else:
                due.setdefault(problem.file, []).append((n, name))
    batches = [[ordered[n] for n, _ in places] for places in due.values()]
    for places, results in zip(due.values(), each(partial(_looked_up, project.root), batches), strict=True):
        for (n, name), position in zip(places, results, strict=True):
            locate(n, name, position)
    return in_order(ordered), {name: position for name, position in positions.items() if not name.startswith(" ")}


def _place(problem: Problem, digests: Mapping[str, bytes]) -> str:
    """A name for a place in the data of a file as it is; it begins with a blank where the file is not known."""
    return f"{digests.get(problem.file, b'').hex()} {problem.file} {problem.at!r} {problem.on_key}"


def _looked_up(root: Path, problems: list[Problem]) -> list[Position]:
    """The positions of the problems of one file."""
    file = problems[0].file
    try:
        text = decode((root / file).read_bytes(), file)[0]
    except OSError:
        text = None
    places = yaml.places(text, [problem.at for problem in problems]) if text else {}
    return [yaml.located(problem, places) for problem in problems]
