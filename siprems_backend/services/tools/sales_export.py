"""Lines of sale as a file: CSV, XLSX or Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from siprems_backend.services import exports
from siprems_backend.services.export_files import Batches
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.spreadsheet_files import write_xlsx
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import OutputKind, Parameters, Tool, ToolContext
from siprems_backend.utils.roles import Role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Write the file; how many rows it has, and their first and last date."""
    file_format = parameters["format"]
    skus = parameters.get("product_skus")
    if skus:
        shop_filters.require_products(skus)
    first, last = shop_filters.day(parameters, "date_from"), shop_filters.day(parameters, "date_to")
    category = parameters.get("category")
    span = exports.sales_span(date_from=first, date_to=last, skus=skus, category=category)
    rows = exports.sales_rows(date_from=first, date_to=last, skus=skus, category=category)
    counted = _Counted(rows, span, context.report)
    _write(context.output(f"sales.{file_format}"), file_format, counted)
    return {
        "rows": counted.rows,
        "first_date": str(span[0]) if span else None,
        "last_date": str(span[1]) if span else None,
    }


def _write(path: Path, file_format: str, batches: Batches) -> None:
    if file_format == "xlsx":
        write_xlsx(path, "sales", exports.SALES, batches)
        return
    with path.open("wb") as file:
        for chunk in exports.ENCODERS[file_format](exports.SALES, batches):
            file.write(chunk)


class _Counted:
    """Rows on their way into a file: counted, and reported by date, for counting them first takes long."""

    def __init__(self, batches: Batches, span: tuple[date, date] | None, on_progress: OnProgress) -> None:
        self.rows = 0
        self._batches = batches
        self._span = span
        self._on_progress = on_progress

    def __iter__(self) -> Iterator[Sequence[Sequence[Any]]]:
        """The batches as they come."""
        for batch in self._batches:
            self.rows += len(batch)
            self._report(batch[-1][0])
            yield batch

    def _report(self, reached: date) -> None:
        if self._span is not None:
            first, last = self._span
            message = f"{self.rows:,} rows, up to {reached}"
            self._on_progress((reached - first).days, (last - first).days + 1, message)


TOOL = Tool(
    name="sales_export",
    title="Sales export",
    description=(
        "All lines of sale, or those of some products, a category or a range of dates, as one file. Text "
        "that a spreadsheet would run as a formula begins with an apostrophe in CSV and XLSX."
    ),
    role=Role.VIEWER,
    properties={
        "format": {
            "type": "string",
            "enum": ["csv", "xlsx", "parquet"],
            "default": "csv",
            "description": "Kind of file",
        },
        "product_skus": shop_filters.PRODUCT_SKUS,
        "category": shop_filters.CATEGORY,
        "date_from": shop_filters.DATE_FROM,
        "date_to": shop_filters.DATE_TO,
    },
    prepare=shop_filters.cleaned,
    outputs=(
        OutputKind("sales.csv", exports.MIMETYPES["csv"], "UTF-8, with a header"),
        OutputKind("sales.xlsx", XLSX, "A sheet for every million rows"),
        OutputKind("sales.parquet", exports.MIMETYPES["parquet"], "Columns with types"),
    ),
    run=run,
)
