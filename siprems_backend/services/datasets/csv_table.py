"""Text files: plain or gzipped, separated by comma, semicolon, tab or bar; read in blocks of bounded size."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.services.datasets.table import column_names
from siprems_backend.services.datasets.text_table import Batches, TextTable
from siprems_backend.services.imports.columns import FileRefused
from siprems_backend.services.imports.csv_reader import (
    SEPARATORS,
    bounded_lines,
    first_line,
    text_encoding,
    unpacked,
)

# No row may be longer, for rows are taken in blocks of this size.
BLOCK_BYTES = 4 * 1024**2
WRONG_WIDTH = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


def csv_table(path: Path, *, packed: bool) -> TextTable:
    """Open a text file.

    Raises:
        FileRefused: empty, damaged, unpacking to too much, or without usable names of columns.
    """
    encoding = text_encoding(path, packed, get_settings().max_dataset_bytes)
    header, separator = _header(path, packed, encoding)
    names = column_names(header)
    return TextTable(
        names,
        lambda: _batches(path, packed, encoding, separator, names),
        decimal_comma=separator == ";",
    )


def _header(path: Path, packed: bool, encoding: str) -> tuple[list[str], str]:
    """Cells of the first row, and the mark between them."""
    with (
        path.open("rb") as raw,
        unpacked(raw, packed) as data,
        io.TextIOWrapper(data, encoding=encoding, errors="replace", newline="") as stream,
    ):
        lines = bounded_lines(stream)
        first = first_line(lines)
        separator = max(SEPARATORS, key=first.count)
        rows = csv.reader(_beginning_with(first, lines), delimiter=separator)
        try:
            return next(rows), separator
        except csv.Error:
            raise FileRefused("The first row cannot be read; see that its quotes are closed.") from None


def _beginning_with(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _batches(path: Path, packed: bool, encoding: str, separator: str, names: list[str]) -> Batches:
    import pyarrow as pa  # Only workers load it.

    size, last = path.stat().st_size, None
    with path.open("rb") as raw, unpacked(raw, packed) as data:
        try:
            for batch in _reader(data, encoding, separator, names):
                last = batch if batch.num_rows else last
                yield batch, min(1.0, raw.tell() / size)
        except UnicodeDecodeError:
            raise FileRefused("The text is neither UTF-8 nor Windows-1252; save the file as UTF-8.") from None
        except pa.ArrowInvalid as error:
            raise FileRefused(_in_words(str(error))) from None
    _refuse_open_quote(last)


def _reader(data: Any, encoding: str, separator: str, names: list[str]) -> Any:
    import pyarrow as pa  # Only workers load it.
    from pyarrow import csv as arrow

    # Rows are counted for messages only by a single thread.
    reading = arrow.ReadOptions(
        use_threads=False,
        block_size=BLOCK_BYTES,
        column_names=names,
        skip_rows_after_names=1,
        encoding="utf8" if encoding == "utf-8-sig" else encoding,
    )
    parsing = arrow.ParseOptions(delimiter=separator, newlines_in_values=True)
    converting = arrow.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return arrow.open_csv(data, reading, parsing, converting)


def _in_words(problem: str) -> str:
    wrong = WRONG_WIDTH.search(problem)
    if wrong is not None:
        row, expected, found = wrong.groups()
        return (
            f"Row {row} has {found} cells and row 1, which names the columns, has {expected}; correct that "
            "row, or put quotes around cells that contain the separator."
        )
    if "straddling" in problem:
        return f"A row is longer than {BLOCK_BYTES // 1024**2} MiB, or a quote is opened and never closed."
    return "The file cannot be read as CSV; save it again with commas between cells and quotes around texts."


def _refuse_open_quote(last: Any) -> None:
    """A quote that is never closed takes all that follows, the last line's end too, into one cell."""
    if last is not None and str(last.columns[-1][-1]).endswith(("\n", "\r")):
        raise FileRefused("A quote in the last column is opened and never closed; close or remove it.")
