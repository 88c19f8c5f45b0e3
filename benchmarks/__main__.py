"""`python -m benchmarks`: cold builds of made-up sites, beside other generators where they are named."""

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

from benchmarks.corpus import write
from benchmarks.measure import Contender, Failed, Run, peak, run
from sitrep import __version__

SIZES = (1000, 10000)


class Result(NamedTuple):
    """What one contender did at one size. `ratio` is sitrep's time over its, the median of the rounds."""

    size: int
    name: str
    pages: int
    runs: list[Run]
    peak: float | None
    ratio: float

    def median(self, what: Literal["wall", "cpu", "largest"]) -> float:
        values: list[float] = [getattr(made, what) for made in self.runs]
        return statistics.median(values)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--size", "sizes", type=click.IntRange(1), multiple=True, help="Articles; repeatable.  [1000, 10000]")
@click.option("--runs", type=click.IntRange(1), default=3, help="Runs of each, in turn.  [3]")
@click.option("--seed", type=int, default=1, help="Which made-up content.  [1]")
@click.option("--jobs", type=click.IntRange(1), help="Processes that sitrep may use.  [one for each processor]")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Make the sites here, and leave them.")
@click.option("--peer", "peers", multiple=True, metavar="NAME=COMMAND:FOLDER", help="Another generator, run in FOLDER.")
@click.option("--wipe", "wipes", multiple=True, metavar="NAME=PATH", help="What a peer makes in FOLDER: deleted first.")
@click.option("--json", "as_json", is_flag=True, help="Print every run, as JSON.")
def main(
    sizes: tuple[int, ...],
    runs: int,
    seed: int,
    jobs: int | None,
    keep: Path | None,
    peers: tuple[str, ...],
    wipes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure cold builds: an empty output folder, no cache, the sources in memory.

    In COMMAND, FOLDER and PATH, {n} stands for the number of articles. Runs are taken in turn (A B A B), so that a
    machine that slows down slows all alike.
    """
    results: list[Result] = []
    with _workshop(keep) as folder:
        for size in sizes or SIZES:
            others = [_peer(peer, wipes, size) for peer in peers]
            contenders = [_ours(folder, size, seed, jobs), *others]
            try:
                results += measured(size, contenders, runs)
            except Failed as error:
                raise click.ClickException(str(error)) from None
    click.echo(_json(results) if as_json else table(results))


def measured(size: int, contenders: Sequence[Contender], runs: int) -> Iterator[Result]:
    """Every contender's runs in turn, then one more of each for the memory of all its processes."""
    rounds = []
    for number in range(1, runs + 1):
        _told(f"{size} articles: run {number} of {runs}")
        rounds.append([run(contender) for contender in contenders])
    _told(f"{size} articles: memory")
    for n, contender in enumerate(contenders):
        held = peak(contender)
        made = [each[n] for each in rounds]
        ratio = statistics.median(each[0].wall / each[n].wall for each in rounds)
        yield Result(size, contender.name, contender.pages(), made, held, ratio)


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    lines = [
        machine(),
        "",
        "| articles | | pages | wall (min–max) | cpu | peak, largest process | peak, all | sitrep’s time / its |",
        "|---:|---|---:|---|---:|---:|---:|---:|",
    ]
    for made in results:
        walls = [each.wall for each in made.runs]
        wall = f"{made.median('wall'):.2f} s ({min(walls):.2f}–{max(walls):.2f})"
        held = f"{made.peak:.0f} MiB" if made.peak is not None else "unknown"
        largest = f"{made.median('largest'):.0f} MiB"
        cells = [str(made.size), made.name, str(made.pages), wall, f"{made.median('cpu'):.2f} s", largest, held]
        lines.append(f"| {' | '.join(cells)} | {made.ratio:.2f} |")
    return "\n".join(lines)


def machine() -> str:
    """What was measured, on what."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = platform.python_version()
    return f"sitrep {__version__}, Python {python}, {platform.system()} {platform.machine()}, {cores} processors"


def _json(results: Sequence[Result]) -> str:
    made: list[dict[str, Any]] = [
        {
            **{key: getattr(result, key) for key in ("size", "name", "pages", "peak", "ratio")},
            "runs": [each._asdict() for each in result.runs],
        }
        for result in results
    ]
    return json.dumps({"machine": machine(), "results": made}, indent=1)


@contextmanager
def _workshop(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="sitrep-bench-") as folder:
        yield Path(folder)


def _ours(folder: Path, size: int, seed: int, jobs: int | None) -> Contender:
    project = folder / f"sitrep-{size}-{seed}"
    if not project.exists():
        _told(f"{size} articles: writing {project}")
        unfinished = project.with_name(f"{project.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        write(unfinished, size, seed)
        unfinished.rename(project)
    command = [sys.executable, "-m", "sitrep", "build", "--quiet", *(["--jobs", str(jobs)] if jobs else [])]
    return Contender("sitrep", command, project, [project / "site", project / ".sitrep"])


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
