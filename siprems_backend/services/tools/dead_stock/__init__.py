"""What lies in stock and does not sell."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.report_pages import tables
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.parameters import ROOT, refused
from siprems_backend.services.tool_runner.tool import Parameters, Tool, ToolContext
from siprems_backend.services.tools.dead_stock import measuring, report
from siprems_backend.utils.roles import Role

NAME = "dead_stock"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Find what lies, then write report and tables; how much of it there is and what is tied up in it."""
    found = measuring.measure(parameters, context.report)
    rows = [report.row(item) for item in found.items]
    tables.write(context, NAME, report.page(found, parameters), report.COLUMNS, rows)
    return found.summary()


def prepare(parameters: Parameters) -> Parameters:
    """Clean the filters; see that slow is sooner than dead."""
    final = shop_filters.cleaned(parameters)
    final |= {name: int(final[name]) for name in ("slow_after_days", "dead_after_days", "cover_days")}
    if final["slow_after_days"] >= final["dead_after_days"]:
        problem = f"Must be above slow_after_days, which is {final['slow_after_days']}."
        raise refused({f"{ROOT}.dead_after_days": [problem]})
    return final


def _days(default: int, description: str) -> dict[str, Any]:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": 3650,
        "default": default,
        "description": description,
    }


TOOL = Tool(
    name=NAME,
    title="Dead stock",
    description=(
        "What lies in stock without selling: days since the last sale, the money tied up, and for how many "
        "days the stock would last at the pace of the last weeks."
    ),
    role=Role.VIEWER,
    properties={
        "product_skus": shop_filters.PRODUCT_SKUS,
        "category": shop_filters.CATEGORY,
        **shop_filters.CLASSES,
        "slow_after_days": _days(30, "Days without a sale after which stock counts as slow"),
        "dead_after_days": _days(90, "Days without a sale after which it counts as dead"),
        "cover_days": _days(180, "Stock that lasts for more days than this counts as too much"),
    },
    prepare=prepare,
    outputs=tables.outputs(NAME, "Stock, last sale, value and cover of every product with stock"),
    run=run,
)
