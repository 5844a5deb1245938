"""Dead stock as a page and as rows of a table."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from siprems_backend.services.export_files import Column
from siprems_backend.services.report_pages import charts
from siprems_backend.services.report_pages.charts import Line
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.report_pages.words import units
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.services.tools.dead_stock.measuring import Findings, Item, State

# More rows make a page slow to open; the table beside it has all.
MOST_ROWS = 300
AGES = (0, 8, 31, 61, 91, 181, 366)
COLUMNS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("category", "text"),
    Column("state", "text"),
    Column("stock", "number"),
    Column("last_sale", "date"),
    Column("idle_days", "number"),
    Column("sold_a_day", "number"),
    Column("cover_days", "number"),
    Column("value", "number"),
    Column("excess_value", "number"),
)
DIGITS = 4
STATES = {
    State.DEAD: "Return it, sell it off, or write it off: it only takes up room and money.",
    State.SLOW: "Order no more of it; lower the price while somebody still wants it.",
    State.TOO_MUCH: "It sells, but there is far more of it than it takes: pause ordering.",
}


def row(item: Item) -> list[Any]:
    """A product in the order of the columns."""
    product = item.product
    return [
        product.sku,
        product.name,
        product.category,
        item.state.value,
        product.stock,
        product.last_sale,
        item.idle,
        round(item.pace, DIGITS),
        None if math.isinf(item.cover) else round(item.cover, 1),
        None if item.value is None else round(item.value, DIGITS),
        round(item.excess, DIGITS),
    ]


def page(found: Findings, parameters: Parameters) -> str:
    """The whole page."""
    lying = [item for item in found.items if item.state is not State.FINE]
    return render(
        Path(__file__).with_name("report.html"),
        found=found,
        parameters=parameters,
        states=[(state, found.of(state), found.value(state), words) for state, words in STATES.items()],
        lying=len(lying),
        ages=_ages(found),
        categories=_categories(found),
        rows=lying[:MOST_ROWS],
    )


def _ages(found: Findings) -> Markup | None:
    """What is tied up by days since the last sale; None where nothing has a value."""
    if not found.value():
        return None
    values = np.zeros(len(AGES))
    for item in found.items:
        values[int(np.searchsorted(AGES, item.idle, side="right")) - 1] += item.value or 0.0
    labels = [f"{low}–{high - 1} days" for low, high in itertools.pairwise(AGES)]
    title = f"Value of stock by days since the last sale: {units(values[-1])} for more than a year."
    return charts.bars(title, [*labels, "longer"], [Line("Value", values, "served")], units)


def _categories(found: Findings) -> list[tuple[str | None, float, float, int]]:
    """Value of the stock, of what is dead or slow, and how many products that is, by category."""
    groups: dict[str | None, list[Item]] = defaultdict(list)
    for item in found.items:
        groups[item.product.category].append(item)
    rows = []
    for name, items in groups.items():
        lying = [item for item in items if item.state in {State.DEAD, State.SLOW}]
        whole, tied = (sum(item.value or 0.0 for item in some) for some in (items, lying))
        rows.append((name, whole, tied, len(lying)))
    return sorted(rows, key=lambda each: (-each[2], -each[1], each[0] or ""))
