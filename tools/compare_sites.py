"""Prove that the present code builds the same sites as the code of a git revision: `tools/compare_sites.py REV`.

Run it with the Python of `.venv`. Both versions build these projects, each with its own templates:
- each site in `tests/sites`, and the demonstration, as they are at REV, so that REV can read them. (`paging` lacks the
  articles that `tests/test_sites.py` writes; the generated project has long lists instead.)
- a project that `benchmarks/corpus.py` of the working tree generates once, with `--size` articles.

Each project is built without a cache in three variants: the public site, the preview, and the public site as of the
median date of its articles. Feeds, JSON and all exports are on; so are social images where the project has a URL.
Full-text search is off, because the files of Pagefind are not reproducible.

File trees are compared byte by byte, with two exceptions. Names of files in `theme/` contain a digest, which is masked
in paths and in all files that refer to one. The manifest contains a digest of each file, which is masked too, since the
files themselves are compared. The present code is a copy of the working tree, with its uncommitted changes.

`--words-of REV` is for changes that reword the interface: the copy gets the words that REV has in
`templates/languages/en.yaml`, so that all other differences still show. A word that is new in the working tree, or
whose placeholders or plural forms changed, keeps its present text; the command lists such words, and their pages
differ. Texts in templates, scripts and Python code are not replaced.

Exit codes: 0 same sites, 1 differences or a failed build, 2 usage.
"""

from __future__ import annotations

