"""Everything as one SQLite database: foreign keys that hold, and full-text search (FTS5) over what may be shown."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import msgspec

from sitrep.export.holding import ExportContext
from sitrep.export.tables import TABLES, Cell, Row, Table, statements

APPLICATION = 0x73697472
"""`sitr`, in the header of the file."""
ROWS = 2000
CHUNK = 1 << 20


def database(h: ExportContext) -> Iterator[bytes]:
    """The database. It is made in a file of its own: memory holds no more than SQLite's cache."""
    with tempfile.TemporaryDirectory(prefix="sitrep-") as folder:
        path = Path(folder) / "export.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as made:
            for setting in ("journal_mode = off", "synchronous = off", "foreign_keys = off"):
                made.execute(f"pragma {setting}")
            made.execute(f"pragma application_id = {APPLICATION}")
            made.execute("pragma user_version = 1")
            _fill(made, h)
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                yield chunk


def _fill(made: sqlite3.Connection, h: ExportContext) -> None:
    made.execute("begin")
    for table in TABLES:
        made.execute(created(table))
    for table in TABLES:
        if not table.of:
            rows = table.rows(h)
            while batch := list(islice(rows, ROWS)):
                _insert(made, table, batch)
    _fill_statements(made, h)
    for table in TABLES:
        if table.search:
            words = ", ".join(_name(column) for column in table.search)
            content = f"content='{table.name}', tokenize='unicode61 remove_diacritics 2'"
            made.execute(f"create virtual table {table.name}_fts using fts5({words}, {content})")
            made.execute(f"insert into {table.name}_fts ({table.name}_fts) values ('rebuild')")
    for table in TABLES:
        for column in table.columns:
            if column.to:
                name = f"{table.name}_{column.name}"
                made.execute(f"create index {name} on {table.name} ({_name(column.name)})")
    made.execute("commit")


def created(table: Table) -> str:
    """The statement that makes a table."""
    lines = []
    for column in table.columns:
        key = " primary key" if column.name == "id" and column is table.columns[0] else ""
        to = f" references {column.to}(id)" if column.to else ""
        lines.append(f"  {_name(column.name)} {column.type}{key}{to}")
    return f"create table {table.name} (\n" + ",\n".join(lines) + "\n)"


def _name(column: str) -> str:
    """A column's name as SQL takes it: `end` and `to` are words of its own."""
    return f'"{column}"'


def _fill_statements(made: sqlite3.Connection, h: ExportContext) -> None:
    waiting: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    for said in statements(h):
        for table in TABLES:
            if table.of:
                rows = waiting[table.name]
                rows += table.of(h, said)
                if len(rows) >= ROWS:
                    _insert(made, table, rows)
                    rows.clear()
    for table in TABLES:
        _insert(made, table, waiting[table.name])


def _insert(made: sqlite3.Connection, table: Table, rows: list[Row]) -> None:
    line = f"insert into {table.name} values ({', '.join('?' * len(table.columns))})"
    try:
        msgspec.json.encode(rows)
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold
        rows = [tuple(_cell(cell) for cell in row) for row in rows]
    made.executemany(line, rows)


def _cell(cell: Cell) -> Cell:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


APART = "\n\ufffc\n"
"""Between two cells, so that the end of one and the beginning of the next are not read as one sentence."""


def words(path: Path) -> Iterator[str]:
    """Every text in a database, row by row, the names of its tables first: what there is to be read in it."""
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
