"""Which products make the money, and which of them sell steadily."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.report_pages import tables
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.parameters import ROOT, refused
from siprems_backend.services.tool_runner.tool import Parameters, Tool, ToolContext
from siprems_backend.services.tools.abc_xyz import measuring, report
from siprems_backend.utils.roles import Role

NAME = "abc_xyz"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Class the products, then write report and tables; how many are in each class."""
    found = measuring.measure(parameters, context.report)
    rows = [report.row(item) for item in found.items]
    tables.write(context, NAME, report.page(found, parameters), report.COLUMNS, rows)
    return found.summary()


def prepare(parameters: Parameters) -> Parameters:
    """Clean the filters; see that limits are in order."""
    final = shop_filters.cleaned(parameters)
    for low, high in (("a_until", "b_until"), ("x_until", "y_until")):
        if not final[low] < final[high]:
            raise refused({f"{ROOT}.{high}": [f"Must be above {low}, which is {final[low]}."]})
    return final


def _limit(default: float, most: float, description: str) -> dict[str, Any]:
    return {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": most,
        "default": default,
        "description": description,
    }


TOOL = Tool(
    name=NAME,
    title="ABC-XYZ analysis",
    description=(
        "Classes products by value (A makes most of it) and by how much their weekly demand varies (X "
        "hardly, Z wildly), and says what each of the nine fields is good for. Beside it the pattern of "
        "demand: smooth, erratic, intermittent, lumpy."
    ),
    role=Role.VIEWER,
    properties={
        "category": {
            **shop_filters.CATEGORY,
            "description": "Only products of this category, classed among themselves",
        },
        "a_until": _limit(0.8, 1.0, "Share of the value that products of class A make"),
        "b_until": _limit(0.95, 1.0, "Share of the value that those of A and B make"),
        "x_until": _limit(0.5, 10.0, "Coefficient of variation of weekly demand up to which a product is X"),
        "y_until": _limit(1.0, 10.0, "The same for Y"),
    },
    prepare=prepare,
    outputs=tables.outputs(NAME, "Value, variability and classes of every product"),
    run=run,
)
