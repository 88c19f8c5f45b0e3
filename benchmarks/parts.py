"""`python -m benchmarks.parts`: which parts of a build take its time: pictures, ways to a page, feeds, templates.

A build in one process is looked at every few milliseconds of the processor's time. What it is in the midst of says the
stack: the first of the parts below that it leads through. So a picture's share holds the measuring of its letters, and
that of a template does not hold the view which it shows. The index for search is made by another program: how long it
is waited for is told apart.
"""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from benchmarks.corpus import EVERYTHING, write
from sitrep.build.build import build
from sitrep.build.report import Stages
from sitrep.build.state import BuildOptions
from sitrep.parallel.pool import each
from sitrep.project import open_project

EVERY = 0.002
"""Seconds between two looks."""
PARTS: dict[str, Sequence[str]] = {
    "what is sent to the index": ("sitrep/publish/search_index.py", "pages/search.py"),
    "pictures": (
        "sitrep/charts/",
        "pages/parts/diagrams.py",
        *(f"pages/{name}.py" for name in ("maps", "networks", "timelines")),
    ),
    "names, for Find and cards": ("pages/feeds/find_index.py",),
    "feeds and calendar": ("pages/feeds/feeds.py", "pages/feeds/calendar.py", "pages/parts/dated.py"),
    "what is new, where it stands": (
        "sitrep/analysis/novelty.py",
        "pages/parts/novelty.py",
        "pages/parts/positions.py",
    ),
    "JSON beside pages": ("pages/feeds/json.py",),
    "origins and chains": ("sitrep/analysis/provenance.py",),
    "templates": (".html",),
    "reading": ("sitrep/build/load.py", "sitrep/parse/", "sitrep/anchoring/", "sitrep/model/dates.py"),
    "relating": ("sitrep/corpus/",),
    "checks": ("sitrep/checks/",),
    "other views": ("sitrep/pages/",),
    "the guard": ("sitrep/publish/leak_guard.py",),
    "writing": ("sitrep/publish/output_folder.py",),
    "what is kept": ("sitrep/incremental/",),
}
"""Part → what a file's name holds that it leads through."""
REST = "the rest"


class Sampler:
    """Counts which part the main thread is in, by the processor's time (`ITIMER_PROF`): who waits is not counted."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def _look(self, _: int, frame: FrameType | None) -> None:
        self.found[part_of(frame)] += 1


def part_of(frame: FrameType | None) -> str:
    """The part that a stack leads through."""
    files = []
    while frame:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    stack = "\n".join(files)
    return next((part for part, names in PARTS.items() if any(name in stack for name in names)), REST)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--size", type=click.IntRange(1), default=1000, help="Articles.  [1000]")
@click.option("--seed", type=int, default=1, help="Which made-up content.  [1]")
@click.option("--search", is_flag=True, help="With the index for search, where pagefind is installed.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def main(size: int, seed: int, search: bool, as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="sitrep-bench-") as folder:
        root = Path(folder)
        write(root, size, seed, EVERYTHING.replace("search: false", "search: true") if search else EVERYTHING)
        project, _ = open_project(root)
        began, used = time.perf_counter(), time.process_time()
        stages = Stages()
        with Sampler() as sampler:
            report = build(project, BuildOptions(each(1), root / "site", stages=stages))
        wall, cpu = time.perf_counter() - began, time.process_time() - used
    looks = sum(sampler.found.values())
    shares = {part: count / looks for part, count in sampler.found.most_common()}
    if as_json:
        told = {"articles": size, "pages": report.pages, "wall": wall, "cpu": cpu, "looks": looks, "shares": shares}
        told["stages"] = stages.took
        click.echo(json.dumps(told, indent=1))
        return
    click.echo(f"{size} articles, {report.pages} pages, one process: {wall:.1f} s, {cpu:.1f} s of the processor")
    for part, share in shares.items():
        click.echo(f"{share:7.1%} {share * cpu:7.2f} s  {part}")
    if "index" in stages.took:
        click.echo(f"{stages.took['index']:15.2f} s  waited for the index for search")


if __name__ == "__main__":
    main()
