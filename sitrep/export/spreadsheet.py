"""CSV (RFC 4180), a file for each table, for spreadsheets: UTF-8 with a byte order mark, as they expect it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from sitrep.export.holding import ExportContext, File
from sitrep.export.tables import TABLES, Cell, Table

FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")
"""How a cell begins that a spreadsheet may run as a formula. Apostrophes before it count, so that it can be undone."""
ROWS = 500


def files(h: ExportContext) -> Iterator[File]:
    yield from (File(f"{table.name}.csv") for table in TABLES)


def file(h: ExportContext, made: File) -> Iterator[bytes]:
    yield from _table(h, next(table for table in TABLES if f"{table.name}.csv" == made.name))


def _table(h: ExportContext, made: Table) -> Iterator[bytes]:
    """One table. A text that may be a formula begins with an apostrophe more than it has."""
    yield b"\xef\xbb\xbf"
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([column.name for column in made.columns])
    for n, row in enumerate(made.rows(h), 1):
        rows.writerow([neutral(cell) for cell in row])
        if n % ROWS == 0:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def neutral(cell: Cell) -> Cell:
    """A cell that no spreadsheet runs. Numbers are numbers."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def undone(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell
