"""Rows of the shop's own that the worked examples of docs/pipelines.md have something to learn from."""

from __future__ import annotations

from collections import Counter
from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import example_queries
from siprems_backend.models.example_queries import Candidate

# Fewer days teach nothing; more units a day are no slow mover, and too many classes.
FEWEST_DAYS, MOST_UNITS = 60, 4.0
SLOW_MOVERS = 6


def slow_movers() -> dict[str, Any]:
    """Parameters of `sales_history` for a few products that sell little, by the piece."""
    found = [each for each in _candidates() if each.whole and each.mean <= MOST_UNITS]
    found.sort(key=lambda each: (each.mean, each.sku))
    return {"skus": [each.sku for each in found[:SLOW_MOVERS]]} if found else {}


def changing_price() -> dict[str, Any]:
    """Parameters of `sales_history` for the product that was sold at the most prices, on the most days."""
    best = max(_candidates(), key=lambda each: (min(each.prices, 8), each.days, each.sku), default=None)
    return {} if best is None else {"skus": [best.sku]}


def promoted_category() -> dict[str, Any]:
    """Parameters of `sales_history` for the category with the most promotions."""
    days: Counter[str] = Counter()
    for each in _candidates():
        if each.category:
            days[each.category] += each.promo_days
    return {"category": days.most_common(1)[0][0]} if days else {}


def _candidates() -> list[Candidate]:
    with database.reading() as session:
        return [each for each in example_queries.candidates(session) if each.days >= FEWEST_DAYS]
