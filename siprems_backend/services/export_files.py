"""Tables written as files piece by piece: batches of rows go in, bytes come out, little is held between."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from siprems_backend.errors import Invalid
from siprems_backend.utils import clock
from siprems_backend.utils.spreadsheet_cell import harmless

Kind = Literal["text", "number", "flag", "date", "moment"]
Batches = Iterable[Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class Column:
    """A column of a table; `kind` is the kind of all its values, any of which may be None."""

    name: str
    kind: Kind


def csv_chunks(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """RFC 4180 CSV in UTF-8; text that a spreadsheet would run as a formula begins with an apostrophe."""
    dumps = [_DUMPS[column.kind] for column in columns]
    yield _csv_lines([[column.name for column in columns]])
    for batch in batches:
        yield _csv_lines([[dump(cell) for dump, cell in zip(dumps, row, strict=True)] for row in batch])


def parquet_chunks(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Parquet with one row group for each batch.

    Raises:
        Invalid: where pyarrow is not installed.
    """
    # pyarrow takes some 50 MB, which a process that never writes Parquet need not spend.
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        problem = "This server cannot write Parquet, because pyarrow is not installed; ask for csv."
        raise Invalid(problem, fields={"format": [problem]}) from None
    types = {
        "text": arrow.string(),
        "number": arrow.float64(),
        "flag": arrow.bool_(),
        "date": arrow.date32(),
        "moment": arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema([(column.name, types[column.kind]) for column in columns])
    sink = _Drain()
    with parquet.ParquetWriter(arrow.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for batch in batches:
            cells = zip(*batch, strict=True) if batch else [()] * len(columns)
            arrays = [arrow.array(values, field.type) for values, field in zip(cells, schema, strict=True)]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            yield sink.drain()
    yield sink.drain()


class _Drain(io.RawIOBase):
    """A file that only grows and forgets what was taken from it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def drain(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def _text(value: Any) -> str:
    return "" if value is None else harmless(str(value))


def _number(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _date(value: Any) -> str:
    return "" if value is None else value.isoformat()


def _moment(value: datetime | None) -> str:
    return clock.iso(value) or ""


_DUMPS: dict[Kind, Callable[[Any], str]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "date": _date,
    "moment": _moment,
}
