"""Tables whose cells are text: CSV files, and workbooks once their cells are written out.

They are read twice: once to find the types of the columns, once to convert them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from siprems_backend.services.datasets.column_types import TypeFinder, converted
from siprems_backend.services.datasets.table import Table
from siprems_backend.services.imports.columns import FileRefused

Batches = Iterator[tuple[Any, float]]


@dataclass(frozen=True)
class TextTable:
    """Named columns; `batches` begins anew with every call and gives Arrow batches of text."""

    names: list[str]
    batches: Callable[[], Batches]
    decimal_comma: bool = False


def typed(table: TextTable) -> Table:
    """The table with the types that all of its rows allow.

    Raises:
        FileRefused: it has no rows, or cannot be read to its end.
    """
    import pyarrow as pa  # Only workers load it.

    finder, rows = TypeFinder(len(table.names), table.decimal_comma), 0
    for batch, _ in table.batches():
        finder.see(batch)
        rows += batch.num_rows
    if not rows:
        raise FileRefused("The file names its columns and has no rows below them; add at least one.")
    types = finder.types()
    schema = pa.schema(list(zip(table.names, types, strict=True)))

    def batches() -> Batches:
        for batch, done in table.batches():
            columns = [
                converted(column, kind, table.decimal_comma)
                for column, kind in zip(batch.columns, types, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema), done

    return Table(schema, batches())
