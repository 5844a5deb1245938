"""Which lines of the plan are looked at, as the filters say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, State

# What the choice of urgency stands for.
SHOWN: dict[str, dict[str, Any]] = {
    "order": {"to_order": True},
    "high": {"to_order": True, "urgency": "high"},
    "medium": {"to_order": True, "urgency": "medium"},
    "all": {},
}
LONGEST_SEARCH = 200
FILTERS = (
    ("plan-search", "value"),
    ("plan-category", "value"),
    ("plan-show", "value"),
    ("do-plan-supplier", "data"),
    ("plan-budget", "value"),
    ("plan-budget", "max"),
)
STATES = [State(*each) for each in FILTERS]
# The most money is no choice of the reader.
INPUTS = [Input(*each) for each in FILTERS[:-1]]


def wanted(values: Sequence[Any]) -> dict[str, Any]:
    """Filters of the service from values of `FILTERS`; `money` where the budget is less than all."""
    search, category, shown, supplier, spend, most = values
    found = dict(SHOWN.get(str(shown), SHOWN["order"]))
    if isinstance(search, str) and search.strip():
        found["search"] = search.strip()[:LONGEST_SEARCH]
    if isinstance(category, str) and category:
        found["category"] = category
    name = supplier.get("value") if isinstance(supplier, dict) else None
    if isinstance(name, str) and name:
        found["supplier"] = name
    if isinstance(spend, int | float) and isinstance(most, int | float) and 0 <= spend < most:
        found["money"] = float(spend)
    return found
