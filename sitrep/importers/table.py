"""CSV of articles: the first line names the columns, each other line is an article."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from sitrep.export.spreadsheet import unescape_formula
from sitrep.importers.drafts import FileProblems, Incoming, Result, content, date, identifier, line, write_articles
from sitrep.model.records import Article
from sitrep.parse import schema
from sitrep.parse.text import decode
from sitrep.problems import Unusable
from sitrep.project import Project

COLUMNS = ("id", "title", "text", "file", "source", "published", "captured", "url", "archived", "language", "summary")
KEPT = ("marking", "rights")
"""Columns whose values are checked against a sidecar's vocabulary."""


def table(project: Project, path: Path) -> Result:
    """Import a table. Raises Unusable where it is not one, or has no column for the text."""
    try:
        text = content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(f"{path} is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02X}") from None
    problems = FileProblems(path)
    return Result(write_articles(project, _articles(path, text, problems), problems), problems.problems)


def _articles(path: Path, text: str, problems: FileProblems) -> Iterator[tuple[int, Incoming]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] = []
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            problems.skip(number, f"this is no line of a table: {error}")
            continue
        if not names:
            names = [name.strip().casefold() for name in row]
            if "text" not in names and "file" not in names:
                known = ", ".join((*COLUMNS, *KEPT))
                raise Unusable(f"{path}:1: no column is named text or file; those that are read are {known}")
            continue
        if len(row) != len(names):
            if any(cell.strip() for cell in row):
                problems.skip(number, f"this line has {len(row)} cells, the first has {len(names)}")
            continue
        cells = {name: unescape_formula(cell) for name, cell in zip(names, row, strict=True)}
        if article := _article(path, number, cells, problems):
            yield number, article


def _article(path: Path, number: int, row: dict[str, str], problems: FileProblems) -> Incoming | None:
    text = row.get("text", "")
    if not text.strip() and row.get("file", "").strip():
        text = _file(path, row["file"].strip(), number, problems)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if not text.strip():
        if not any(problem.line == number for problem in problems.problems):
            problems.skip(number, "this line has no text")
        return None
    title = line(row.get("title")) or f"[{line(text, 90)}]"
    fields = {"title": title, "url": line(row.get("url"), 2000), "archived": line(row.get("archived"), 2000)}
    if source := row.get("source", "").strip():
        fields["source"] = identifier(source, source)
    for name in ("published", "captured"):
        if cell := row.get(name, "").strip():
            fields[name] = date(cell)
            if not fields[name]:
                problems.skip(number, f"{name}: {line(cell, 30)!r} is no date", "the article is imported without it")
    fields["language"] = _one_of("language", row, number, problems)
    fields["summary"] = line(row.get("summary"), 2000)
    fields |= {name: _one_of(name, row, number, problems) for name in KEPT}
    cell = row.get("id", "").strip()
    prefix = re.sub(r"[^0-9A-Za-z-]+", "", fields.get("published", ""))
    id = cell or identifier("-".join(part for part in (prefix, identifier(title)) if part))
    return Incoming(id, text, {key: value for key, value in fields.items() if value})


def _one_of(name: str, row: dict[str, str], number: int, problems: FileProblems) -> str:
    """A term as a sidecar takes it; any other is reported and omitted."""
    word = row.get(name, "").strip()
    if not word:
        return ""
    sink = schema.Sink("")
    schema.record(Article, {name: word}, sink)
    if sink.problems:
        problems.skip(number, f"{name}: {line(sink.problems[0].message, 80)}", "the article is imported without it")
        return ""
    return word


def _file(path: Path, name: str, number: int, file_problems: FileProblems) -> str:
    """The text of a file in or below the table's folder only."""
    here = path.parent.resolve()
    try:
        aim = (here / name).resolve()
        inside = aim.is_relative_to(here) and aim.is_file()
        data = aim.read_bytes() if inside else b""
    except (OSError, ValueError):
        inside, data = False, b""
    if not inside:
        file_problems.skip(number, f"there is no file {line(name, 60)!r} in the folder of the table")
        return ""
    text, problems = decode(data, str(aim))
    file_problems.problems += problems
    return text or ""
