"""`python -m benchmarks.lighthouse`: what Lighthouse says of five pages of the demonstration.

Lighthouse is a package of npm (`npm install -g lighthouse`), and drives Debian's Chromium. Where one of them is not
installed this says so, and measures nothing. Its figure for performance is that of a slow phone which it imagines, and
varies from run to run: hence the median, and hence nothing is asserted.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"article": "articles", "actor": "actors", "claim": "claims", "brief": "briefs"}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--runs", type=click.IntRange(1), default=3, help="Runs of each page; the median counts.  [3]")
@click.option("--json", "as_json", is_flag=True, help="Print every run, as JSON.")
def main(runs: int, as_json: bool) -> None:
    command, chromium = found(), os.environ.get("SITREP_CHROMIUM") or shutil.which("chromium")
    if not command or not chromium:
        what = "Chromium" if command else "Lighthouse"
        click.echo(f"skipped: {what} is not installed")
        return
    told: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as temporary, served(built(Path(temporary))) as (site, address):
        for name, page in pages(site).items():
            made = [judged(command, chromium, f"{address}/{page}", Path(temporary)) for _ in range(runs)]
            told[name] = {category: [one[category] for one in made] for category in CATEGORIES}
    if as_json:
        click.echo(json.dumps({"runs": runs, "pages": told}, indent=1))
        return
    click.echo(f"{'':8} " + " ".join(f"{category:>14}" for category in CATEGORIES))
    for name, found_ in told.items():
        click.echo(f"{name:8} " + " ".join(f"{statistics.median(found_[category]):14.0f}" for category in CATEGORIES))


def found() -> list[str]:
    """How Lighthouse is called; nothing where it is not installed."""
    if named := os.environ.get("SITREP_LIGHTHOUSE") or shutil.which("lighthouse"):
        return [named]
    if npx := shutil.which("npx"):
        asked = [npx, "--no-install", "lighthouse"]
        if subprocess.run([*asked, "--version"], capture_output=True, check=False).returncode == 0:
            return asked
    return []


def built(folder: Path) -> Path:
    """The demonstration, as it would be published."""
    site = folder / "site"
    options = ["build", "--quiet", "--output", str(site)]
    subprocess.run([sys.executable, str(ROOT / "build.py"), *options], check=True)
    return site


def pages(site: Path) -> dict[str, str]:
    """Of each kind the page that has most to show."""
    made = {"home": "index.html"}
    for name, folder in FOLDERS.items():
        largest = max((site / folder).glob("*.html"), key=lambda path: path.stat().st_size)
        made[name] = largest.relative_to(site).as_posix()
    return made


@contextmanager
def served(site: Path) -> Iterator[tuple[Path, str]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield site, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def judged(command: list[str], chromium: str, address: str, folder: Path) -> dict[str, float]:
    """One run: each category's score, of 100."""
    out = folder / "report.json"
    options = ["--quiet", "--output", "json", "--output-path", str(out), f"--chrome-flags={FLAGS}"]
    subprocess.run([*command, address, *options], check=True, env={**os.environ, "CHROME_PATH": chromium})
    scores = json.loads(out.read_bytes())["categories"]
    return {category: 100 * (scores[category]["score"] or 0) for category in CATEGORIES}


if __name__ == "__main__":
    main()
