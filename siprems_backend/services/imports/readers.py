"""Opening a file of any format that can be imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from siprems_backend.services.imports.columns import Column, find_columns
from siprems_backend.services.imports.csv_reader import open_csv
from siprems_backend.services.imports.formats import FileFormat, sniff_file
from siprems_backend.services.imports.parquet_reader import open_parquet
from siprems_backend.services.imports.rows import Chunk
from siprems_backend.services.imports.table import CHUNK_ROWS, Table
from siprems_backend.services.imports.values import Cell
from siprems_backend.services.imports.xlsx_reader import open_xlsx


def open_table(path: Path, columns: Sequence[Column], largest: int) -> AbstractContextManager[Table]:
    """Open a file by what it is, not by its name; `largest` bytes may come out of a packed one.

    Raises:
        UnsupportedFile: no format that we read.
        FileRefused: a file that cannot be imported as a whole.
    """
    kind = sniff_file(path)
    if kind is FileFormat.PARQUET:
        return open_parquet(path, columns)
    if kind is FileFormat.XLSX:
        return open_xlsx(path, columns)
    return open_csv(path, columns, packed=kind is FileFormat.CSV_GZ, largest=largest)


def table_of_columns(
    values: Mapping[str, Sequence[Cell]], columns: Sequence[Column]
) -> AbstractContextManager[Table]:
    """A table from memory: named columns of equal length."""
    layout = find_columns(list(values), columns)
    cells = list(values.values())
    count = len(cells[0])

    def chunk(first: int) -> Chunk:
        last = min(first + CHUNK_ROWS, count)
        part = {name: cells[place][first:last] for name, place in layout.positions.items()}
        return Chunk(range(first + 1, last + 1), part, done=last / count)

    return nullcontext(Table(layout, (chunk(first) for first in range(0, count, CHUNK_ROWS))))
