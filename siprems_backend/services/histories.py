"""Demand histories from the daily sums, as the engine takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries, outlook_queries
from siprems_backend.models.outlook_queries import OutlookRow
from siprems_backend.models.products import Product
from siprems_engine.forecasting.series import DailyHistory, Days, Event, Floats

NO_ROWS = DailyHistory.from_rows([], [], [])


@dataclass(frozen=True, eq=False)
class Shop:
    """What all products share: the days the shop was open and the events that move demand."""

    open_days: Days
    events: tuple[Event, ...]

    @property
    def first_forecast_day(self) -> np.datetime64 | None:
        """The day after the last one with any sale in the shop; None before the first sale."""
        return self.open_days[-1] + 1 if len(self.open_days) else None


def load_shop(session: Session, since: dt.date | None = None) -> Shop:
    """Open days (from `since` on) and events, for one training or prediction run."""
    days = np.array(history_queries.open_days(session, since), dtype="datetime64[D]")
    events = tuple(Event(name, date) for name, date in history_queries.prediction_events(session))
    return Shop(days, events)


def load_histories(
    session: Session, product_ids: Collection[int], since: dt.date | None = None
) -> dict[int, DailyHistory]:
    """Histories of many products by one query; products without a sale have one without rows."""
    histories = dict.fromkeys(product_ids, NO_ROWS)
    for product_id, *columns in history_queries.daily_series(session, product_ids, since):
        days, quantities, promos = (np.fromstring(text, sep=" ") for text in columns)
        dates = days.astype(np.int64).astype("datetime64[D]")
        histories[product_id] = DailyHistory.from_rows(dates, quantities, promos)
    return histories


def require_product(session: Session, sku: str) -> Product:
    """The product with this SKU.

    Raises:
        NotFound: there is none.
    """
    product = history_queries.product_by_sku(session, sku)
    if product is None:
        raise _unknown(sku)
    return product


def product_history(sku: str) -> tuple[Product, DailyHistory, Shop]:
    """A product, what it sold, and the shop around it.

    Raises:
        NotFound: no such product.
    """
    with database.reading() as session:
        product = require_product(session, sku)
        return product, load_histories(session, [product.id])[product.id], load_shop(session)


@dataclass(frozen=True, eq=False)
class Outlook:
    """A product with its recent past and the events around it.

    Forecasts begin on `first_day`, the one after the shop's last sale. `past` are the units of the days
    before it, (n,), NaN where the shop was shut; it does not reach back beyond the product's first sale.
    """

    product: OutlookRow
    first_day: dt.date
    past: Floats
    holidays: dict[dt.date, str]

    def days_ahead(self, days: int) -> Days:
        """The days to forecast, (days,)."""
        return np.datetime64(self.first_day, "D") + np.arange(days)


def load_outlook(sku: str, past: int, ahead: int) -> Outlook:
    """A product with its last `past` days, and the events until the end of `ahead` days of forecast.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything.
    """
    with database.lookup() as connection:
        found = outlook_queries.outlook(connection, sku, past, ahead)
    if found is None:
        raise _unknown(sku)
    if found.launched is None or found.last_open is None:
        raise Invalid(
            f"'{sku}' has no sales yet, so there is nothing to forecast from; record or import sales first.",
            code="not_enough_data",
        )
    holidays: dict[dt.date, str] = {}
    for date, name in zip(found.event_dates or (), found.event_names or (), strict=True):
        holidays[date] = f"{holidays[date]}, {name}" if date in holidays else name
    quantities = np.fromstring(found.quantities or "", sep=" ")
    return Outlook(found, found.last_open + dt.timedelta(days=1), quantities, holidays)


def _unknown(sku: str) -> NotFound:
    return NotFound(f"No product with SKU '{sku}'.", code="product_not_found")
