"""The command line: `sitrep`, and `python build.py`, which is the same."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import click

from sitrep import __version__
from sitrep.model.records import PLURAL, SINGULAR, Date
from sitrep.parse.config import Export
from sitrep.problems import INFO, Problem, Unusable, failing
from sitrep.project import Project, open_project

if TYPE_CHECKING:
    from sitrep.build.report import Report
    from sitrep.corpus.corpus import Corpus
    from sitrep.edit.rename import Plan
    from sitrep.parallel.pool import Each
    from sitrep.serve.build_process import BuildResult

OK, PROBLEMS, USAGE = 0, 1, 2
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def run(*, default: str = "") -> NoReturn:
    """Run the command as a process that exits at once: freeing the objects of a large build takes a second.

    For the same reason garbage collection is off, except in commands that keep running.
    """
    gc.disable()
    try:
        main(default=default)
    except SystemExit as done:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # closed or absent
                stream.flush()
        os._exit(done.code if isinstance(done.code, int) else OK)


def main(arguments: list[str] | None = None, *, default: str = "") -> NoReturn:
    """Run a command and exit. `default` is the command to run if `arguments` name none."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if default:
        arguments = _with_default(arguments, default)
    try:
        code = commands(arguments, prog_name="sitrep", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help())
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = USAGE
    except click.Abort:
        code = 130
    except Unusable as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        click.echo(f"sitrep: {error}", err=True)
        code = USAGE
    sys.exit(code if isinstance(code, int) else OK)


