"""What may run out before a delivery helps, and how likely that is."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.report_pages import tables
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import Parameters, Tool, ToolContext
from siprems_backend.services.tools.stockout_risk import measuring, report
from siprems_backend.utils.roles import Role

NAME = "stockout_risk"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Measure the risks, then write report and tables; how many products are at risk."""
    found = measuring.measure(parameters, context.report)
    rows = [report.row(risk) for risk in found.risks]
    tables.write(context, NAME, report.page(found, parameters), report.COLUMNS, rows)
    return found.summary()


def prepare(parameters: Parameters) -> Parameters:
    """Clean the filters."""
    final = shop_filters.cleaned(parameters)
    return {**final, "days": int(final["days"])} if "days" in final else final


TOOL = Tool(
    name=NAME,
    title="Stock-out risk",
    description=(
        "The probability that each product runs out before what is ordered today comes, from its stock, what "
        "is on its way and the stored forecast of what sells in all until then; what would be missing, and "
        "what that is worth."
    ),
    role=Role.VIEWER,
    properties={
        "product_skus": shop_filters.PRODUCT_SKUS,
        "category": shop_filters.CATEGORY,
        **shop_filters.CLASSES,
        "days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 90,
            "description": "Days that the stock has to last for (without it, the lead time of each product)",
        },
        "at_risk_from": {
            "type": "number",
            "minimum": 0.01,
            "maximum": 0.99,
            "default": 0.1,
            "description": "Probability of running out from which a product counts as at risk",
        },
    },
    prepare=prepare,
    outputs=tables.outputs(NAME, "Risk, expected demand and stock of every product"),
    run=run,
)
