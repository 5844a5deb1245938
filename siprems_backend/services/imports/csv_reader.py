"""Text files: plain or gzipped, separated by comma, semicolon, tab or bar."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from siprems_backend.services.imports.columns import Column, FileRefused, Layout, find_columns, recognised
from siprems_backend.services.imports.formats import UTF16_MARKS
from siprems_backend.services.imports.rows import Chunk, Rejection
from siprems_backend.services.imports.table import CHUNK_ROWS, Table, select_columns

if TYPE_CHECKING:
    from _csv import Reader

SEPARATORS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000
# A packed file may unpack to as much as could be sent unpacked, and in any case to this many times its size.
USUAL_PACKING = 20
PIECE = 1024 * 1024


@contextmanager
def open_csv(path: Path, columns: Sequence[Column], *, packed: bool, largest: int) -> Iterator[Table]:
    """Open a text file.

    The encoding is UTF-8 or UTF-16 with a mark, UTF-8 without one, and Windows-1252 if it is no UTF-8.
    `largest` bytes may come out of a packed file, or 20 times its size if that is more.

    Raises:
        FileRefused: empty, damaged, unpacking to too much, or without a required column.
    """
    encoding = text_encoding(path, packed, largest)
    with (
        path.open("rb") as raw,
        unpacked(raw, packed) as data,
        io.TextIOWrapper(data, encoding=encoding, errors="replace", newline="") as stream,
    ):
        lines = bounded_lines(stream)
        header_line = first_line(lines)
        separator = max(
            SEPARATORS,
            key=lambda mark: (recognised(_cells(header_line, mark), columns), header_line.count(mark)),
        )
        layout = find_columns(_cells(header_line, separator), columns)
        details = {"encoding": encoding.removesuffix("-sig"), "separator": separator}
        rows = csv.reader(lines, delimiter=separator, strict=True)
        size = path.stat().st_size
        yield Table(layout, _chunks(rows, layout, raw, size), details, decimal_comma=separator == ";")


def _chunks(rows: Reader, layout: Layout, raw: BinaryIO, size: int) -> Iterator[Chunk]:
    parsed = _rows(rows, layout.width)
    while batch := list(islice(parsed, CHUNK_ROWS)):
        malformed = [row for row in batch if isinstance(row, Rejection)]
        good = [row for row in batch if not isinstance(row, Rejection)]
        columns = select_columns(layout, [cells for _, cells in good])
        yield Chunk([line for line, _ in good], columns, malformed, min(1.0, raw.tell() / size))


def _rows(reader: Reader, width: int) -> Iterator[tuple[int, list[str]] | Rejection]:
    """Rows as wide as the header, each with the line it starts on, counting the header's line as 1."""
    while True:
        line = reader.line_num + 2
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _refuse_open_quote(line, str(error))
            yield Rejection(line, "", "", "has a quote in the middle of a cell")
            continue
        if len(row) == width:
            if any(row):
                yield line, row
        elif len(row) > width and any(row[width:]):
            reason = f"has {len(row)} cells, the first line has {width}"
            yield Rejection(line, "", row[0][:100], reason)
        elif any(row):
            yield line, (row + [""] * width)[:width]


def _refuse_open_quote(line: int, message: str) -> None:
    """What follows a quote that is never closed would be taken for one cell: better nothing than a part."""
    if "unexpected end" in message or "field larger" in message:
        raise FileRefused(f"A quote that is opened on line {line} is never closed.")


def bounded_lines(stream: io.TextIOWrapper) -> Iterator[str]:
    """Lines of text, none of them long enough to fill the memory."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise FileRefused(f"Line {number} is longer than {LONGEST_LINE:,} characters; this is no table.")
        yield line


def first_line(lines: Iterator[str]) -> str:
    """The line that names the columns.

    Raises:
        FileRefused: there is none.
    """
    first = next(lines, "")
    if not first.strip():
        raise FileRefused("The file is empty, or its first line is; it must name the columns.")
    return first


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


@contextmanager
def unpacked(raw: BinaryIO, packed: bool) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked while they are read."""
    if not packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as unpacked:
        yield io.BufferedReader(unpacked)


def text_encoding(path: Path, packed: bool, largest: int) -> str:
    """Read through the file once: how its text is encoded, and that it can be read at all.

    Raises:
        FileRefused: a damaged gzip file, or one that unpacks to too much.
    """
    largest = max(largest, USUAL_PACKING * path.stat().st_size)
    with path.open("rb") as raw, unpacked(raw, packed) as data:
        try:
            first = data.read(PIECE)
            if first.startswith(UTF16_MARKS):
                encoding, fallback = "utf-16", "utf-16"
            else:
                encoding, fallback = "utf-8-sig", "cp1252"
            return encoding if _decodes(first, data, encoding, largest) else fallback
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise FileRefused("The gzip file is damaged or cut off; pack it again and send that.") from None


def _decodes(first: bytes, data: BinaryIO, encoding: str, largest: int) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    piece, total, good = first, 0, True
    while piece:
        total += len(piece)
        if total > largest:
            raise FileRefused(f"The file unpacks to more than {largest // 1024**2} MiB; split it.")
        try:
            good = good and decoder.decode(piece) is not None
        except UnicodeDecodeError:
            good = False
        piece = data.read(PIECE)
    return good and _complete(decoder)


def _complete(decoder: codecs.IncrementalDecoder) -> bool:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
