"""Orders as a page, as sheets and as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from siprems_backend.services.export_files import Column
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.spreadsheet_files import Sheet
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.services.tools.order_proposal.proposal import Order, Proposal

OVERVIEW, NOBODY = "Overview", "No supplier"
# What Excel allows in the name of a sheet.
LONGEST_TITLE, NO_TITLE = 31, re.compile(r"[\[\]:*?/\\\x00-\x1f]")
DIGITS = 4
LINE_COLUMNS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("category", "text"),
    Column("order", "number"),
    Column("unit", "text"),
    Column("packs", "number"),
    Column("pack_size", "number"),
    Column("value", "number"),
    Column("urgency", "text"),
    Column("order_by", "date"),
    Column("arrives_on", "date"),
    Column("stock", "number"),
    Column("on_order", "number"),
    Column("runs_out", "date"),
    Column("reason", "text"),
)
COLUMNS = (Column("supplier", "text"), *LINE_COLUMNS)
OVERVIEW_COLUMNS = (
    Column("supplier", "text"),
    Column("lines", "number"),
    Column("urgent", "number"),
    Column("units", "number"),
    Column("value", "number"),
    Column("minimum", "number"),
    Column("missing_to_minimum", "number"),
    Column("lines_without_cost", "number"),
    Column("order_by", "date"),
)


def page(found: Proposal, parameters: Parameters) -> str:
    """The whole page."""
    return render(Path(__file__).with_name("report.html"), found=found, parameters=parameters, nobody=NOBODY)


def row(order: Order, line: Any) -> list[Any]:
    """A line in the order of the columns."""
    return [order.supplier, *_cells(line)]


def sheets(found: Proposal) -> Iterator[Sheet]:
    """The overview, then an order after the other."""
    overview = [
        [
            order.supplier or NOBODY,
            len(order.lines),
            order.urgent,
            round(order.units, DIGITS),
            round(order.value, DIGITS),
            order.minimum,
            round(order.missing, DIGITS),
            order.unpriced,
            order.order_by,
        ]
        for order in found.orders
    ]
    yield Sheet(OVERVIEW, OVERVIEW_COLUMNS, [overview])
    taken = {OVERVIEW.casefold()}
    for order in found.orders:
        title = _title(order.supplier or NOBODY, taken)
        yield Sheet(title, LINE_COLUMNS, [[_cells(line) for line in order.lines]])


def _title(name: str, taken: set[str]) -> str:
    """A name as Excel takes it: short, without some characters and apostrophes at its ends, and distinct."""
    plain = NO_TITLE.sub(" ", name).strip().strip("'")[:LONGEST_TITLE].strip() or "Supplier"
    # Excel keeps this name for itself.
    title, number = plain if plain.casefold() != "history" else "History 1", 1
    while title.casefold() in taken:
        number += 1
        end = f" {number}"
        title = plain[: LONGEST_TITLE - len(end)] + end
    taken.add(title.casefold())
    return title


def _cells(line: Any) -> list[Any]:
    return [
        line.sku,
        line.name,
        line.category,
        round(line.recommended, DIGITS),
        line.unit,
        round(line.recommended / line.pack_size, DIGITS) if line.pack_size > 0 else None,
        line.pack_size,
        None if line.value is None else round(line.value, DIGITS),
        line.urgency_name,
        line.order_by,
        line.arrives_on,
        line.current_stock,
        line.on_order,
        line.stockout_date,
        line.reason,
    ]
