"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from siprems_backend.services.imports.columns import Column, FileRefused, Layout, find_columns
from siprems_backend.services.imports.rows import Chunk
from siprems_backend.services.imports.table import CHUNK_ROWS, Table
from siprems_backend.services.imports.values import Cell

# A few bytes can stand for a billion equal rows.
MOST_ROWS = 200_000_000


@contextmanager
def open_parquet(path: Path, columns: Sequence[Column]) -> Iterator[Table]:
    """Open a Parquet file; its "lines" are row numbers from 1.

    Raises:
        FileRefused: damaged, too many rows, a nested column, or without a required column.
    """
    # pyarrow is large and only workers need it.
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise FileRefused("The Parquet file is damaged; write it again and send that.") from None
    with file:
        layout = find_columns(file.schema_arrow.names, columns)
        if file.metadata.num_rows > MOST_ROWS:
            raise FileRefused(f"The file has more than {MOST_ROWS:,} rows; split it.")
        for name, place in layout.positions.items():
            if pa.types.is_nested(file.schema_arrow.field(place).type):
                raise FileRefused(f"The column '{name}' holds lists or records; plain values are needed.")
        yield Table(layout, _chunks(file, layout))


def _chunks(file: Any, layout: Layout) -> Iterator[Chunk]:
    import pyarrow as pa  # Already loaded by `open_parquet`.

    names = [file.schema_arrow.names[place] for place in layout.positions.values()]
    total, first = max(1, file.metadata.num_rows), 1
    try:
        for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=names):
            cells = {
                wanted: _cells(batch.column(batch.schema.get_field_index(name)))
                for wanted, name in zip(layout.positions, names, strict=True)
            }
            last = first + batch.num_rows
            yield Chunk(range(first, last), cells, done=min(1.0, (last - 1) / total))
            first = last
    except (pa.ArrowException, OSError):
        raise FileRefused("The Parquet file is damaged; write it again and send that.") from None


def _cells(column: Any) -> list[Cell]:
    """Python values; times of day are cut off by Arrow, which knows every resolution and time zone."""
    import pyarrow as pa  # Already loaded by `open_parquet`.

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.date32(), safe=False)
    return column.to_pylist()
