"""How good forecasts would have been lately, product by product, beside the simplest forecast there is."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.parameters import ROOT, refused
from siprems_backend.services.tool_runner.tool import OutputKind, Parameters, Tool, ToolContext
from siprems_backend.services.tools.forecast_accuracy import measuring, report, tables, watched
from siprems_backend.utils.roles import Role

# Every one of them forecasts every product.
MOST_FORECASTS = 60
REPORT, PRODUCTS, DAYS = "forecast_accuracy.html", "forecast_accuracy.csv", "forecast_accuracy_days.csv"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Measure, then write the report and the tables; the figures of all products together."""
    with context.output(DAYS).open("wb") as file:
        days = tables.DayTable(file)
        found = measuring.measure(parameters, days.add, context.report)
    with context.output(PRODUCTS).open("wb") as file:
        tables.write_products(file, found.reviews)
    really = watched.look(parameters)
    context.output(REPORT).write_text(report.page(found, really), encoding="utf-8")
    return {**found.summary(), "really_forecast": really.summary()}


def prepare(parameters: Parameters) -> Parameters:
    """Clean the filters; see that the days hold at least one forecast and not too many."""
    final = shop_filters.cleaned(parameters)
    days, horizon = int(final["days_back"]), int(final["horizon"])
    if horizon > days:
        raise refused({f"{ROOT}.horizon": [f"Must be at most days_back, which is {days}."]})
    if days // horizon > MOST_FORECASTS:
        problem = f"Must be at least {-(-days // MOST_FORECASTS)} with days_back at {days}."
        raise refused({f"{ROOT}.horizon": [problem]})
    return {**final, "days_back": days, "horizon": horizon, "products": int(final["products"])}


TOOL = Tool(
    name="forecast_accuracy",
    title="Forecast accuracy",
    description=(
        "Makes the forecasts of the last weeks again, each from what was known that day, and compares them "
        "with what then sold: error, bias and how often the 95 % interval held, by product, beside what "
        "sold on the same weekday the week before. Shows too how good the forecasts were that were made then."
    ),
    role=Role.ANALYST,
    properties={
        "product_skus": shop_filters.PRODUCT_SKUS,
        "category": shop_filters.CATEGORY,
        "days_back": {
            "type": "integer",
            "minimum": 1,
            "maximum": 365,
            "default": 56,
            "description": "Days to look back from the last day with sales",
        },
        "horizon": {
            "type": "integer",
            "minimum": 1,
            "maximum": 90,
            "default": 14,
            "description": "Days that each forecast reaches ahead; the next one is made when it ends",
        },
        "engine": {
            "type": "string",
            "enum": ["auto", "prophet"],
            "default": "auto",
            "description": "auto: the pooled model of the shop; prophet: a model trained for each product",
        },
        "products": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
            "default": 500,
            "description": "Most products to look at: those that sold most",
        },
    },
    prepare=prepare,
    outputs=(
        OutputKind(REPORT, "text/html; charset=utf-8", "The report, for reading and printing"),
        OutputKind(PRODUCTS, "text/csv; charset=utf-8", "Figures of every product"),
        OutputKind(DAYS, "text/csv; charset=utf-8", "Every forecast day of every product"),
    ),
    run=run,
)
