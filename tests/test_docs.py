"""The documents say what the product does: nothing that it has is missing in them, and nothing is in them alone.

What counts as documented, by convention: in `docs/authoring.md` the first column of a table headed `THING: key`; in
`docs/commands.md` and `docs/performance.md` that of a table headed `option of COMMAND`; the headings of
`docs/problems.md`; the items of `docs/dependencies.md`; in the README that of the table headed `target`.
"""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
import pytest

from benchmarks.__main__ import main as bench
from benchmarks.corpus import write
from projects import sitrep
from sitrep import cli
from sitrep.model import records
from sitrep.model.records import PLOVER, RECORD, SINGULAR, Record
from sitrep.parse import config, schema
from sitrep.problems import CODES

ROOT = Path(__file__).resolve().parent.parent
DOCS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
CODE = re.compile(r"`([^`\n]+)`")


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tables(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(head of the first column, its cells) of every table of a document."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text(name), re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1].strip() for line in block.splitlines()]
        found.append((rows[0], tuple(rows[2:])))
    return tuple(found)


def documented(name: str, head: str) -> dict[str, list[str]]:
    """What of the head the pattern's group names → the code in the first column of such tables."""
    found: dict[str, list[str]] = {}
    for first, cells in tables(name):
        if match := re.fullmatch(head, first):
            found.setdefault(match[1], []).extend(code for cell in cells for code in CODE.findall(cell))
    return found


# -- keys -------------------------------------------------------------------------------------------------------------

ITEM, ANNOTATION, ASSERTION = records.Item, records.Annotation, records.Assertion
TABLES: dict[str, tuple[type[Record], type[Record] | None]] = {
    "any file": (ITEM, None),
    **{word: (RECORD[kind], ITEM) for kind, word in SINGULAR.items()},
    "sign-off": (records.SignOff, None),
    "update": (records.Update, None),
    "annotation": (ANNOTATION, None),
    "mention": (records.Mention, ANNOTATION),
    "statement": (ASSERTION, ANNOTATION),
    "event statement": (records.EventAssertion, ASSERTION),
    "claim statement": (records.ClaimAssertion, ASSERTION),
    "quote": (records.Quote, None),
    "link": (records.Link, None),
    "tie": (records.Tie, None),
    "office": (records.Office, None),
    "relation": (records.Relation, None),
    "identifiers": (records.Identifiers, None),
    "place": (records.Place, None),
    "position": (records.Position, None),
    "about": (records.About, None),
    "shared evidence": (records.SharedEvidence, None),
    "assessment": (records.Assessment, None),
    "conflict": (records.Conflict, None),
    "judgment": (records.Judgment, None),
    "config": (config.Config, None),
    "publish": (config.Publish, None),
    "briefs in config": (config.Briefs, None),
}
"""Head of a table → the class whose keys it lists, but for those of a class that has a table of its own."""
VALUES = (records.Date, records.Quantity)
"""Read from one text: they have no keys."""


def inside(kind: Any) -> Iterator[Any]:
    """A type, and all types that it is made of."""
    yield kind
    if get_origin(kind) is Literal:
        return
    parts = get_args(kind)[:1] if get_origin(kind) is Annotated else get_args(kind)
    for part in parts if get_origin(kind) in (Annotated, Union, types.UnionType, tuple, dict) else ():
        yield from inside(part)


def reachable(cls: type[Record], seen: set[type[Record]]) -> set[type[Record]]:
    """A class of records and those that its keys hold."""
    if cls not in seen and cls not in VALUES:
        seen.add(cls)
        for field in schema.fields(cls).values():
            for kind in inside(field.type):
                if isinstance(kind, type) and issubclass(kind, Record):
                    reachable(kind, seen)
    return seen


def every_class() -> set[type[Record]]:
    found: set[type[Record]] = set()
    for cls in (*RECORD.values(), config.Config):
        reachable(cls, found)
    return found


def test_every_class_of_keys_has_a_table() -> None:
    assert {cls for cls, _ in TABLES.values()} >= every_class()
    assert documented("docs/authoring.md", "(.+): key").keys() == TABLES.keys()


@pytest.mark.parametrize("head", TABLES)
def test_keys(head: str) -> None:
    cls, base = TABLES[head]
    keys = schema.fields(cls).keys() - (schema.fields(base).keys() if base else set())
    listed = documented("docs/authoring.md", "(.+): key").get(head, [])
    assert sorted(listed) == sorted(keys)


def test_every_word_that_a_key_takes_is_in_the_guide() -> None:
    guide = set(CODE.findall(prose(ROOT / "docs/authoring.md")))
    words = {
        word
        for cls in every_class()
        for field in schema.fields(cls).values()
        for kind in inside(field.type)
        if get_origin(kind) is Literal
        for word in get_args(kind)
    }
    words |= PLOVER.keys() | {mode for modes in PLOVER.values() for mode in modes}
    assert words - guide == set()


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("stance", get_args(records.Stance)),
        ("marking", get_args(records.Marking)),
        ("rights", get_args(records.Rights)),
        ("likelihood", get_args(records.Likelihood)[:7]),
        ("reliability", get_args(records.Reliability)),
        ("credibility", get_args(records.Credibility)),
        ("class", tuple(PLOVER)),
    ],
)
def test_the_words_of_a_key(head: str, words: tuple[str, ...]) -> None:
    (cells,) = documented("docs/authoring.md", f"({head})").values()
    assert sorted(cells) == sorted(words)


