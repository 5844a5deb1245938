"""What to order today, supplier by supplier."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.report_pages import tables
from siprems_backend.services.spreadsheet_files import write_sheets
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import OutputKind, Parameters, Tool, ToolContext
from siprems_backend.services.tools.order_proposal import proposal, report
from siprems_backend.utils.roles import Role

NAME = "order_proposal"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Read the plan, then write page, workbook and table; how much there is to order."""
    context.report(0, 2, "Reading the plan")
    found = proposal.read(parameters)
    context.report(1, 2, f"Writing {len(found.orders)} orders")
    context.output(f"{NAME}.html").write_text(report.page(found, parameters), encoding="utf-8")
    lines = [report.row(order, line) for order in found.orders for line in order.lines]
    tables.write_csv(context.output(f"{NAME}.csv"), report.COLUMNS, lines)
    write_sheets(context.output(f"{NAME}.xlsx"), report.sheets(found))
    return found.summary()


TOOL = Tool(
    name=NAME,
    title="Order proposal",
    description=(
        "What the plan proposes to order today, a sheet for each supplier: quantities in full packs, what "
        "they cost, until when to order, and why; beside it what is below a supplier's minimum."
    ),
    role=Role.VIEWER,
    properties={
        "supplier": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "description": "Only orders to this supplier",
        },
        "category": shop_filters.CATEGORY,
        **shop_filters.CLASSES,
        "urgency": {
            "type": "string",
            "enum": list(proposal.URGENCIES),
            "description": "Only lines as urgent as this",
        },
    },
    prepare=shop_filters.cleaned,
    outputs=(
        OutputKind(f"{NAME}.html", tables.HTML, "All orders, for reading and printing"),
        OutputKind(f"{NAME}.xlsx", tables.XLSX, "An overview, and a sheet for each supplier"),
        OutputKind(f"{NAME}.csv", tables.CSV, "All lines with their suppliers"),
    ),
    run=run,
)
