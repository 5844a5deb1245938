"""Opening whatever was received."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from siprems_backend.services.datasets.csv_table import csv_table
from siprems_backend.services.datasets.parquet_table import parquet_table
from siprems_backend.services.datasets.table import Table
from siprems_backend.services.datasets.text_table import typed
from siprems_backend.services.datasets.workbook_table import workbook_table
from siprems_backend.services.imports.formats import FileFormat, sniff_file


@contextmanager
def open_upload(path: Path) -> Iterator[Table]:
    """The table in a file.

    Raises:
        FileRefused: damaged, or it holds no table; says where and what to do.
        UnsupportedFile: of an unknown format.
    """
    table = _opened(path, sniff_file(path))
    # A reader that is left in the middle closes its file at once.
    with closing(cast("Any", table.batches)):
        yield table


def _opened(path: Path, kind: FileFormat) -> Table:
    if kind is FileFormat.PARQUET:
        return parquet_table(path)
    if kind is FileFormat.XLSX:
        return typed(workbook_table(path))
    return typed(csv_table(path, packed=kind is FileFormat.CSV_GZ))
