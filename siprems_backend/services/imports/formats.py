"""What kind of file it is, told from its content; its name is the client's and proves nothing."""

from __future__ import annotations

import enum
import re
import zipfile
import zlib
from pathlib import Path

from siprems_backend.errors import UnsupportedFile
from siprems_backend.services.imports.columns import FileRefused

SNIFFED_BYTES = 4096
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ADVICE = "Send CSV (also gzipped), Parquet or XLSX."

# A workbook is read as a whole: its sheets may unpack to this much and span so many cells.
LARGEST_WORKBOOK = 512 * 1024**2
MOST_CELLS = 30_000_000
PIECE = 1024 * 1024
CELL_NAME = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")


class FileFormat(enum.StrEnum):
    """Formats that can be read; the value is the ending of the stored file."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    PARQUET = "parquet"
    XLSX = "xlsx"


def sniff(head: bytes) -> FileFormat:
    """Tell the format from the first bytes of a file.

    Raises:
        UnsupportedFile: it is none that we read.
    """
    if head.startswith(b"PAR1"):
        return FileFormat.PARQUET
    if head.startswith(b"PK\x03\x04"):
        return FileFormat.XLSX
    if head.startswith(b"\x1f\x8b"):
        _require_text(_first_unpacked(head))
        return FileFormat.CSV_GZ
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnsupportedFile("This is an old Excel file (.xls); save it as .xlsx or CSV and send that.")
    _require_text(head)
    return FileFormat.CSV


def sniff_file(path: Path) -> FileFormat:
    """Tell the format of a file.

    Raises:
        UnsupportedFile: it is none that we read.
    """
    with path.open("rb") as file:
        return sniff(file.read(SNIFFED_BYTES))


def check_workbook(path: Path) -> None:
    """Unpack a workbook once, piece by piece, so that no later step can be surprised by its size.

    Raises:
        UnsupportedFile: a zip archive, but no workbook.
        FileRefused: a damaged workbook, or one too large to be held in memory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise UnsupportedFile(f"This archive is no XLSX workbook. {ADVICE}")
            left = LARGEST_WORKBOOK
            for member in archive.infolist():
                left = _check_member(archive, member, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise FileRefused("The workbook is damaged or encrypted; save it again and send that.") from None


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """Read through one part of a workbook; the bytes that the remaining parts may still have."""
    rows = columns = 0
    tail = b""
    with archive.open(member) as part:
        while piece := part.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise FileRefused("The workbook unpacks to too much data; send it as CSV or Parquet.")
            if member.filename.startswith("xl/worksheets/"):
                for letters, number in set(CELL_NAME.findall(tail + piece)):
                    rows, columns = max(rows, int(number)), max(columns, _column_number(letters))
                tail = piece[-64:]
    if rows * columns > MOST_CELLS:
        raise FileRefused(
            f"The sheet spans {rows} rows and {columns} columns; remove what stands far outside the table."
        )
    return left


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _first_unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, SNIFFED_BYTES)
    except zlib.error:
        raise UnsupportedFile(f"The gzip file is damaged. {ADVICE}") from None


def _require_text(head: bytes) -> None:
    if b"\x00" in head and not head.startswith(UTF16_MARKS):
        raise UnsupportedFile(f"This is no text file. {ADVICE}")
