"""Parquet files: read in batches and written anew, with plain types only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from siprems_backend.services.datasets.table import Table, column_names
from siprems_backend.services.datasets.text_table import Batches
from siprems_backend.services.imports.columns import FileRefused
from siprems_backend.services.imports.parquet_reader import MOST_ROWS

BATCH_ROWS = 32_768
BUFFER_BYTES = 1024**2
DAMAGED = "The Parquet file is damaged; write it again and send that."


def parquet_table(path: Path) -> Table:
    """Open a Parquet file.

    Raises:
        FileRefused: damaged, without rows, with too many, or with a column of no plain type.
    """
    import pyarrow as pa  # Only workers load it.
    from pyarrow import parquet

    try:
        # Without the buffer whole row groups are read at once, however large they are.
        file = parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError):
        raise FileRefused(DAMAGED) from None
    names = column_names(file.schema_arrow.names)
    types = [_plain(field.type, name) for field, name in zip(file.schema_arrow, names, strict=True)]
    if file.metadata.num_rows > MOST_ROWS:
        raise FileRefused(f"The file has more than {MOST_ROWS:,} rows; split it.")
    if not file.metadata.num_rows:
        raise FileRefused("The file has no rows; write at least one.")
    schema = pa.schema(list(zip(names, types, strict=True)))
    return Table(schema, _batches(file, schema))


def _batches(file: Any, schema: Any) -> Batches:
    import pyarrow as pa  # Already loaded by `parquet_table`.

    total, read = file.metadata.num_rows, 0
    try:
        with file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                batch.validate(full=True)
                columns = [
                    column.cast(field.type, safe=False)
                    for column, field in zip(batch.columns, schema, strict=True)
                ]
                read += batch.num_rows
                yield pa.RecordBatch.from_arrays(columns, schema=schema), min(1.0, read / total)
    except (pa.ArrowException, OSError):
        raise FileRefused(DAMAGED) from None


def _plain(kind: Any, name: str) -> Any:
    """The type that a column is kept with."""
    import pyarrow as pa  # Already loaded by `parquet_table`.

    is_a = pa.types
    if is_a.is_dictionary(kind):
        return _plain(kind.value_type, name)
    if is_a.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    if is_a.is_date(kind):
        return pa.date32()
    if is_a.is_decimal(kind) or is_a.is_float16(kind):
        return pa.float64()
    if is_a.is_large_string(kind) or is_a.is_string_view(kind) or is_a.is_null(kind):
        return pa.string()
    if is_a.is_integer(kind) or is_a.is_floating(kind) or is_a.is_boolean(kind) or is_a.is_string(kind):
        return kind
    raise FileRefused(
        f"The column '{name}' has the type {kind}; write it as text, numbers, truth values, dates or times."
    )
