"""The shop's files on the engine's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.tables import Table
from siprems_engine.forecasting import EngineError, Event
from siprems_engine.forecasting.shop import Grid

FIRST_DAY = ("week_first_day", "first_day", "date_from", "from", "start_date", "date")
LAST_DAY = ("week_last_day", "last_day", "date_to", "to", "end_date", "date")
# A promotion plan may count shops; a row in which none takes part is no promotion.
SHOPS_TAKING_PART = ("stores_mailer", "stores_display")


@dataclass(frozen=True, eq=False)
class ShopFiles:
    """A grid, the SKUs of its rows, events, and the rows of each category if there is a list of products."""

    grid: Grid
    skus: list[str]
    events: list[Event]
    categories: dict[str, NDArray[np.int64]]


def read(request: EvaluationRequest) -> ShopFiles:
    """Read all files of a request; raises `Invalid` with what is wrong in which of them."""
    sales = Table(request.sales)
    skus, product = sales.codes("sku")
    promos = None
    if request.promotions is None and sales.has("is_promo"):
        promos = sales.flags("is_promo")
    days, quantities = sales.days("date"), sales.numbers("quantity", missing=0.0)
    try:
        grid = Grid.from_rows(len(skus), product, days, quantities, promos)
    except EngineError as error:
        raise Invalid(f"{request.sales.name}: {error}") from error
    if request.promotions is not None:
        grid = grid.with_promotions(_promotions(request.promotions, grid, skus))
    events = [] if request.events is None else _events(request.events)
    grid = grid.with_events(np.array([event.date for event in events], dtype="datetime64[D]"))
    return ShopFiles(
        grid, skus, events, {} if request.products is None else _categories(request.products, skus)
    )


def _promotions(path: Path, grid: Grid, skus: list[str]) -> NDArray[np.bool_]:
    """Mark the planned periods, (N, T), from rows of a SKU, a first and a last day."""
    plan = Table(path)
    names, codes = plan.codes("sku")
    row_of = {sku: row for row, sku in enumerate(skus)}
    rows = np.array([row_of.get(name, -1) for name in names], dtype=np.int64)[codes]
    first, last = plan.days(plan.first_of(FIRST_DAY)), plan.days(plan.first_of(LAST_DAY))
    taken = rows >= 0
    counted = [name for name in SHOPS_TAKING_PART if plan.has(name)]
    if counted:
        taken &= np.any([plan.numbers(name, missing=0.0) > 0 for name in counted], axis=0)
    promo = np.zeros(grid.units.shape, dtype=bool)
    starts = np.searchsorted(grid.days, first)
    stops = np.searchsorted(grid.days, last, side="right")
    for row, start, stop in zip(rows[taken], starts[taken], stops[taken], strict=True):
        promo[row, start:stop] = True
    return promo


def _events(path: Path) -> list[Event]:
    table = Table(path)
    names, codes = table.codes(table.first_of(("event_name", "name")))
    days = table.days(table.first_of(("event_date", "date")))
    return [Event(names[code], day.item()) for code, day in zip(codes, days, strict=True)]


def _categories(path: Path, skus: list[str]) -> dict[str, NDArray[np.int64]]:
    """Return the rows of every category; products that the list does not know are in none."""
    table = Table(path)
    names, codes = table.codes("sku")
    categories, category = table.codes("category")
    row_of = {sku: row for row, sku in enumerate(skus)}
    found: dict[str, list[int]] = {}
    for sku_code, category_code in zip(codes, category, strict=True):
        row = row_of.get(names[sku_code])
        if row is not None:
            found.setdefault(categories[category_code], []).append(row)
    return {name: np.array(rows, dtype=np.int64) for name, rows in found.items()}
