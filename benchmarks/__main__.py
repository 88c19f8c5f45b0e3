"""`python -m benchmarks`: builds of made-up sites, beside other generators where they are named."""

from __future__ import annotations

import json
import os
import platform
import shlex
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click

from benchmarks.corpus import EVERYTHING, PLAIN, write
from benchmarks.measure import Contender, Edits, Failed, Run, peak, run, served
from sitrep import __version__

SIZES = (1000, 10000)
ALSO = {
    "everything": "with feeds, JSON and weekly briefs",
    "hubs": "an actor in four of five, a claim in one of five, an article of 600 annotations",
    "again": "nothing changed",
    "edit": "one text edited",
    "stix": "export stix",
    "sqlite": "export sqlite",
    "serve": "serve: from a saved text to its page",
}
"""What may be measured beside a cold build, and what its row is called."""


class Result(NamedTuple):
    """What one contender did at one size. `ratio` is its time over the reference's, the median of the rounds.

    The reference is the first peer, else the cold build. None: the two do not compare.
    """

    size: int
    name: str
    pages: int | None
    runs: list[Run]
    peak: float | None
    ratio: float | None

    def median(self, what: Literal["wall", "cpu", "largest"]) -> float | None:
        values = [value for made in self.runs if (value := getattr(made, what)) is not None]
        return statistics.median(values) if values else None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--size", "sizes", type=click.IntRange(1), multiple=True, help="Articles; repeatable.  [1000, 10000]")
