"""CSV (RFC 4180), a file for each table: UTF-8 with a byte order mark, which spreadsheets expect."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from sitrep.export.context import ExportContext, File
from sitrep.export.tables import TABLES, Cell, Table

FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")
"""The start of a cell that a spreadsheet may run as a formula, with the apostrophes of earlier escapes."""
ROWS = 500


def files(context: ExportContext) -> Iterator[File]:
    yield from (File(f"{table.name}.csv") for table in TABLES)


def file(context: ExportContext, target: File) -> Iterator[bytes]:
    yield from _table(context, next(table for table in TABLES if f"{table.name}.csv" == target.name))


def _table(context: ExportContext, table: Table) -> Iterator[bytes]:
    """One table; cells that may be formulas are escaped."""
    yield b"\xef\xbb\xbf"
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([column.name for column in table.columns])
    for n, row in enumerate(table.rows(context), 1):
        rows.writerow([escape_formula(cell) for cell in row])
        if n % ROWS == 0:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def escape_formula(cell: Cell) -> Cell:
    """A cell that no spreadsheet runs: an apostrophe precedes text that may be a formula."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """The inverse of `escape_formula`."""
    return cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell
