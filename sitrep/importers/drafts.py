"""Shared by the importers of foreign annotations: articles and actors to create, and annotations to add.

Everything imported is a proposal: each annotation says so until a person has confirmed it. Nothing is replaced;
annotations for an existing sidecar are appended to their list, and nothing else in it changes.

"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import msgspec

from sitrep.anchoring import quotes
from sitrep.anchoring.quotes import Matchable
from sitrep.edit.changeset import FileChange, commit
from sitrep.edit.yaml_edit import CannotEdit, Draft, Edit, apply_to_bytes, scalar
from sitrep.importers.files import create
from sitrep.model import dates, ids
from sitrep.model.records import Quote
from sitrep.parse import entry, markdown
from sitrep.parse.text import MAX_BYTES, decode
from sitrep.problems import ERROR, Problem, Unusable
from sitrep.project import Project

LARGEST = 64 * 1024 * 1024
"""Maximum size, in bytes, of a JSON or CSV file."""
AROUND = 32
GROUPS = ("actors", "events", "claims")

Made = dict[str, Any]
"""An annotation, or one of its parts, as a sidecar has it."""


class FileProblems:
    """The problems of one file."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)
        self.problems: list[Problem] = []

    def skip(self, line: int, message: str, hint: str = "it is skipped", *, column: int = 0) -> None:
        problem = Problem(
            code="import", severity=ERROR, file=self.file, line=line, column=column, message=message, hint=hint
        )
        self.problems.append(problem)


class Incoming(msgspec.Struct):
    """An article to be created: its text, the first lines of its sidecar, and the proposed annotations."""

    id: str
    text: str
    fields: dict[str, Any] = {}
    """Key → value, for the sidecar."""
    form: str = "text"
    actors: list[Made] = []
    events: list[Made] = []
    claims: list[Made] = []


class Result(NamedTuple):
    """What an import wrote (paths), and what it had to omit."""

    files: list[Path]
    problems: list[Problem]


# -- reading ----------------------------------------------------------------------------------------------------------


def content(path: Path) -> bytes:
    """The bytes of a file, unless it is too large. Raises Unusable."""
    try:
        if not path.is_file():
            raise Unusable(f"{path} is no file")
        if path.stat().st_size > LARGEST:
            raise Unusable(f"{path} is larger than {LARGEST >> 20} MB: split it")
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None


def parsed(path: Path) -> tuple[Any, str]:
    """The JSON of a file, and its text. Raises Unusable, with one line, where it is not valid JSON."""
    try:
        text = content(path).decode("utf-8-sig")
        return json.loads(text, parse_constant=_refused), text
    except UnicodeDecodeError as error:
        raise Unusable(f"{path} is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02X}") from None
    except json.JSONDecodeError as error:
        raise Unusable(f"{path}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}") from None
    except RecursionError:
        raise Unusable(f"{path}: lists and mappings are nested too deeply") from None
    except ValueError as error:
        raise Unusable(f"{path}: {error}") from None


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number that JSON knows")


def line_of(text: str, id: Any) -> int:
    """The line on which an id first occurs in a JSON text; 0 where it does not."""
    at = text.find(json.dumps(id)) if isinstance(id, str) and id else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def words(value: Any) -> str:
    """A text that can be written: no NUL, no lone surrogates, no white space at its ends. Otherwise empty."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode().strip() if isinstance(value, str) else ""


def line(value: Any, limit: int = 400) -> str:
    """The same on one line, shortened at words where it is long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in words(value)).split())
    return text if len(text) <= limit else (text[:limit].rpartition(" ")[0] or text[:limit]) + "…"


def identifier(name: Any, own: Any = "") -> str:
    """The given id, where it is valid, else one made of a name; empty when neither is possible."""
    for id in (words(own), ids.slug(words(name))):
        if id and not ids.fault(id):
            return id
    return ""


def date(value: Any) -> str:
    """An EDTF date, for a moment its day; empty for anything else."""
    text = words(value)
    for form in (text, text[:10] if re.match(r"\d{4}-\d\d-\d\dT", text) else ""):
        try:
            return dates.parse(form).text if form else ""
        except dates.DateError:
            continue
    return ""


# -- quotes -----------------------------------------------------------------------------------------------------------


def quoted(ready: Matchable, start: int, end: int) -> Made | None:
    """The quote that means this stretch of a text and no other; None where no quote can."""
    text = ready.text
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    exact = text[start:end]
    places = quotes.occurrences(ready, quotes.normal(exact)) if exact else []
    if (start, end) in places:
        n = places.index((start, end)) + 1
        return {"exact": exact} if len(places) == 1 else {"exact": exact, "occurrence": n}
    quote: Made = {"exact": exact, "prefix": text[max(0, start - AROUND) : start], "suffix": text[end : end + AROUND]}
    quote = {key: value for key, value in quote.items() if value}
    return quote if exact and quotes.find(ready, Quote(**quote)) == (start, end) else None


def rendered(text: str, form: str) -> str | None:
    """A text as quotes are matched against it."""
    prose, _ = markdown.render(text, "", form=form)
    return prose.text if prose else None


# -- writing ----------------------------------------------------------------------------------------------------------


def flow(value: Any) -> str:
    """A YAML value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(str(value))


def sidecar(article: Incoming) -> str:
    lines = ["# yaml-language-server: $schema=../.schema/article.json"]
    lines += [f"{key}: {flow(value)}" for key, value in article.fields.items() if value]
    if "marking" not in article.fields:
        lines.append("# marking: TLP:CLEAR          # who may see it; without one it is withheld")
    lines.append("status: draft                 # reviewed, once a person has confirmed what is below")
    lines += (
        ["format: text                  # a line is a paragraph, nothing is markup"] if article.form == "text" else []
    )
    lines.append(f"text_sha256: {hashlib.sha256(article.text.encode()).hexdigest()}")
    for group in GROUPS:
        if annotations := getattr(article, group):
            lines += [f"{group}:", *(f"  - {flow(annotation)}" for annotation in annotations)]
    return "\n".join(lines) + "\n"


def write_articles(project: Project, articles: Iterable[tuple[int, Incoming]], problems: FileProblems) -> list[Path]:
    """Write each article with its sidecar; existing or impossible ones are reported. `int` is the line number in the
    input."""
    written: list[Path] = []
    folder = project.content / "articles"
    taken = {path.stem.casefold() for path in folder.glob("*")} if folder.is_dir() else set()
    for number, article in articles:
        fault = ids.fault(article.id)
        if fault:
            problems.skip(number, fault)
        elif article.id.casefold() in taken:
            problems.skip(number, f"the article {article.id!r} exists already")
        elif len(article.text.encode()) > MAX_BYTES or rendered(article.text, article.form) is None:
            problems.skip(number, f"the text of {article.id!r} is too large, or cannot be rendered")
        else:
            files = (folder / f"{article.id}.md", folder / f"{article.id}.yaml")
            create({files[0]: article.text, files[1]: sidecar(article)})
            taken.add(article.id.casefold())
            written += files
    return written


def write_entry(
    project: Project, kind: str, id: str, fields: dict[str, Any], number: int, problems: FileProblems
) -> list[Path]:
    """Write an actor or a source, unless it exists already."""
    path = project.content / kind / f"{id}.yaml"
    if path.parent.is_dir() and any(p.stem.casefold() == id.casefold() for p in path.parent.glob("*")):
        problems.skip(number, f"the {kind[:-1]} {id!r} exists already")
        return []
    lines = [f"# yaml-language-server: $schema=../.schema/{kind[:-1]}.json"]
    lines += [f"{key}: {flow(value)}" for key, value in fields.items() if value]
    create({path: "\n".join(lines) + "\n"})
    return [path]


def add(project: Project, id: str, added: dict[str, list[Made]], problems: FileProblems) -> list[Path]:
    """Append annotations to their lists in an existing sidecar."""
    file = f"content/articles/{id}.yaml"
    path = project.root / file
    body = project.root / f"content/articles/{id}.md"
    try:
        old = path.read_bytes() if path.exists() else b""
        words = body.read_bytes()
    except OSError as error:
        problems.skip(0, f"{error.filename} cannot be read: {error.strerror}")
        return []
    text, _ = decode(old, file)
    try:
        if text is None:
            raise CannotEdit("it cannot be read")
        new = apply_to_bytes(old, _additions(text, added))
        before = entry.read("articles", id, old, words, (file,))[0]
        after = entry.read("articles", id, new, words, (file,))[0]
        if not after.sound or any(
            getattr(after.record, group)[: len(getattr(before.record, group))] != getattr(before.record, group)
            for group in GROUPS
        ):
            raise CannotEdit("it would not read as meant")
    except CannotEdit as error:
        problems.skip(0, f"{file} is left as it is: {error}", "add by hand what is proposed")
        return []
    commit(project, [FileChange(file if path.exists() else "", old, file, new)])
    return [path]


def _additions(text: str, added: dict[str, list[Made]]) -> Iterator[Edit]:
    draft = Draft(text)
    end = "" if not text or text.endswith("\n") else "\n"
    for group, additions in added.items():
        node = draft.nodes.get((group,))
        if not additions:
            continue
        if node is None:
            lines = "".join(f"  - {flow(annotation)}\n" for annotation in additions)
            yield Edit(len(text), len(text), f"{end}{group}:\n{lines}")
            end = ""
        elif node.style == "-":
            indent = node.start - (text.rfind("\n", 0, node.start) + 1)
            at = text.find("\n", node.end)
            lines = "\n".join(f"{' ' * indent}- {flow(annotation)}" for annotation in additions)
            yield Edit(at, at, f"\n{lines}") if at >= 0 else Edit(len(text), len(text), f"\n{lines}\n")
        else:
            raise CannotEdit(f"{group} is written in brackets")
