"""The shop's files on the engine's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.tables import Table
from siprems_backend.services.imports.promotions import FIRST_DAY, LAST_DAY, SHOPS_TAKING_PART
from siprems_backend.services.imports.stock import DATE, ON_HAND
from siprems_engine.forecasting import EngineError, Event
from siprems_engine.forecasting.shop import Grid
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.shop.periods import planned
from siprems_engine.forecasting.shop.stock_outs import product_stock_outs


@dataclass(frozen=True, eq=False)
class ShopFiles:
    """A grid, the SKUs of its rows, events, and the rows of each category if there is a list of products."""

    grid: Grid
    skus: list[str]
    events: list[Event]
    categories: dict[str, Indices]


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
    if request.stock is not None:
        grid = grid.without_stock(_stock_outs(request.stock, grid, skus))
    events = [] if request.events is None else _events(request.events)
    grid = grid.with_events(np.array([event.date for event in events], dtype="datetime64[D]"))
    categories = {} if request.products is None else _categories(request.products, skus)
    return ShopFiles(grid.with_categories(_codes(categories, len(skus))), skus, events, categories)


def _promotions(path: Path, grid: Grid, skus: list[str]) -> Flags:
    """Mark the planned periods, (N, T), from rows of a SKU, a first and a last day."""
    plan = Table(path)
    row = _rows(plan, skus)
    first, last = plan.days(plan.first_of(FIRST_DAY)), plan.days(plan.first_of(LAST_DAY))
    taken = row >= 0
    counted = [name for name in SHOPS_TAKING_PART if plan.has(name)]
    if counted:
        taken &= np.any([plan.numbers(name, missing=0.0) > 0 for name in counted], axis=0)
    return planned(grid.days, grid.step, len(skus), row=row[taken], first=first[taken], last=last[taken])


def _stock_outs(path: Path, grid: Grid, skus: list[str]) -> Flags:
    """Mark the periods, (N, T), in which stock hid demand, from rows of a SKU, a day and its last level."""
    levels = Table(path)
    row, days = _rows(levels, skus), levels.days(levels.first_of(DATE))
    on_hand = levels.numbers(levels.first_of(ON_HAND), missing=np.nan)
    usable = (row >= 0) & ~np.isnan(on_hand)
    in_order = np.flatnonzero(usable)[np.lexsort((days[usable], row[usable]))]
    out = np.zeros(grid.units.shape, dtype=bool)
    products, starts = np.unique(row[in_order], return_index=True)
    for each, some in zip(products, np.split(in_order, starts[1:]), strict=False):
        out[each] = product_stock_outs(grid, int(each), days[some], on_hand[some])
    return out


def _rows(table: Table, skus: list[str]) -> Indices:
    """Return the product of each row of a file, (n,), -1 for SKUs that did not sell."""
    names, codes = table.codes("sku")
    row_of = {sku: row for row, sku in enumerate(skus)}
    found: Indices = np.array([row_of.get(name, -1) for name in names], dtype=np.int64)[codes]
    return found


def _events(path: Path) -> list[Event]:
    table = Table(path)
    names, codes = table.codes(table.first_of(("event_name", "name")))
    days = table.days(table.first_of(("event_date", "date")))
    return [Event(names[code], day.item()) for code, day in zip(codes, days, strict=True)]


def _categories(path: Path, skus: list[str]) -> dict[str, Indices]:
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


def _codes(categories: dict[str, Indices], products: int) -> Indices:
    """Number the categories for the engine: a code for each product, (N,), -1 without a category."""
    codes = np.full(products, -1)
    for code, name in enumerate(sorted(categories)):
        codes[categories[name]] = code
    return codes
