"""Daily sums, plans, stock and events from the database, placed on the shop's calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.models import demand_queries
from siprems_backend.models.demand_queries import PairText
from siprems_backend.services.demand.calendar import Calendar
from siprems_backend.services.demand.plans import with_promotions
from siprems_backend.services.histories import dates_of, load_shop
from siprems_engine.forecasting.series import Event, Floats
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Flags
from siprems_engine.forecasting.shop.stock_outs import product_stock_outs


@dataclass(frozen=True, eq=False)
class Demand:
    """N products, by id, on a calendar whose past ends with the period `last`; the rest is to be forecast.

    `last` is the shop's last period with a sale, whichever product it was. `events` are all that forecasts
    take into account, past and planned. `untold` (N,) tells the products whose sales have flags of promotions
    of which the grid knows none, as the shop plans none.
    """

    product_ids: tuple[int, ...]
    skus: tuple[str, ...]
    categories: tuple[str | None, ...]
    grid: Grid
    last: int
    events: tuple[Event, ...]
    untold: Flags


def load_demand(
    session: Session,
    product_ids: Collection[int],
    horizon: int,
    *,
    past: int | None = None,
    prices: bool = False,
) -> Demand:
    """What is known of the demand of these products, and what is planned for `horizon` periods ahead.

    By the rules of `Grid`: returns count as 0 sold; a day without a row is a zero if the shop was open, which
    it was if any of its products sold; before a product's first row nothing is known, nor where its stock ran
    out. A product that was never sold knows nothing; ids without a product are passed over. No more of the
    past is read than engines look at, or than `past` periods. With `prices` those are read too, which learned
    models alone look at. Raises `Invalid` if the shop has not sold anything.
    """
    shop = load_shop(session)
    calendar = Calendar.of(shop, horizon, past)
    products = demand_queries.products(session, product_ids)
    rows = {product.id: row for row, product in enumerate(products)}
    sales = _sales(session, calendar, products, rows)
    grid = with_promotions(session, calendar, products, sales)
    out_of_stock = _stock_outs(session, calendar, grid, rows)
    if out_of_stock is not None:
        grid = grid.without_stock(out_of_stock)
    if prices:
        grid = grid.with_prices(_prices(session, calendar, grid, rows))
    return Demand(
        product_ids=tuple(rows),
        skus=tuple(product.sku for product in products),
        categories=tuple(product.category for product in products),
        grid=grid.with_events(np.array([event.date for event in shop.events], dtype="datetime64[D]")),
        last=calendar.last,
        events=shop.events,
        untold=np.asarray(sales.promo.any(axis=1) & ~grid.promo.any(axis=1)),
    )


def _sales(session: Session, calendar: Calendar, products: Sequence[Any], rows: dict[int, int]) -> Grid:
    periods = len(calendar.days)
    units = np.zeros((len(products), periods))
    promo = np.zeros(units.shape, dtype=bool)
    for product_id, days, quantities, promos in demand_queries.sales(
        session, rows, calendar.first_date, calendar.last_date
    ):
        dates, row = dates_of(days), rows[product_id]
        # A shop with one row a week sells nothing on other weekdays; its rows there are returns.
        dated = (dates - calendar.days[0]).astype(np.int64) % calendar.step.days == 0
        place = calendar.places(dates[dated])
        units[row, place] = np.maximum(np.fromstring(quantities, sep=" ")[dated], 0.0)
        promo[row, place] = np.fromstring(promos, sep=" ")[dated] != 0
    first = [np.datetime64("NaT") if each.first_sale is None else each.first_sale for each in products]
    launched = calendar.places(np.array(first, dtype="datetime64[D]"))
    launched[[each.first_sale is None for each in products]] = periods
    units[np.arange(periods) < launched[:, None]] = np.nan
    units[:, calendar.last + 1 :] = np.nan
    return Grid(calendar.days, calendar.step, units, calendar.open, promo)


def _prices(session: Session, calendar: Calendar, grid: Grid, rows: dict[int, int]) -> Floats:
    """What a unit brought in each period (N, T), NaN where that is not known."""
    price = np.full(grid.units.shape, np.nan)
    for product_id, days, paid in demand_queries.prices(
        session, rows, calendar.first_date, calendar.last_date
    ):
        dates = dates_of(days)
        dated = (dates - calendar.days[0]).astype(np.int64) % calendar.step.days == 0
        price[rows[product_id], calendar.places(dates[dated])] = np.fromstring(paid, sep=" ")[dated]
    return price


def _stock_outs(session: Session, calendar: Calendar, grid: Grid, rows: dict[int, int]) -> Flags | None:
    """Mark the periods (N, T) without stock; None if the stock of no product is known."""
    out = np.zeros(grid.units.shape, dtype=bool)
    levels: Iterable[PairText] = demand_queries.stock_levels(
        session, rows, calendar.first_date, calendar.last_date
    )
    found = False
    for product_id, days, filled in levels:
        row, found = rows[product_id], True
        out[row] = product_stock_outs(grid, row, dates_of(days), np.fromstring(filled, sep=" "))
    return out if found else None