# -- commands ---------------------------------------------------------------------------------------------------------


def options(command: click.Command) -> set[str]:
    return {name for made in command.params if isinstance(made, click.Option) for name in made.opts}


def listed(name: str, head: str) -> set[str]:
    """The options in the tables under one head: `--format text|json` documents `--format`."""
    cells = documented(name, f"option of ({head})").get(head, [])
    return {cell.split()[0] for cell in cells}


def test_every_command_has_its_section() -> None:
    sections = set(re.findall(r"^## sitrep (.+)$", text("docs/commands.md"), re.MULTILINE))
    assert sections == set(cli.commands.commands)
    overview = {cell for head, cells in tables("docs/commands.md") if head == "command" for cell in cells}
    assert {re.findall(r"`sitrep (\w+)`", cell)[0] for cell in overview} == set(cli.commands.commands)


@pytest.mark.parametrize("name", cli.commands.commands)
def test_options_of_a_command(name: str) -> None:
    assert listed("docs/commands.md", name) == options(cli.commands.commands[name])


def test_options_before_the_command() -> None:
    assert listed("docs/commands.md", "sitrep") == options(cli.commands) | {"--help", "-h"}


def test_options_of_the_benchmarks() -> None:
    assert listed("docs/performance.md", "benchmarks") == options(bench)


def test_commands_that_are_named_anywhere_exist() -> None:
    for path in DOCS:
        for code in CODE.findall(prose(path)):
            words = code.split()
            if words[0] == "sitrep" and len(words) > 1 and words[1].islower() and words[1].isalpha():
                assert words[1] in cli.commands.commands, f"{path.name}: {code}"


# -- problems ---------------------------------------------------------------------------------------------------------


def sections() -> dict[str, str]:
    parts = re.split(r"^### `(.+)`$", text("docs/problems.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_code_has_its_section() -> None:
    assert sections().keys() == CODES.keys()


@pytest.mark.parametrize("code", CODES)
def test_a_section_shows_the_problem_as_it_is_printed(code: str) -> None:
    """The example is one line, broken and indented so that it fits."""
    block = "".join(re.findall(r"^ {4}.*\n", sections()[code].split("\n\n")[1] + "\n", re.MULTILINE))
    shown = " ".join(block.split())
    assert shown.endswith(f"[{code}]")
    expected = ROOT / "tests" / "invalid" / code / "expected.txt"
    if expected.exists():
        assert shown in [" ".join(line.split()) for line in expected.read_text(encoding="utf-8").splitlines()]


# -- dependencies, targets --------------------------------------------------------------------------------------------


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = {re.split(r"[^\w-]", wanted)[0] for group in groups for wanted in group} - {project["name"]}
    assert set(re.findall(r"^- `(.+?)`:", text("docs/dependencies.md"), re.MULTILINE)) == names


def test_every_target_of_make_is_in_the_readme() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))
    (cells,) = documented("README.md", "(target)").values()
    assert {cell.removeprefix("make ") for cell in cells if cell.startswith("make ")} == targets


# -- the documents themselves -----------------------------------------------------------------------------------------


def test_the_readme_begins_with_the_two_commands() -> None:
    block = re.search(r"(?:^ {4}.*\n)+|^```.*\n(?:.*\n)*?```", text("README.md"), re.MULTILINE)
    assert block
    assert re.findall(r"make \w+", block[0]) == ["make site", "make test"]


def test_architecture_is_one_page() -> None:
    assert len(text("ARCHITECTURE.md").splitlines()) <= 80


@cache
def prose(path: Path) -> str:
    """A document without its blocks of code."""
    kept = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return "\n".join(line for line in kept.split("\n") if not line.startswith("    "))


def fragments(path: Path) -> set[str]:
    """The fragments of a document's headings, as GitHub makes them."""
    headings: list[str] = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_between_the_documents(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", prose(path))):
        if target.startswith(("https://", "http://")):
            continue
        address, _, fragment = target.partition("#")
        aim = path.parent / address if address else path
        assert aim.exists(), target
        assert not fragment or fragment in fragments(aim), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_lines_fit(path: Path) -> None:
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 120] == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    linked = {(ROOT / t.partition("#")[0]).resolve() for t in re.findall(r"\]\(([^)\s]+)\)", text("README.md"))}
    assert {path.resolve() for path in DOCS} - {ROOT / "README.md"} <= linked


# -- the made-up site of the benchmarks -------------------------------------------------------------------------------


def test_the_made_up_site_is_the_same_each_time_and_has_no_problems(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, 25)
    files = [p.relative_to(tmp_path / "a") for p in sorted((tmp_path / "a").rglob("*")) if p.is_file()]
    assert len([file for file in files if file.parent.name == "articles"]) == 50
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)
    told = sitrep(tmp_path / "a", "check", "--strict")
    assert (told.code, told.out) == (0, "no problems\n")