import difflib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORDS = "templates/languages/en.yaml"
LISTED, SHOWN, LINES, WIDTH = 10, 3, 16, 160  # files listed of a site, files with a diff, its lines, their length
GENERATE = """\
import sys, pathlib, benchmarks.corpus as corpus
corpus.write(pathlib.Path(sys.argv[1]), int(sys.argv[2]), config=corpus.EVERYTHING, hubs=True)
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("rev")
@click.option("--size", type=click.IntRange(1), default=1000, help="Articles of the generated project.  [1000]")
@click.option("--words-of", metavar="REV", help="Build the present code with the interface words of this revision.")
def main(rev: str, size: int, words_of: str | None) -> None:
    """Compare the sites that the working tree builds with those that the code of REV builds."""
    with tempfile.TemporaryDirectory(prefix="sitrep-compare-") as temporary:
        folder = Path(temporary).resolve()
        old, new = folder / "old", folder / "new"
        with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", rev))) as archive:
            archive.extractall(old, filter="data")
        for name in ("sitrep", "templates", "benchmarks"):
            shutil.copytree(ROOT / name, new / name, ignore=shutil.ignore_patterns("__pycache__"))
        for code in (old, new):
            if not Path(package := _python(code, "-c", "import sitrep; print(sitrep.__file__)")).is_relative_to(code):
                raise click.ClickException(f"Python imports {package.strip()}, which is not in {code}")
        if words_of:
            for key in _take_words(new / WORDS, _git("show", f"{words_of}:{WORDS}")):
                click.echo(f"{WORDS}: {key} is new or has another form, so its present words stay")
        results = [
            _compare(project, variant, options, old, new)
            for project in _projects(folder / "projects", old, new, size)
            for variant, options in _variants(project).items()
        ]
    sys.exit(0 if all(results) else 1)


def _git(*arguments: str) -> bytes:
    run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        raise click.ClickException(run.stderr.decode().strip())
    return run.stdout


def _python(code: Path, *arguments: str) -> str:
    """Run Python with the packages in `code`: PYTHONPATH comes before an editable install. Returns its output."""
    command, environment = [sys.executable, *arguments], {**os.environ, "PYTHONPATH": str(code)}
    run = subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise click.ClickException(f"{code.name} code, {' '.join(arguments)}:\n{run.stdout}{run.stderr}".rstrip())
    return run.stdout


def _take_words(path: Path, source: bytes) -> list[str]:
    """Replace the words in the catalogue at `path` by those of `source`. Returns the keys that cannot be replaced."""
    old, new = (yaml.load(data, yaml.BaseLoader) for data in (source, path.read_bytes()))
    mismatched: list[str] = []
    for group in [group for group in new if group != "plural"]:
        theirs, ours = old.get(group, {}), new[group]
        words = {key: word for key, word in theirs.items() if key in ours and _form(word) == _form(ours[key])}
        mismatched += [f"{group}.{key}" for key in ours if key not in words]
        new[group] = {**words, **ours, **words}  # in the order of `source`: scripts contain whole groups
    path.write_text(yaml.safe_dump(new, allow_unicode=True, sort_keys=False, width=sys.maxsize), encoding="utf-8")
    return mismatched


def _form(word: Any) -> tuple[frozenset[str], frozenset[str]]:
    """The plural forms of a word and the placeholders in them."""
    texts = word.values() if isinstance(word, dict) else [word]
    return frozenset(word if isinstance(word, dict) else ()), frozenset(re.findall(r"\{\w*\}", " ".join(texts)))


def _projects(folder: Path, old: Path, new: Path, size: int) -> Iterator[Path]:
    exports = yaml.safe_load((old / "config.yaml").read_bytes())["exports"]
    sources = {path.name: path for path in sorted((old / "tests/sites").iterdir())} | {"demonstration": old}
    for name, source in sources.items():
        shutil.copytree(source / "content", folder / name / "content")
        shutil.copy(source / "config.yaml", folder / name)
    generated = folder / f"generated-{size}"
    _python(new, "-c", GENERATE, str(generated), str(size))
    for path in (folder / name / "config.yaml" for name in (*sources, generated.name)):
        config = yaml.safe_load(path.read_bytes())
        config |= {"json": True, "feeds": True, "search": False, "exports": exports, "covers": "url" in config}
        path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
        yield path.parent


def _variants(project: Path) -> dict[str, list[str]]:
    """The options of `sitrep build` for each variant, by the name of the variant."""
    sidecars = "\n".join(path.read_text("utf-8") for path in (project / "content/articles").glob("*.yaml"))
    days = sorted(re.findall(r"^published: *(\d{4}-\d\d-\d\d)", sidecars, re.MULTILINE))
    past = {f" (as of {day})": ["--as-of", day] for day in days[len(days) // 2 :][:1]}
    return {"": [], " (preview)": ["--preview"], **past}


class Site:
    """A built site; the digests in the names of its theme files are masked."""

    def __init__(self, folder: Path) -> None:
        names = [path.name.encode() for path in (folder / "theme").iterdir()]
        self._theme = re.compile(rb"|".join(map(re.escape, names)))
        paths = (path for path in folder.rglob("*") if path.is_file())
        self.files = {self._masked(path.relative_to(folder).as_posix().encode()).decode(): path for path in paths}

    def read(self, file: str) -> bytes | None:
        """The masked content of a file, None where there is no such file."""
        if file not in self.files:
            return None
        data = self._masked(self.files[file].read_bytes())
        return re.sub(rb'": "[0-9a-f]{32}"', b'": "DIGEST"', data) if file == ".sitrep-manifest.json" else data

    def _masked(self, data: bytes) -> bytes:
        return self._theme.sub(lambda match: re.sub(rb"\.[0-9a-f]{10}(?=\.|$)", b".DIGEST", match[0]), data)


def _build(project: Path, options: list[str], code: Path) -> Site:
    output = code.with_name(f"{code.name}-site")
    for folder in (output, project / ".sitrep"):
        shutil.rmtree(folder, ignore_errors=True)
    _python(code, "-m", "sitrep", "--root", str(project), "build", "--quiet", "--output", str(output), *options)
    return Site(output)


def _compare(project: Path, variant: str, options: list[str], old_code: Path, new_code: Path) -> bool:
    """Build a variant with both versions and report the result. Returns whether the sites are the same."""
    old, new = (_build(project, options, code) for code in (old_code, new_code))
    files = sorted(old.files.keys() | new.files.keys())
    different = [file for file in files if old.read(file) != new.read(file)]
    result = f"{len(different)} differ" if different else "the same"
    click.echo(f"{project.name}{variant}: {len(new.files)} files, {result}")
    for number, file in enumerate(different[:LISTED]):
        click.echo(f"  {file}{'' if file in new.files else ' (old only)'}{'' if file in old.files else ' (new only)'}")
        for line in _diff(old.read(file), new.read(file)) if number < SHOWN else ():
            click.echo(f"    {line}")
    if len(different) > LISTED:
        click.echo(f"  … and {len(different) - LISTED} more")
    return not different


def _diff(old: bytes | None, new: bytes | None) -> list[str]:
    """The first lines of a unified diff, empty for files that are not text. Long lines are split after > and commas."""
    if old is None or new is None or b"\0" in old + new:
        return []
    before, after = (re.split(r"(?<=[>,])|\n", data.decode("utf-8", "replace")) for data in (old, new))
    start = _shared(before, after)
    tail = _shared(before[:start:-1], after[:start:-1])
    # difflib takes minutes for large files: it gets the part that differs, at most 1000 lines of it.
    old_part, new_part = (part[max(start - 1, 0) : len(part) - tail + 1][:1000] for part in (before, after))
    lines = list(difflib.unified_diff(old_part, new_part, lineterm="", n=1))[3:]
    return [line[:WIDTH] for line in lines[:LINES]] + (["…"] if len(lines) > LINES else [])


def _shared(a: list[str], b: list[str]) -> int:
    """The number of equal items at the start of both lists."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


if __name__ == "__main__":
    main()
