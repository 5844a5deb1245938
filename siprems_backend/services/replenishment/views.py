"""The plan as people read it: pages, suppliers, files, and what limited money buys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import plan_queries
from siprems_backend.services.replenishment import capital, refreshing
from siprems_backend.services.replenishment.capital import Funded
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.utils.pagination import PageRequest

ROWS_AT_A_TIME = 1000
UNLIMITED = Funded(None, None)


@dataclass(frozen=True)
class PlanPage:
    """Lines of one page, sums of all that match, and how much of the plan is being made anew.

    With limited money each line has `funded_units` and `funded_value`.
    """

    plan_date: dt.date
    stale: int
    totals: Any
    items: Sequence[Any]
    page: int
    page_size: int
    funded: capital.Spending | None = None

    @property
    def total(self) -> int:
        """Lines on all pages."""
        return int(self.totals.lines)


def page(
    request: PageRequest, sort: str = "urgency", *, money: float | None = None, **wanted: Any
) -> PlanPage:
    """Lines that match all filters, those that changed made anew first."""
    stale = refreshing.freshen()
    with database.reading() as session:
        day = planning_day(session)
        totals = plan_queries.totals(session, **wanted)
        if money is None:
            items = plan_queries.lines(session, sort, request, **wanted)
            return PlanPage(day, stale, totals, items, request.page, request.page_size)
        everything = plan_queries.lines(session, sort, names=capital.NEEDED, **wanted)
        spending = capital.spend(everything, money)
        shown = spending.ranked[request.offset : request.offset + request.page_size]
        lines = plan_queries.by_products(session, [line.product_id for line in shown])
    part = [_with_funds(line, spending.of(line.product_id)) for line in lines]
    return PlanPage(day, stale, totals, part, request.page, request.page_size, spending)


def _with_funds(line: Any, funded: Funded) -> SimpleNamespace:
    return SimpleNamespace(**line._asdict(), funded_units=funded.units, funded_value=funded.value)


def by_supplier(**wanted: Any) -> dict[str, Any]:
    """Sums of the lines that match of every supplier, those with most to order first."""
    stale = refreshing.freshen()
    with database.reading() as session:
        day = planning_day(session)
        groups = plan_queries.by_supplier(session, **wanted)
    return {"plan_date": day, "stale": stale, "items": groups}


def rows(
    sort: str = "urgency", *, money: float | None = None, **wanted: Any
) -> Iterator[list[tuple[Any, ...]]]:
    """All lines that match, in batches of rows of the columns of the export."""
    refreshing.freshen()
    with database.reading() as session:
        names = dict.fromkeys((*EXPORTED, *capital.NEEDED))
        found = plan_queries.lines(session, sort, names=list(names), **wanted)
    spending = None if money is None else capital.spend(found, money)
    lines = found if spending is None else spending.ranked
    for place in range(0, len(lines), ROWS_AT_A_TIME):
        yield [_row(line, spending) for line in lines[place : place + ROWS_AT_A_TIME]]


def _row(line: Any, spending: capital.Spending | None) -> tuple[Any, ...]:
    funded = UNLIMITED if spending is None else spending.of(line.product_id)
    return (*line[: len(EXPORTED)], funded.units, funded.value)


# Columns of a line that files have, in their order.
EXPORTED = (
    "sku",
    "name",
    "category",
    "supplier",
    "unit",
    "current_stock",
    "on_order",
    "on_draft",
    "predicted_demand",
    "recommended",
    "urgency_name",
    "reorder_point",
    "safety_stock",
    "days_of_cover",
    "stockout_date",
    "order_by",
    "arrives_on",
    "lasts_until",
    "service_level",
    "expected_cost",
    "expected_profit",
    "value",
    "pack_size",
    "reason",
    "plan_date",
)