def _with_default(arguments: list[str], default: str) -> list[str]:
    """Insert the default command into arguments that are only options."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        if arguments[at] in ("--help", "--version"):
            return arguments
        if arguments[at] == "--root":
            at += 2
        elif arguments[at].startswith("--root="):
            at += 1
        else:
            break
    named = at < len(arguments) and not arguments[at].startswith("-")
    return arguments if named else [*arguments[:at], default, *arguments[at:]]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root", type=click.Path(path_type=Path), default=Path(), help="The project's folder.  [the current one]"
)
@click.version_option(__version__, prog_name="sitrep", message="%(prog)s %(version)s")
@click.pass_context
def commands(context: click.Context, root: Path) -> None:
    """Turn captured articles and annotation sidecars into a static site.

    Exit codes: 0 success, 1 problems, 2 invalid usage or configuration.
    """
    context.obj = root


_jobs = click.option("--jobs", type=click.IntRange(1, 256), help="Number of processes.  [one per processor]")
_quiet = click.option("--quiet", is_flag=True, help="Print only problems.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
_kind = click.argument("kind", type=click.Choice(list(SINGULAR.values())))


def _problem_options(command: Any) -> Any:
    """Add the options of commands that report problems."""
    strict = click.option("--strict", is_flag=True, help="Fail on warnings too (never on info).")
    output_format = click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json", "github"]),
        default="text",
        help="Output format of problems.  [text]",
    )
    return strict(_quiet(output_format(_jobs(command))))


@commands.command()
@click.option("--output", type=click.Path(path_type=Path), help="The output folder.  [site, or preview]")
@click.option("--preview", is_flag=True, help="Show everything, including withheld files: not for release.")
@click.option("--as-of", "as_of", metavar="DATE", help="Show what was known by the end of this day.")
@click.option("--withheld", "list_withheld", is_flag=True, help="List each withheld file and why.")
@click.option("--profile", is_flag=True, help="Print how many seconds each stage took.")
@click.option("--watch", is_flag=True, help="Build again whenever a file changes, until Ctrl-C.")
@_problem_options
@click.pass_obj
def build(
    root: Path,
    output: Path | None,
    preview: bool,
    as_of: str | None,
    list_withheld: bool,
    profile: bool,
    watch: bool,
    strict: bool,
    quiet: bool,
    output_format: str,
    jobs: int | None,
) -> int:
    """Build the site."""
    day = _day(as_of) if as_of else None

    def print_result(
        problems: list[Problem], result: Report | BuildResult, notes: Sequence[str], folder: Path, written: bool
    ) -> None:
        # `check` prints the infos; here they would hide the problems.
        problems = [problem for problem in problems if problem.severity != INFO]
        _print_problems(problems, output_format, withheld=result.withheld_files if list_withheld else None)
        if output_format == "text" and not quiet:
            for line in notes:
                click.echo(line if not preview else f"shown here, but {line}")
            counts = f"{result.pages} pages in {_relative(folder)}: {result.written} files written"
            unchanged = f"nothing was written: {_relative(folder)} is unchanged"
            click.echo(f"{counts}, {result.deleted} deleted" if written else unchanged)
            if result.note:
                click.echo(result.note)
            _print_counts(problems)

    if watch:
        from sitrep.parallel.pool import available
        from sitrep.serve.build_process import BuildRequest
        from sitrep.serve.build_watch import build_and_watch

        gc.enable()

        def print_build(result: BuildResult) -> None:
            if result.refused:
                _print_problems(result.problems, output_format)
                click.echo(f"sitrep: {result.refused}", err=True)
            else:
                print_result(result.problems, result, result.withheld_summary, result.output, result.site_written)

        request = BuildRequest(output.absolute() if output else None, preview, day)
        say = partial(click.echo, err=True)
        build_and_watch(root, request, jobs=jobs or available(), report=print_build, say=say)
        return OK
    from sitrep.build.build import build as build_site
    from sitrep.build.progress import progress
    from sitrep.build.report import summary, unread
    from sitrep.build.state import BuildOptions

    project, problems = open_project(root)
    target = output.absolute() if output else project.root / ("preview" if preview else "site")
    with progress(quiet=quiet or output_format != "text") as stages:
        report = build_site(project, BuildOptions(_each(jobs), target, preview, day, stages=stages))
    problems += report.problems
    notes = [line for line in (summary(report.withheld), unread(report.skipped_kinds)) if line]
    print_result(problems, report, notes, report.output or target, report.output is not None)
    if profile:
        for stage, seconds in stages.took.items():
            click.echo(f"{seconds:8.3f} s  {stage}", err=True)
    return PROBLEMS if failing(problems, strict=strict) else OK


@commands.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Use exactly this port.  [8000, or the next free one]")
@click.option("--public", is_flag=True, help="Show only what would be released.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@_quiet
@_jobs
@click.pass_obj
def serve(root: Path, port: int | None, public: bool, open_browser: bool, quiet: bool, jobs: int | None) -> int:
    """Serve a live preview on localhost.

    It shows everything, including withheld files, and follows changes until Ctrl-C.
    """
    from sitrep.parallel.pool import available
    from sitrep.serve.server import serve as run

    gc.enable()

    def say(line: str, problems: list[Problem]) -> None:
        _print_problems(problems, "text")
        if not quiet:
            click.echo(line)

    run(root, port=port, preview=not public, jobs=jobs or available(), open_browser=open_browser, say=say)
    return OK


@commands.command("explain")
@click.argument("page")
@click.option("--output", type=click.Path(path_type=Path), help="The folder of the built site.  [site]")
@click.pass_obj
def explain_page(root: Path, page: str, output: Path | None) -> int:
    """Say why a page was rendered, and what it depends on.

    PAGE is a path on the site, such as actors/kcna.html.
    """
    from sitrep.commands.explain import explain_page

    project, _ = open_project(root)
    target = output.absolute() if output else project.root / "site"
    for line in explain_page(project, target, page):
        click.echo(line)
    return OK


@commands.command()
@click.option("--output", type=click.Path(path_type=Path), help="Clean only this output folder.  [site and preview]")
@click.pass_obj
def clean(root: Path, output: Path | None) -> int:
    """Delete what builds have written, and their cache.

    Files that sitrep did not write stay.
    """
    from sitrep.publish.output_folder import cleared

    project, _ = open_project(root)
    for folder in [output.absolute()] if output else [project.root / "site", project.root / "preview"]:
        if count := cleared(project, folder):
            click.echo(f"{_relative(folder)}: {count} files deleted")
    return OK


@commands.command()
@click.option("--site", type=click.Path(path_type=Path), help="Check the built site in this folder instead.")
@_problem_options
@click.pass_obj
def check(root: Path, site: Path | None, strict: bool, quiet: bool, output_format: str, jobs: int | None) -> int:
    """Report all problems.

    Reads everything, including withheld files, and writes nothing.
    """
    from sitrep.build.build import check_project
    from sitrep.build.report import summary, unread

    project, problems = open_project(root)
    notes: list[str] = []
    if site:
        from sitrep.publish.site_check import check_site

        problems = check_site(project, site.absolute(), _each(jobs))
        counted = problems
    else:
        report = check_project(project, _each(jobs))
        counted = report.problems
        problems += counted
        notes = [line for line in (summary(report.withheld), unread(report.skipped_kinds)) if line]
    _print_problems(problems, output_format)
    if output_format == "text" and not quiet:
        for line in notes:
            click.echo(line)
        _print_counts(counted)
    return PROBLEMS if failing(problems, strict=strict) else OK


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> int:
    """Start a project in FOLDER.

    Writes a configuration, a tiny example of each kind, and a workflow for GitHub Pages.
    """
    from sitrep.scaffold import new_project

    files = new_project(folder)
    click.echo(f"{len(files)} files in {folder}. Now: sitrep --root {folder} build")
    return OK


@commands.command()
@_kind
@click.argument("id")
@click.pass_obj
def new(root: Path, kind: str, id: str) -> int:
    """Write a commented skeleton of an entry.

    For example: sitrep new actor kim-jong-un. Existing files are not overwritten.
    """
    from sitrep.scaffold import new_item

    project, _ = open_project(root)
    for path in new_item(project, PLURAL[kind], id):
        click.echo(_relative(path))
    return OK


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "input_format",
    type=click.Choice(["text", "brat", "webannotation", "stix", "csv"]),
    default="text",
    help="The format of FILE.  [text]",
)
@click.option("--id", "id", default="", help="The article's id.  [PUBLISHED-SLUG]")
@click.option("--source", default="", help="Id of the source that published it.")
@click.option("--published", default="", help="Date of publication (EDTF).")
@click.option("--url", default="", help="Where it was published.")
@click.option("--encoding", default="utf-8", help="The encoding of FILE.  [utf-8]")
@click.pass_obj
def import_(
    root: Path, file: Path, input_format: str, id: str, source: str, published: str, url: str, encoding: str
) -> int:
    """Import a report, or annotations of other programs.

    A report (.txt or .md) becomes an article and a sidecar with proposed annotations. With --from, annotations, or a
    table of reports, become articles and sidecars. Existing files are not overwritten.
    """
    from sitrep.build.load import load_entries
    from sitrep.corpus.link import linked_corpus
    from sitrep.importers.report import report
    from sitrep.project import scan
    from sitrep.scaffold import refresh

    project, _ = open_project(root)
    corpus = linked_corpus(load_entries(project, scan(project)[0], _each()))
    if input_format != "text":
        if any((id, source, published, url, encoding != "utf-8")):
            raise Unusable(f"--from {input_format} takes no other option: FILE contains the metadata")
        return _import_annotations(project, corpus, file, input_format)
    imported = report(project, corpus, file, id=id, source=source, published=published, url=url, encoding=encoding)
    refresh(project)
    _print_problems(imported.problems, "text")
    for path in imported.files:
        click.echo(_relative(path))
    if imported.proposed:
        names = ", ".join(f"{id} ({n})" for id, n in imported.proposed.items())
        click.echo(f"proposed, for you to confirm: {names}")
    return OK


def _import_annotations(project: Project, corpus: Corpus, file: Path, input_format: str) -> int:
    from sitrep.importers.brat import brat
    from sitrep.importers.stix_bundle import stix_bundle
    from sitrep.importers.table import table
    from sitrep.importers.web_annotation import web_annotation
    from sitrep.scaffold import refresh

    if input_format == "brat":
        imported = brat(project, corpus, file)
    elif input_format == "webannotation":
        imported = web_annotation(project, corpus, file)
    else:
        imported = stix_bundle(project, file) if input_format == "stix" else table(project, file)
    refresh(project)
    _print_problems(imported.problems, "text")
    for path in imported.files:
        click.echo(_relative(path))
    skipped = f", {len(imported.problems)} problems" if imported.problems else ""
    click.echo(f"{len(imported.files)} files written{skipped}")
    return PROBLEMS if failing(imported.problems) else OK


@commands.command()
@click.argument("name", metavar="FORMAT", type=click.Choice(get_args(Export)))
@click.option("--output", type=click.Path(path_type=Path), help="The file, or the folder for several files.")
@click.option("--preview", is_flag=True, help="Include withheld files: not for release.")
@click.option("--as-of", "as_of", metavar="DATE", help="Export what was known by the end of this day.")
@click.option("--force", is_flag=True, help="Replace existing files.")
@_jobs
@click.pass_obj
def export(
    root: Path, name: Export, output: Path | None, preview: bool, as_of: str | None, force: bool, jobs: int | None
) -> int:
    """Write the released content in another format.

    FORMAT is stix, ftm, annotations, csl, bibtex, csv, graphml, sqlite or text.
    """
    from sitrep.commands.export import deliver

    project, problems = open_project(root)
    day = _day(as_of) if as_of else None
    delivered = deliver(project, name, output, _each(jobs), preview=preview, as_of=day, force=force)
    problems += delivered.problems
    for problem in problems:
        if problem.severity != INFO:
            click.echo(_coloured(problem), err=True)
    if delivered.path:
        count = f" ({delivered.files} files)" if delivered.files > 1 else ""
        click.echo(f"{_relative(delivered.path)}{count}", err=True)
    return PROBLEMS if failing(problems) else OK


@commands.command()
@click.argument("articles", nargs=-1)
@click.option("--write", is_flag=True, help="Make the changes.  [only show them]")
@click.pass_obj
def repair(root: Path, articles: tuple[str, ...], write: bool) -> int:
    """Update sidecars after their texts have changed.

    Records where quotes are, narrows ambiguous quotes to their recorded place, and proposes the present words of
    quotes that were altered. Prints a diff, and changes nothing without --write. Exits with 1 if a person must decide.
    """
    from sitrep.edit.changeset import commit, diff
    from sitrep.edit.repair import repairs

    project, _ = open_project(root)
    results = repairs(project, _each(), articles)
    changes = [result.change for result in results if result.change]
    if write:
        commit(project, changes)
        for change in changes:
            click.echo(_relative(project.root / change.to))
    else:
        click.echo(diff(changes), nl=False)
    for problem in (problem for result in results for problem in result.problems):
        click.echo(_coloured(problem), err=True)
    count = f"{len(changes)} sidecar{'s' * (len(changes) != 1)}"
    outcome = f"{count} repaired" if write else f"{count} to repair: --write does it"
    if changes or not results:
        click.echo(outcome if changes else "nothing to repair", err=True)
    return PROBLEMS if any(result.needs_person for result in results) else OK


@commands.command()
@_kind
@click.argument("old")
@click.argument("new")
@_dry_run
@click.pass_obj
def rename(root: Path, kind: str, old: str, new: str, dry_run: bool) -> int:
    """Change the id of an entry.

    Renames its files, rewrites every reference to it, and redirects from the old address.
    """
    from sitrep.edit.rename import rename as plan

    project, _ = open_project(root)
    return _apply(project, plan(project, _each(), PLURAL[kind], old, new), dry_run)


@commands.command()
@_kind
@click.argument("old", metavar="FROM")
@click.argument("into")
@_dry_run
@click.pass_obj
def merge(root: Path, kind: str, old: str, into: str, dry_run: bool) -> int:
    """Merge two entries into one.

    INTO takes FROM's references, names and address; FROM's files are deleted.
    """
    from sitrep.edit.rename import merge as plan

    project, _ = open_project(root)
    return _apply(project, plan(project, _each(), PLURAL[kind], old, into), dry_run)


def _apply(project: Project, plan: Plan, dry_run: bool) -> int:
    """Carry out a plan, or show its changes."""
    from sitrep.edit.changeset import commit, diff

    if dry_run:
        click.echo(diff(plan.changes), nl=False)
    else:
        commit(project, plan.changes)
        click.echo(plan.outcome)
    for note in plan.notes:
        click.echo(note, err=dry_run)
    return OK


@commands.command()
@click.argument("old")
@click.argument("new", required=False, default="")
@click.option("--all", "everything", is_flag=True, help="Compare withheld content too.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="Output format of the differences.  [text]",
)
@_jobs
@click.pass_obj
def diff(root: Path, old: str, new: str, everything: bool, output_format: str, jobs: int | None) -> int:
    """Report the differences between two versions.

    Compares claims, origins, stances, assessments and quotes. OLD and NEW are each a git revision, a project's folder,
    or a built site; without NEW, the project is compared in its current state. Exits with 0 whether or not there are
    differences, and with 1 if a file cannot be read completely.
    """
    from sitrep.commands.diff import compare_versions, markdown, text

    comparison = compare_versions(root, old, new, _each(jobs), everything=everything)
    for note in comparison.notes:
        click.echo(f"note: {note}", err=True)
    for file in comparison.broken:
        click.echo(f"cannot be read completely, and is not compared: {file}", err=True)
    if output_format == "json":
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(comparison.difference), indent=1).decode())
    else:
        click.echo((markdown if output_format == "markdown" else text)(comparison.difference), nl=False)
    return PROBLEMS if comparison.broken else OK


def _each(jobs: int | None = None) -> Each:
    """A map over this many processes, by default one per processor."""
    from sitrep.parallel.pool import available, each

    return each(jobs or available())


def _day(text: str) -> Date:
    from sitrep.model.dates import DateError, parse

    try:
        return parse(text)
    except DateError as error:
        raise Unusable(f"--as-of: {error}" + (f" ({error.hint})" if error.hint else "")) from None


def _print_problems(
    problems: list[Problem], output_format: str, *, withheld: tuple[tuple[str, str], ...] | None = None
) -> None:
    """Print the problems and, if requested, each withheld file with its reason."""
    if output_format == "json":
        keys = ("code", "severity", "file", "line", "column", "message", "hint")
        document: dict[str, Any] = {"problems": [{key: getattr(problem, key) for key in keys} for problem in problems]}
        if withheld is not None:
            document["withheld"] = [{"file": file, "reason": why} for file, why in withheld]
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    line = _github if output_format == "github" else _coloured
    lines = [*map(line, problems), *(f"{file}: {why}" for file, why in withheld or ())]
    if lines:
        click.echo("\n".join(lines))


def _coloured(problem: Problem) -> str:
    line = str(problem)
    word = f" {problem.severity}: " if problem.file else f"{problem.severity}: "
    return line.replace(word, click.style(word, fg=COLOURS[problem.severity], bold=True), 1)


def _github(problem: Problem) -> str:
    """A GitHub Actions workflow command: values escape %, line ends and, in properties, : and ,"""

    def value(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return value(text).replace(":", "%3A").replace(",", "%2C")

    place = f"file={prop(problem.file)},line={problem.line or 1},col={problem.column or 1}," if problem.file else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"::{LEVELS[problem.severity]} {place}title={prop(problem.code)}::{value(problem.message + hint)}"


def _print_counts(problems: list[Problem]) -> None:
    counts = Counter(problem.severity for problem in problems)
    parts = [f"{n} {severity}{'s' * (n > 1 and severity != 'info')}" for severity, n in sorted(counts.items())]
    click.echo(", ".join(parts) if parts else "no problems")


def _relative(path: Path) -> str:
    """The path relative to the current folder, if it is inside it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