@click.option("--runs", type=click.IntRange(1), default=3, help="Runs of each, in turn.  [3]")
@click.option("--seed", type=int, default=1, help="Which made-up content.  [1]")
@click.option("--jobs", type=click.IntRange(1), help="Processes that sitrep may use.  [one for each processor]")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Make the sites here, and leave them.")
@click.option("--peer", "peers", multiple=True, metavar="NAME=COMMAND:FOLDER", help="Another generator, run in FOLDER.")
@click.option("--wipe", "wipes", multiple=True, metavar="NAME=PATH", help="What a peer makes in FOLDER: deleted first.")
@click.option("--also", type=click.Choice(list(ALSO)), multiple=True, help="Measure this too; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print every run, as JSON.")
def main(
    sizes: tuple[int, ...],
    runs: int,
    seed: int,
    jobs: int | None,
    keep: Path | None,
    peers: tuple[str, ...],
    wipes: tuple[str, ...],
    also: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure cold builds, of pages alone: an empty output folder, no cache, the sources in memory.

    In COMMAND, FOLDER and PATH, {n} stands for the number of articles. Runs are taken in turn (A B A B), so that a
    machine that slows down slows all alike.
    """
    results: list[Result] = []
    with _workshop(keep) as folder:
        for size in sizes or SIZES:
            others = [_peer(peer, wipes, size) for peer in peers]
            contenders = [_ours(folder, size, seed, jobs), *others, *_rows(folder, size, seed, jobs, also)]
            try:
                results += measured(size, contenders, runs, 1 if others else 0)
                if "serve" in also:
                    results.append(_serving(folder, size, seed, runs))
            except Failed as error:
                raise click.ClickException(str(error)) from None
    reference = peers[0].partition("=")[0] if peers else "sitrep"
    click.echo(_json(results, reference) if as_json else table(results, reference))


def measured(size: int, contenders: Sequence[Contender], runs: int, reference: int) -> Iterator[Result]:
    """Every contender's runs in turn, then one more of each for the memory of all its processes."""
    rounds = []
    try:
        for number in range(1, runs + 1):
            _told(f"{size} articles: run {number} of {runs}")
            rounds.append([run(contender) for contender in contenders])
        _told(f"{size} articles: memory")
        for n, contender in enumerate(contenders):
            held = peak(contender)
            made = [each[n] for each in rounds]
            ratio = statistics.median(each[n].wall / each[reference].wall for each in rounds)
            yield Result(size, contender.name, contender.pages(), made, held, ratio)
    finally:
        for contender in contenders:
            contender.clear()


def table(results: Sequence[Result], reference: str = "sitrep") -> str:
    """The results as a Markdown table."""
    lines = [
        machine(),
        "",
        f"| articles | | pages | wall (min–max) | cpu | peak, largest process | peak, all | time / {reference}’s |",
        "|---:|---|---:|---|---:|---:|---:|---:|",
    ]
    for made in results:
        walls = [each.wall for each in made.runs]
        cells = [
            str(made.size),
            made.name,
            _cell(made.pages, "d"),
            f"{statistics.median(walls):.2f} s ({min(walls):.2f}–{max(walls):.2f})",
            _cell(made.median("cpu"), ".2f", " s"),
            _cell(made.median("largest"), ".0f", " MiB"),
            _cell(made.peak, ".0f", " MiB"),
            _cell(made.ratio, ".3g"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float | None, form: str, unit: str = "") -> str:
    """Empty where nothing was measured."""
    return "" if value is None else f"{value:{form}}{unit}"


def machine() -> str:
    """What was measured, on what."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = platform.python_version()
    return f"sitrep {__version__}, Python {python}, {platform.system()} {platform.machine()}, {cores} processors"


def _json(results: Sequence[Result], reference: str) -> str:
    made: list[dict[str, Any]] = [
        {
            **{key: getattr(result, key) for key in ("size", "name", "pages", "peak", "ratio")},
            "runs": [each._asdict() for each in result.runs],
        }
        for result in results
    ]
    return json.dumps({"machine": machine(), "reference": reference, "results": made}, indent=1)


@contextmanager
def _workshop(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="sitrep-bench-") as folder:
        yield Path(folder)


def _project(folder: Path, size: int, seed: int, kind: str = "") -> Path:
    """A made-up project, written where it is not there; of a kind: with `everything`, or with `hubs`."""
    project = folder / "-".join(filter(None, ("sitrep", str(size), str(seed), kind)))
    if not project.exists():
        _told(f"{size} articles: writing {project}")
        unfinished = project.with_name(f"{project.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        write(unfinished, size, seed, EVERYTHING if kind == "everything" else PLAIN, hubs=kind == "hubs")
        unfinished.rename(project)
    return project


SITREP = (sys.executable, "-m", "sitrep")


def _build(jobs: int | None) -> list[str]:
    return [*SITREP, "build", "--quiet", *(["--jobs", str(jobs)] if jobs else [])]


def _ours(folder: Path, size: int, seed: int, jobs: int | None, kind: str = "") -> Contender:
    project = _project(folder, size, seed, kind)
    name = ALSO[kind] if kind else "sitrep"
    return Contender(name, _build(jobs), project, [project / "site", project / ".sitrep"])


def _rows(folder: Path, size: int, seed: int, jobs: int | None, also: Sequence[str]) -> Iterator[Contender]:
    """What else is measured. All but other sites find the one that the cold build before them has made."""
    project = _project(folder, size, seed)
    edits = _edits(project)
    for name in ALSO:
        if name not in also:
            continue
        if name in ("everything", "hubs"):
            yield _ours(folder, size, seed, jobs, name)
        elif name == "again":
            yield Contender(ALSO[name], _build(jobs), project, [])
        elif name == "edit":
            yield Contender(ALSO[name], _build(jobs), project, [], edits.edit)
        elif name != "serve":
            file = folder / f"{size}.{name}"
            yield Contender(ALSO[name], [*SITREP, "export", name, "--output", str(file)], project, [file])


def _serving(folder: Path, size: int, seed: int, runs: int) -> Result:
    project = _project(folder, size, seed)
    _told(f"{size} articles: serve")
    made = served([*SITREP, "serve"], project, _edits(project), max(runs, 5))
    return Result(size, ALSO["serve"], None, made, None, None)


def _edits(project: Path) -> Edits:
    return Edits(min((project / "content" / "articles").glob("*.md")))


def _peer(text: str, wipes: Sequence[str], size: int) -> Contender:
    name, equals, rest = text.replace("{n}", str(size)).partition("=")
    command, colon, place = rest.rpartition(":")
    folder = Path(place).absolute()
    if not (name and equals and colon and command and folder.is_dir()):
        raise click.UsageError(f"--peer {text}: it should be NAME=COMMAND:FOLDER, and FOLDER should be there")
    wipe = [
        folder / path.replace("{n}", str(size)) for who, _, path in (w.partition("=") for w in wipes) if who == name
    ]
    outside = [path for path in wipe if folder not in Path(os.path.abspath(path)).parents]
    if outside:
        raise click.UsageError(f"--wipe {name}: {outside[0]} does not lie in {folder}")
    return Contender(name, shlex.split(command), folder, wipe)


def _told(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
