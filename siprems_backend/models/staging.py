"""Temporary tables that take a file's rows before they are merged set-wise; gone with the transaction."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

# PostgreSQL's COPY text format: tab between fields, newline between rows, \N for NULL.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def create(session: Session, table: str, columns: str) -> None:
    """Create a temporary table; it is dropped when the transaction ends, however it ends."""
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table}"))
    session.execute(text(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP"))


def copy(session: Session, table: str, columns: Mapping[str, Sequence[object]]) -> None:
    """COPY columns of equal length (values: str, number, bool, date or None) into a table."""
    rows = "".join(_rows(list(columns.values())))
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO(rows))


def analyze(session: Session, table: str) -> None:
    """Tell the planner how large a temporary table is; nothing else does."""
    session.execute(text(f"ANALYZE {table}"))


def _rows(columns: Sequence[Sequence[object]]) -> Iterator[str]:
    for row in zip(*(_fields(column) for column in columns), strict=True):
        yield "\t".join(row) + "\n"


def _fields(column: Sequence[object]) -> list[str]:
    """Text of every value; a value that occurs often (a SKU, a date) is written once and looked up."""
    distinct = set(column)
    if len(distinct) * 2 > len(column):
        return [_field(value) for value in column]
    written = {value: _field(value) for value in distinct}
    return [written[value] for value in column]


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    return repr(value)
