"""All content as one SQLite database with valid foreign keys and full-text search (FTS5) over the visible text."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import msgspec

from sitrep.export.context import ExportContext
from sitrep.export.tables import TABLES, Cell, Row, Table, statements

APPLICATION = 0x73697472
"""The application id in the file header: `sitr`."""
ROWS = 2000
CHUNK = 1 << 20


def database(context: ExportContext) -> Iterator[bytes]:
    """The database, written to a temporary file, so that memory use is limited to SQLite's cache."""
    with tempfile.TemporaryDirectory(prefix="sitrep-") as folder:
        path = Path(folder) / "export.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for setting in ("journal_mode = off", "synchronous = off", "foreign_keys = off"):
                connection.execute(f"pragma {setting}")
            connection.execute(f"pragma application_id = {APPLICATION}")
            connection.execute("pragma user_version = 1")
            _fill(connection, context)
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                yield chunk


def _fill(connection: sqlite3.Connection, context: ExportContext) -> None:
    connection.execute("begin")
    for table in TABLES:
        connection.execute(create_table(table))
    for table in TABLES:
        if not table.rows_of:
            rows = table.rows(context)
            while batch := list(islice(rows, ROWS)):
                _insert(connection, table, batch)
    _fill_statements(connection, context)
    for table in TABLES:
        if table.search:
            texts = ", ".join(_name(column) for column in table.search)
            content = f"content='{table.name}', tokenize='unicode61 remove_diacritics 2'"
            connection.execute(f"create virtual table {table.name}_fts using fts5({texts}, {content})")
            connection.execute(f"insert into {table.name}_fts ({table.name}_fts) values ('rebuild')")
    for table in TABLES:
        for column in table.columns:
            if column.references:
                name = f"{table.name}_{column.name}"
                connection.execute(f"create index {name} on {table.name} ({_name(column.name)})")
    connection.execute("commit")


def create_table(table: Table) -> str:
    """The SQL statement that creates a table."""
    lines = []
    for column in table.columns:
        key = " primary key" if column.name == "id" and column is table.columns[0] else ""
        to = f" references {column.references}(id)" if column.references else ""
        lines.append(f"  {_name(column.name)} {column.type}{key}{to}")
    return f"create table {table.name} (\n" + ",\n".join(lines) + "\n)"


def _name(column: str) -> str:
    """A quoted column name, since `end` and `to` are keywords."""
    return f'"{column}"'


def _fill_statements(connection: sqlite3.Connection, context: ExportContext) -> None:
    waiting: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    for statement in statements(context):
        for table in TABLES:
            if table.rows_of:
                rows = waiting[table.name]
                rows += table.rows_of(context, statement)
                if len(rows) >= ROWS:
                    _insert(connection, table, rows)
                    rows.clear()
    for table in TABLES:
        _insert(connection, table, waiting[table.name])


def _insert(connection: sqlite3.Connection, table: Table, rows: list[Row]) -> None:
    line = f"insert into {table.name} values ({', '.join('?' * len(table.columns))})"
    try:
        msgspec.json.encode(rows)
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot encode
        rows = [tuple(_cell(cell) for cell in row) for row in rows]
    connection.executemany(line, rows)


def _cell(cell: Cell) -> Cell:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


APART = "\n\ufffc\n"
"""Separates cells, so that the end of one and the start of the next are not read as one sentence."""


def texts(path: Path) -> Iterator[str]:
    """Every text in a database, row by row, with the names and SQL of its tables, for the leak guard."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
        tables: Iterable[tuple[str, str, str]] = opened.execute("select type, name, sql from sqlite_master").fetchall()
        for kind, name, sql in tables:
            yield f"{name}{APART}{sql or ''}"
            if kind == "table" and "using fts5" not in (sql or "").casefold():
                for row in opened.execute(f'select * from "{name}"'):
                    yield APART.join(
                        cell if isinstance(cell, str) else cell.decode("utf-8", "replace")
                        for cell in row
                        if isinstance(cell, (str, bytes))
                    )
