"""Writing a table as Parquet, batch by batch, and its first rows as JSON."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from siprems_backend.services.datasets.table import Table
from siprems_backend.services.progress import OnProgress
from siprems_backend.utils.atomic_file import open_atomically, write_atomically

PREVIEW_ROWS = 200
PREVIEW_CELLS = 100_000
LONGEST_CELL = 200


@dataclass(frozen=True)
class Written:
    """What was written: `columns` has name and type of each, `size` is in bytes."""

    rows: int
    columns: list[dict[str, str]]
    size: int


def write(table: Table, path: Path, preview_path: Path, on_progress: OnProgress) -> Written:
    """Write a table in bounded memory; both files appear whole or not at all.

    Raises:
        FileRefused: the table cannot be read to its end.
        TaskCancelled: from `on_progress`.
        OSError: the disk failed.
    """
    from pyarrow import parquet  # Only workers load it.

    path.parent.mkdir(parents=True, exist_ok=True)
    rows, first = 0, _FirstRows(len(table.schema))
    with open_atomically(path) as file:
        with parquet.ParquetWriter(file, table.schema, compression="zstd") as writer:
            for batch, done in table.batches:
                writer.write_batch(batch)
                first.see(batch)
                rows += batch.num_rows
                on_progress(int(99 * done), 100, f"{rows:,} rows read")
        if not file.closed:
            file.flush()
            os.fsync(file.fileno())
    write_atomically(preview_path, first.as_lines())
    return Written(rows, described(table.schema), path.stat().st_size)


def described(schema: Any) -> list[dict[str, str]]:
    """Names and types of columns, in words."""
    return [{"name": field.name, "type": type_name(field.type)} for field in schema]


def type_name(kind: Any) -> str:
    """`integer`, `number`, `boolean`, `date`, `datetime` or `string`."""
    from pyarrow import types  # Only workers load it.

    names = {
        "integer": types.is_integer,
        "number": types.is_floating,
        "boolean": types.is_boolean,
        "date": types.is_date,
        "datetime": types.is_timestamp,
    }
    return next((name for name, is_it in names.items() if is_it(kind)), "string")


class _FirstRows:
    """Collects the first rows; of wide tables fewer."""

    def __init__(self, width: int) -> None:
        self._most = max(1, min(PREVIEW_ROWS, PREVIEW_CELLS // max(1, width)))
        self._rows: list[tuple[Any, ...]] = []

    def see(self, batch: Any) -> None:
        wanted = batch.slice(0, self._most - len(self._rows))
        columns = [map(_shown, column.to_pylist()) for column in wanted.columns]
        self._rows.extend(zip(*columns, strict=True))

    def as_lines(self) -> bytes:
        return b"".join(orjson.dumps(row, option=orjson.OPT_UTC_Z) + b"\n" for row in self._rows)


def _shown(value: Any) -> Any:
    return value[:LONGEST_CELL] if isinstance(value, str) else value
