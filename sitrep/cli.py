"""The command line: `sitrep`, and `python build.py`, which is the same."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
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
    from sitrep.serve.build_process import BuildResult

OK, PROBLEMS, USAGE = 0, 1, 2
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def run(*, default: str = "") -> NoReturn:
    """The command as a process: it leaves at once, since to take apart all that a build holds takes a second.

    Nor does it look for garbage on its way, but where it stays.
    """
    gc.disable()
    try:
        main(default=default)
    except SystemExit as left:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # closed, or there is none
                stream.flush()
        os._exit(left.code if isinstance(left.code, int) else OK)


def main(arguments: list[str] | None = None, *, default: str = "") -> NoReturn:
    """Run a command and exit. `default` is the command where none is given."""
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
    """Put the command in where only options stand."""
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
    known = at < len(arguments) and not arguments[at].startswith("-")
    return arguments if known else [*arguments[:at], default, *arguments[at:]]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--root", type=click.Path(path_type=Path), default=Path(), help="The project's folder.  [here]")
@click.version_option(__version__, prog_name="sitrep", message="%(prog)s %(version)s")
@click.pass_context
def commands(context: click.Context, root: Path) -> None:
    """A situation report you can check: captured articles and annotation sidecars become a static site.

    Exit codes: 0 fine, 1 problems, 2 usage or configuration.
    """
    context.obj = root


def _reporting(command: Any) -> Any:
    """The options of every command that tells problems."""
    for option in reversed(
        (
            click.option("--strict", is_flag=True, help="Warnings fail too (info never does)."),
            click.option("--quiet", is_flag=True, help="Tell problems and nothing else."),
            click.option(
                "--format",
                "form",
                type=click.Choice(["text", "json", "github"]),
                default="text",
                help="How problems are told.  [text]",
            ),
            click.option("--jobs", type=click.IntRange(1, 256), help="Processes to use.  [one for each processor]"),
        )
    ):
        command = option(command)
    return command


@commands.command()
@click.option("--output", type=click.Path(path_type=Path), help="Where the site goes.  [site, or preview]")
@click.option("--preview", is_flag=True, help="Show everything, withheld files too, in preview/: not for release.")
@click.option("--as-of", "as_of", metavar="DATE", help="Show what had been captured by the end of this day.")
@click.option("--withheld", "listed", is_flag=True, help="List the files that were withheld, and why.")
@click.option("--profile", is_flag=True, help="Tell how many seconds each stage took.")
@click.option("--watch", is_flag=True, help="Build again whenever a file changes, until Ctrl-C.")
@_reporting
@click.pass_obj
def build(
    root: Path,
    output: Path | None,
    preview: bool,
    as_of: str | None,
    listed: bool,
    profile: bool,
    watch: bool,
    strict: bool,
    quiet: bool,
    form: str,
    jobs: int | None,
) -> int:
    """Build the site."""
    from sitrep.parallel.pool import available

    day = _day(as_of) if as_of else None

    def tell(told: list[Problem], made: Report | BuildResult, left: Sequence[str], where: Path, written: bool) -> None:
        # What `check` tells as information would only hide, here, what is wrong.
        problems = [problem for problem in told if problem.severity != INFO]
        _tell(problems, form, withheld=made.files if listed else None)
        if form == "text" and not quiet:
            for line in left:
                click.echo(line if not preview else f"shown here, but {line}")
            done = f"{made.pages} pages in {_near(where)}: {made.written} files written, {made.deleted} deleted"
            click.echo(done if written else f"nothing was written: {_near(where)} is as it was")
            if made.note:
                click.echo(made.note)
            _count(problems)

    if watch:
        from sitrep.serve.build_process import BuildRequest
        from sitrep.serve.build_watch import watching

        gc.enable()

        def again(built: BuildResult) -> None:
            if built.refused:
                _tell(built.problems, form)
                click.echo(f"sitrep: {built.refused}", err=True)
            else:
                tell(built.problems, built, built.left, built.output, built.whole)

        wanted = BuildRequest(output.absolute() if output else None, preview, day)
        watching(root, wanted, jobs=jobs or available(), tell=again, say=lambda line: click.echo(line, err=True))
        return OK
    from sitrep.build.build import build as make
    from sitrep.build.progress import progress
    from sitrep.build.report import summary, unread
    from sitrep.build.state import BuildOptions
    from sitrep.parallel.pool import each

    project, told = open_project(root)
    target = output.absolute() if output else project.root / ("preview" if preview else "site")
    with progress(quiet=quiet or form != "text") as stages:
        options = BuildOptions(each(jobs or available()), target, preview, day, stages=stages)
        report = make(project, options)
    told += report.problems
    left = [line for line in (summary(report.withheld), unread(report.left)) if line]
    tell(told, report, left, report.output or target, report.output is not None)
    if profile:
        for stage, seconds in stages.took.items():
            click.echo(f"{seconds:8.3f} s  {stage}", err=True)
    return PROBLEMS if failing(told, strict=strict) else OK


@commands.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="The port, this one and no other.  [8000, or the next free]"
)
@click.option("--public", is_flag=True, help="Show what would be released, and nothing else.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.option("--quiet", is_flag=True, help="Tell problems and nothing else.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes to use.  [one for each processor]")
@click.pass_obj
def serve(root: Path, port: int | None, public: bool, open_browser: bool, quiet: bool, jobs: int | None) -> int:
    """Show a preview of everything on this machine, and keep it up to date until Ctrl-C."""
    from sitrep.parallel.pool import available
    from sitrep.serve.server import serve as run

    gc.enable()

    def say(line: str, problems: list[Problem]) -> None:
        _tell(problems, "text")
        if not quiet:
            click.echo(line)

    run(root, port=port, preview=not public, jobs=jobs or available(), open_browser=open_browser, say=say)
    return OK


@commands.command()
@click.argument("page")
@click.option("--output", type=click.Path(path_type=Path), help="Which built site.  [site]")
@click.pass_obj
def explain(root: Path, page: str, output: Path | None) -> int:
    """Say why the last build made PAGE or did not, and what it was made of: sitrep explain actors/kcna.html."""
    from sitrep.commands.explain import explained

    project, _ = open_project(root)
    target = output.absolute() if output else project.root / "site"
    for line in explained(project, target, page):
        click.echo(line)
    return OK


@commands.command()
@click.option("--output", type=click.Path(path_type=Path), help="Which output folder.  [site, and preview]")
@click.pass_obj
def clean(root: Path, output: Path | None) -> int:
    """Delete what builds have written, and what they keep in .sitrep/; nothing else."""
    from sitrep.publish.output_folder import cleared

    project, _ = open_project(root)
    for folder in [output.absolute()] if output else [project.root / "site", project.root / "preview"]:
        if gone := cleared(project, folder):
            click.echo(f"{_near(folder)}: {gone} files deleted")
    return OK


@commands.command()
@click.option("--site", type=click.Path(path_type=Path), help="Check a built site instead, before it is published.")
@_reporting
@click.pass_obj
def check(root: Path, site: Path | None, strict: bool, quiet: bool, form: str, jobs: int | None) -> int:
    """Tell every problem of every file; write nothing."""
    from sitrep.build.build import check_project
    from sitrep.build.report import summary, unread
    from sitrep.parallel.pool import available, each

    project, told = open_project(root)
    if site:
        from sitrep.publish.site_check import check_site

        problems = check_site(project, site.absolute(), each(jobs or available()))
        _tell(problems, form)
        if form == "text" and not quiet:
            _count(problems)
        return PROBLEMS if failing(problems, strict=strict) else OK
    report = check_project(project, each(jobs or available()))
    _tell([*told, *report.problems], form)
    if form == "text" and not quiet:
        for left in filter(None, (summary(report.withheld), unread(report.left))):
            click.echo(left)
        _count(report.problems)
    return PROBLEMS if failing([*told, *report.problems], strict=strict) else OK


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> int:
    """Start a project in FOLDER: a configuration, a tiny example of each kind, and a GitHub Pages workflow."""
    from sitrep.scaffold import new_project

    made = new_project(folder)
    click.echo(f"{len(made)} files in {folder}. Now: sitrep --root {folder} build")
    return OK


@commands.command()
@click.argument("kind", type=click.Choice(list(SINGULAR.values())))
@click.argument("id")
@click.pass_obj
def new(root: Path, kind: str, id: str) -> int:
    """Write a commented skeleton: sitrep new actor kim-jong-un."""
    from sitrep.scaffold import new_item

    project, _ = open_project(root)
    for path in new_item(project, PLURAL[kind], id):
        click.echo(_near(path))
    return OK


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "form",
    type=click.Choice(["text", "brat", "webannotation", "stix", "csv"]),
    default="text",
    help="What it is: a text, or annotations of others.  [text]",
)
@click.option("--id", "id", default="", help="The article's id.  [PUBLISHED-SLUG]")
@click.option("--source", default="", help="Id of the source that published it.")
@click.option("--published", default="", help="EDTF date.")
@click.option("--url", default="", help="Where it was published.")
@click.option("--encoding", default="utf-8", help="How the file is encoded.  [utf-8]")
@click.pass_obj
def import_(root: Path, file: Path, form: str, id: str, source: str, published: str, url: str, encoding: str) -> int:
    """Turn a raw report (.txt or .md), or annotations of others, into articles and sidecars; all is proposed."""
    from sitrep.build.load import load_entries
    from sitrep.corpus.link import linked_corpus
    from sitrep.importers.report import report
    from sitrep.parallel.pool import available, each
    from sitrep.project import scan
    from sitrep.scaffold import refresh

    project, _ = open_project(root)
    entries = load_entries(project, scan(project)[0], each(available()))
    if form != "text":
        if any((id, source, published, url, encoding != "utf-8")):
            raise Unusable(f"--from {form} takes no option beside FILE: what it brings says what it is")
        return _brought(project, linked_corpus(entries), file, form)
    made = report(
        project, linked_corpus(entries), file, id=id, source=source, published=published, url=url, encoding=encoding
    )
    refresh(project)
    _tell(made.problems, "text")
    for path in made.files:
        click.echo(_near(path))
    if made.proposed:
        click.echo(f"proposed, for you to confirm: {', '.join(f'{id} ({n})' for id, n in made.proposed.items())}")
    return OK


def _brought(project: Project, corpus: Corpus, file: Path, form: str) -> int:
    """Import what others have annotated."""
    from sitrep.importers.brat import brat
    from sitrep.importers.stix_bundle import stix_bundle
    from sitrep.importers.table import table
    from sitrep.importers.web_annotation import web_annotation
    from sitrep.scaffold import refresh

    if form == "brat":
        made = brat(project, corpus, file)
    elif form == "webannotation":
        made = web_annotation(project, corpus, file)
    else:
        made = stix_bundle(project, file) if form == "stix" else table(project, file)
    refresh(project)
    _tell(made.problems, "text")
    for path in made.files:
        click.echo(_near(path))
    skipped = f", {len(made.problems)} problems" if made.problems else ""
    click.echo(f"{len(made.files)} files written{skipped}")
    return PROBLEMS if failing(made.problems) else OK


@commands.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(get_args(Export)))
@click.option("--output", type=click.Path(path_type=Path), help="The file, or the folder where it is several.")
@click.option("--preview", is_flag=True, help="Export everything, withheld files too: not for release.")
@click.option("--as-of", "as_of", metavar="DATE", help="Export what had been captured by the end of this day.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes to use.  [one for each processor]")
@click.pass_obj
def export(
    root: Path, form: Export, output: Path | None, preview: bool, as_of: str | None, force: bool, jobs: int | None
) -> int:
    """Write what is released in another format: stix, ftm, annotations, csl, bibtex, csv, graphml, sqlite, text."""
    from sitrep.commands.export import deliver
    from sitrep.parallel.pool import available, each

    project, told = open_project(root)
    day = _day(as_of) if as_of else None
    made = deliver(project, form, output, each(jobs or available()), preview=preview, as_of=day, force=force)
    for problem in (*told, *made.problems):
        if problem.severity != INFO:
            click.echo(_coloured(problem), err=True)
    if made.path:
        count = f" ({made.files} files)" if made.files > 1 else ""
        click.echo(f"{_near(made.path)}{count}", err=True)
    return PROBLEMS if failing([*told, *made.problems]) else OK


@commands.command()
@click.argument("articles", nargs=-1)
@click.option("--write", is_flag=True, help="Make the changes.  [show them]")
@click.pass_obj
def repair(root: Path, articles: tuple[str, ...], write: bool) -> int:
    """Bring sidecars up to date with their texts: a diff to read; nothing is changed without --write.

    Records where quotes stand, narrows ambiguous ones to their recorded place, and proposes the words that stand now
    where a quote has been altered. Exits 1 when something needs a person.
    """
    from sitrep.edit.changeset import commit, diff
    from sitrep.edit.repair import repairs
    from sitrep.parallel.pool import available, each

    project, _ = open_project(root)
    found = repairs(project, each(available()), articles)
    changes = [made.change for made in found if made.change]
    if write:
        commit(project, changes)
        for change in changes:
            click.echo(_near(project.root / change.to))
    else:
        click.echo(diff(changes), nl=False)
    for problem in (problem for made in found for problem in made.told):
        click.echo(_coloured(problem), err=True)
    count = f"{len(changes)} sidecar{'s' * (len(changes) != 1)}"
    done = f"{count} repaired" if write else f"{count} to repair: --write does it"
    if changes or not found:
        click.echo(done if changes else "nothing to repair", err=True)
    return PROBLEMS if any(made.needs_person for made in found) else OK


@commands.command()
@click.argument("kind", type=click.Choice(list(SINGULAR.values())))
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", is_flag=True, help="Show the changes and make none.")
@click.pass_obj
def rename(root: Path, kind: str, old: str, new: str, dry_run: bool) -> int:
    """Give a thing another id: its files, every reference to it, and a redirect from the old address."""
    from sitrep.edit.rename import rename as plan
    from sitrep.parallel.pool import available, each

    project, _ = open_project(root)
    return _planned(project, plan(project, each(available()), PLURAL[kind], old, new), dry_run)


@commands.command()
@click.argument("kind", type=click.Choice(list(SINGULAR.values())))
@click.argument("old", metavar="FROM")
@click.argument("into")
@click.option("--dry-run", is_flag=True, help="Show the changes and make none.")
@click.pass_obj
def merge(root: Path, kind: str, old: str, into: str, dry_run: bool) -> int:
    """Make one of two things: INTO takes FROM's references, names and address; FROM's files go."""
    from sitrep.edit.rename import merge as plan
    from sitrep.parallel.pool import available, each

    project, _ = open_project(root)
    return _planned(project, plan(project, each(available()), PLURAL[kind], old, into), dry_run)


@commands.command()
@click.argument("old")
@click.argument("new", required=False, default="")
@click.option("--all", "everything", is_flag=True, help="Compare what is withheld too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="How the differences are told.  [text]",
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes to use.  [one for each processor]")
@click.pass_obj
def diff(root: Path, old: str, new: str, everything: bool, form: str, jobs: int | None) -> int:
    """Tell what differs between OLD and NEW: claims, origins, stances, assessments, quotes.

    Each is a revision of git, a project's folder, or a built site; without NEW, the project as it stands. Exits 0
    whether or not there are differences, 1 when a file cannot be read whole.
    """
    from sitrep.commands.diff import compared, markdown, text
    from sitrep.parallel.pool import available, each

    made = compared(root, old, new, each(jobs or available()), everything=everything)
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    for file in made.broken:
        click.echo(f"cannot be read whole, and is left out: {file}", err=True)
    if form == "json":
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(made.difference), indent=1).decode())
    else:
        click.echo((markdown if form == "markdown" else text)(made.difference), nl=False)
    return PROBLEMS if made.broken else OK


def _planned(project: Project, plan: Plan, dry_run: bool) -> int:
    """Show a plan, or carry it out."""
    from sitrep.edit.changeset import commit, diff

    if dry_run:
        click.echo(diff(plan.changes), nl=False)
    else:
        commit(project, plan.changes)
        click.echo(plan.done)
    for note in plan.notes:
        click.echo(note, err=dry_run)
    return OK


def _day(text: str) -> Date:
    from sitrep.model.dates import DateError, parse

    try:
        return parse(text)
    except DateError as error:
        raise Unusable(f"--as-of: {error}" + (f" ({error.hint})" if error.hint else "")) from None


def _tell(problems: list[Problem], form: str, *, withheld: tuple[tuple[str, str], ...] | None = None) -> None:
    """Print the problems and, where it is asked for, each withheld file with the reason."""
    if form == "json":
        keys = ("code", "severity", "file", "line", "column", "message", "hint")
        told: dict[str, Any] = {"problems": [{key: getattr(problem, key) for key in keys} for problem in problems]}
        if withheld is not None:
            told["withheld"] = [{"file": file, "reason": why} for file, why in withheld]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    line = _github if form == "github" else _coloured
    lines = [*map(line, problems), *(f"{file}: {why}" for file, why in withheld or ())]
    if lines:
        click.echo("\n".join(lines))


def _coloured(problem: Problem) -> str:
    line = str(problem)
    word = f" {problem.severity}: " if problem.file else f"{problem.severity}: "
    return line.replace(word, click.style(word, fg=COLOURS[problem.severity], bold=True), 1)


def _github(problem: Problem) -> str:
    """A GitHub Actions workflow command: its values escape %, line ends and, in properties, : and ,"""

    def value(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return value(text).replace(":", "%3A").replace(",", "%2C")

    place = f"file={prop(problem.file)},line={problem.line or 1},col={problem.column or 1}," if problem.file else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"::{LEVELS[problem.severity]} {place}title={prop(problem.code)}::{value(problem.message + hint)}"


def _count(problems: list[Problem]) -> None:
    counts = Counter(problem.severity for problem in problems)
    parts = [f"{n} {what}{'s' * (n > 1 and what != 'info')}" for what, n in sorted(counts.items())]
    click.echo(", ".join(parts) if parts else "no problems")


def _near(path: Path) -> str:
    """A path as seen from here, when it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
