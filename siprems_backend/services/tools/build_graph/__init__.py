"""Which products have to do with each other, as a page to explore."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.report_pages import tables
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import OutputKind, Parameters, Tool, ToolContext
from siprems_backend.services.tools.build_graph import measuring, report
from siprems_backend.utils.roles import Role

PAGE, PAIRS = "product_graph.html", "product_graph.csv"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Find the relations, then write page and table; how many there are."""
    found = measuring.measure(parameters, context.report)
    context.output(PAGE).write_text(report.page(found, parameters), encoding="utf-8")
    tables.write_csv(context.output(PAIRS), report.COLUMNS, report.rows(found))
    return found.summary()


def prepare(parameters: Parameters) -> Parameters:
    """Clean the filters."""
    final = shop_filters.cleaned(parameters)
    return final | {name: int(final[name]) for name in ("days_back", "products", "most_relations")}


TOOL = Tool(
    name="build_graph",
    title="Product graph",
    description=(
        "An interactive page of products and their strongest relations: those whose demand rises and falls "
        "together (or one instead of the other) beyond what the whole shop does, and those that sell on the "
        "same days more often than chance would have it."
    ),
    role=Role.VIEWER,
    properties={
        "category": shop_filters.CATEGORY,
        **shop_filters.CLASSES,
        "relations": {
            "type": "string",
            "enum": ["both", "moving_together", "sold_together"],
            "default": "both",
            "description": "Which relations to look for",
        },
        "days_back": {
            "type": "integer",
            "minimum": 28,
            "maximum": 1095,
            "default": 365,
            "description": "Days to look back from the last day with sales",
        },
        "products": {
            "type": "integer",
            "minimum": 2,
            "maximum": 10_000,
            "default": 4000,
            "description": "Most products to compare: those that sold most",
        },
        "most_relations": {
            "type": "integer",
            "minimum": 1,
            "maximum": 2000,
            "default": 400,
            "description": "Most relations of each kind to show: the strongest",
        },
    },
    prepare=prepare,
    outputs=(
        OutputKind(PAGE, tables.HTML, "The page; its script is inside, and it loads nothing"),
        OutputKind(PAIRS, tables.CSV, "Every relation shown, with its figures"),
    ),
    run=run,
)
