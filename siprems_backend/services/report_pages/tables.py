"""The table beside a report, for spreadsheets: as CSV and as XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siprems_backend.services.export_files import Column, csv_chunks
from siprems_backend.services.spreadsheet_files import write_xlsx
from siprems_backend.services.tool_runner.tool import OutputKind, ToolContext

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HTML = "text/html; charset=utf-8"


def outputs(name: str, of: str) -> tuple[OutputKind, OutputKind, OutputKind]:
    """The files that a report of this name makes: the page, and the table `of` something, twice."""
    return (
        OutputKind(f"{name}.html", HTML, "The report, for reading and printing"),
        OutputKind(f"{name}.csv", CSV, of),
        OutputKind(f"{name}.xlsx", XLSX, f"{of}, for Excel"),
    )


def write(
    context: ToolContext, name: str, page: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]
) -> None:
    """Write the page, and the rows as both tables."""
    context.output(f"{name}.html").write_text(page, encoding="utf-8")
    write_csv(context.output(f"{name}.csv"), columns, rows)
    write_xlsx(context.output(f"{name}.xlsx"), name, columns, [rows])


def write_csv(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    """Write the rows as CSV."""
    with path.open("wb") as file:
        for chunk in csv_chunks(columns, [rows]):
            file.write(chunk)
