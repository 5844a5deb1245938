"""The analysis as a page and as rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from siprems_backend.services.export_files import Column
from siprems_backend.services.report_pages import charts
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.report_pages.words import percent
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.services.tools.abc_xyz.measuring import Findings, Item, cumulated, sizes
from siprems_engine.inventory.classification import DemandPattern, ValueClass, VariationClass

# More rows make a page slow to open; the table beside it has all.
MOST_ROWS = 300
ADVICE = {
    "AX": "Steady and valuable: order often and little, with a small safety stock.",
    "AY": "Valuable, and it varies: follow the forecast, with more safety stock.",
    "AZ": "Valuable and hard to foresee: look at every order yourself.",
    "BX": "Order automatically.",
    "BY": "Order automatically, with some safety stock.",
    "BZ": "Check now and then; order for what is known to come.",
    "CX": "Order seldom and much: stock costs little.",
    "CY": "Order seldom, with a generous safety stock.",
    "CZ": "Ask whether it has to be in the shop at all.",
}
PATTERNS = {
    DemandPattern.SMOOTH: "Sells often, in even amounts: forecasts are at their best.",
    DemandPattern.ERRATIC: "Sells often, in uneven amounts: safety stock does the work.",
    DemandPattern.INTERMITTENT: "Sells seldom, in even amounts: one or two in stock.",
    DemandPattern.LUMPY: "Sells seldom, in uneven amounts: no forecast knows when.",
}
COLUMNS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("category", "text"),
    Column("units", "number"),
    Column("value", "number"),
    Column("share", "number"),
    Column("cumulated_share", "number"),
    Column("abc", "text"),
    Column("xyz", "text"),
    Column("weekly_variation", "number"),
    Column("demand_class", "text"),
    Column("advice", "text"),
)
DIGITS = 4


def row(item: Item) -> list[Any]:
    """A product in the order of the columns."""
    product = item.product
    return [
        product.sku,
        product.name,
        product.category,
        round(item.units, DIGITS),
        round(item.value, DIGITS),
        round(item.share, 6),
        round(item.cumulated, 6),
        item.abc.value,
        None if item.xyz is None else item.xyz.value,
        round(item.variation, DIGITS),
        None if item.pattern is None else item.pattern.value,
        None if item.xyz is None else ADVICE[item.abc + item.xyz],
    ]


def page(found: Findings, parameters: Parameters) -> str:
    """The whole page."""
    return render(
        Path(__file__).with_name("report.html"),
        found=found,
        parameters=parameters,
        pareto=_pareto(found),
        sizes=sizes(found.items),
        matrix=_matrix(found),
        unclassed=found.cell(xyz=None),
        patterns=[(each.value, found.cell(pattern=each), words) for each, words in PATTERNS.items()],
        rows=found.items[:MOST_ROWS],
    )


def _matrix(found: Findings) -> list[tuple[str, list[tuple[str, Any, str]]]]:
    """Rows of the nine fields: of each the name, its products and what to do with them."""
    return [
        (
            abc.value,
            [(abc + xyz, found.cell(abc=abc, xyz=xyz), ADVICE[abc + xyz]) for xyz in VariationClass],
        )
        for abc in ValueClass
    ]


def _pareto(found: Findings) -> Markup | None:
    """The value that the most valuable products make together; None where nothing was sold."""
    if not found.value:
        return None
    shares, values = cumulated(found.items)
    counts, count = sizes(found.items), len(found.items)
    a = counts[ValueClass.A] / count
    b = a + counts[ValueClass.B] / count
    marks = [(a, f"A: {percent(a, 0)} of the products"), (b, f"A and B: {percent(b, 0)}")]
    made = percent(found.cell(abc=ValueClass.A).share, 0)
    title = f"The most valuable {percent(a, 0)} of the products make {made}."
    return charts.curve(title, shares, values, marks)
