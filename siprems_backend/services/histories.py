"""Demand histories from the daily sums, as the engine takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries, outlook_queries
from siprems_backend.models.history_queries import Reader
from siprems_backend.models.outlook_queries import OutlookRow
from siprems_backend.models.products import Product
from siprems_engine.forecasting.series import DailyHistory, Days, Event, Floats
from siprems_engine.forecasting.step import Step, infer_step, week_dates, weekday

NO_ROWS = DailyHistory.from_rows([], [], [])


@dataclass(frozen=True, eq=False)
class Shop:
    """What all products share: all days the shop was open and the events that move demand."""

    open_days: Days
    events: tuple[Event, ...]

    @cached_property
    def step(self) -> Step:
        """Whether the shop's sales come by the day or by the week."""
        return infer_step(self.open_days)

    def first_day(self, step: Step) -> np.datetime64 | None:
        """The first period to forecast: the one after the last with any sale; None before the first sale."""
        return self.open_days[-1] + step.days if len(self.open_days) else None

    def in_step(self, history: DailyHistory) -> DailyHistory:
        """A product's daily sums as the engine takes them in this shop."""
        return history if self.step is Step.DAY else _weekly(history, self.open_days[-1])


def _weekly(history: DailyHistory, last_open: np.datetime64) -> DailyHistory:
    return history.weekly(int(weekday(np.array([last_open]))[0]))


def load_shop(session: Session) -> Shop:
    """Open days and events, for one training or prediction run."""
    events = tuple(Event(name, date) for name, date in history_queries.prediction_events(session))
    return Shop(_open_days(session), events)


def _open_days(session: Reader) -> Days:
    return dates_of(history_queries.open_days(session) or "")


def dates_of(text: str) -> Days:
    """Dates from days since 1970 separated by blanks, (n,)."""
    return np.fromstring(text, dtype=np.int64, sep=" ").astype("datetime64[D]")


def load_histories(session: Reader, product_ids: Collection[int], shop: Shop) -> dict[int, DailyHistory]:
    """Histories of many products by one query, in the shop's step; without a sale they have no rows."""
    return {key: shop.in_step(history) for key, history in _daily(session, product_ids).items()}


def _daily(session: Reader, product_ids: Collection[int]) -> dict[int, DailyHistory]:
    histories = dict.fromkeys(product_ids, NO_ROWS)
    for product_id, days, *columns in history_queries.daily_series(session, product_ids):
        quantities, promos = (np.fromstring(text, sep=" ") for text in columns)
        histories[product_id] = DailyHistory.from_rows(dates_of(days), quantities, promos)
    return histories


def require_product(session: Session, sku: str) -> Product:
    """The product with this SKU.

    Raises:
        NotFound: there is none.
    """
    product = history_queries.product_by_sku(session, sku)
    if product is None:
        raise unknown_product(sku)
    return product


def require_known(sku: str) -> None:
    """Refuse a SKU that no product has.

    Raises:
        NotFound: there is none.
    """
    with database.lookup() as connection:
        if not history_queries.is_known(connection, sku):
            raise unknown_product(sku)


def product_history(sku: str) -> tuple[Product, DailyHistory, Shop]:
    """A product, what it sold, and the shop around it.

    Raises:
        NotFound: no such product.
    """
    with database.reading() as session:
        product, shop = require_product(session, sku), load_shop(session)
        return product, load_histories(session, [product.id], shop)[product.id], shop


def load_sales(product_id: int) -> tuple[DailyHistory, Shop]:
    """What a product sold and when the shop was open; the shop's events are left out."""
    with database.lookup() as connection:
        shop = Shop(_open_days(connection), ())
        return load_histories(connection, [product_id], shop)[product_id], shop


@dataclass(frozen=True, eq=False)
class Outlook:
    """A product with its recent past and the events around it.

    `past` are the units of the days (or weeks) up to `last_open`, the shop's last with a sale, (n,), NaN
    where the shop was shut; it does not reach back beyond the product's first sale. `holidays` are by period.
    """

    product: OutlookRow
    last_open: np.datetime64
    past: Floats
    holidays: dict[dt.date, str]
    step: Step = Step.DAY

    @property
    def past_dates(self) -> Days:
        """The dates of the past, (n,)."""
        return self.last_open + self.step.days * np.arange(1 - len(self.past), 1)

    @property
    def open_days(self) -> Days:
        """The dates of the past on which the shop was open, ascending."""
        return self.past_dates[~np.isnan(self.past)]

    def of_last(self, days: int) -> Outlook:
        """The same with no more than so many days of the past."""
        return replace(self, past=self.past[max(len(self.past) - days, 0) :])

    def dates_ahead(self, days: int) -> Days:
        """The dates of the periods that these days hold, at least one: those to forecast."""
        return self.last_open + self.step.days * np.arange(1, self.step.periods(days) + 1)

    def in_step(self, step: Step) -> Outlook:
        """The same by the day, as it was read, or by the week."""
        if step is Step.DAY:
            return self
        dated_on = int(weekday(np.array([self.last_open]))[0])
        dates = week_dates(np.array(list(self.holidays), "datetime64[D]"), dated_on)
        names: dict[dt.date, dict[str, None]] = {}
        for date, name in zip(dates.tolist(), self.holidays.values(), strict=True):
            names.setdefault(date, {})[name] = None
        holidays = {date: ", ".join(each) for date, each in names.items()}
        past = self.past[(len(self.past) - 1) % step.days :: step.days]
        return replace(self, past=past, holidays=holidays, step=step)


def load_outlook(sku: str, past: int, ahead: int, *, sold: bool = True) -> Outlook:
    """A product with its last `past` days, and the events until the end of `ahead` days of forecast.

    One that has never sold has no past, and is refused unless `sold` is false.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything, or nothing in the shop has.
    """
    with database.lookup() as connection:
        found = outlook_queries.outlook(connection, sku, past, ahead)
    if found is None:
        raise unknown_product(sku)
    if found.last_open is None or (sold and found.launched is None):
        raise never_sold(sku)
    holidays: dict[dt.date, str] = {}
    for date, name in zip(found.event_dates or (), found.event_names or (), strict=True):
        holidays[date] = f"{holidays[date]}, {name}" if date in holidays else name
    known = found.quantities if found.launched is not None else None
    quantities = np.fromstring(known or "", sep=" ")
    return Outlook(found, np.datetime64(found.last_open, "D"), quantities, holidays)


def load_history(outlook: Outlook) -> DailyHistory:
    """All that the product of an outlook has sold, in the outlook's step."""
    product_id = outlook.product.id
    with database.lookup() as connection:
        history = _daily(connection, [product_id])[product_id]
    return history if outlook.step is Step.DAY else _weekly(history, outlook.last_open)


def unknown_product(sku: str) -> NotFound:
    """The error of a SKU that no product has."""
    return NotFound(f"No product with SKU '{sku}'.", code="product_not_found")


def never_sold(sku: str) -> Invalid:
    """The error of a product without any sale."""
    return Invalid(
        f"'{sku}' has no sales yet, so there is nothing to forecast from; record or import sales first.",
        code="not_enough_data",
    )


def not_launched(sku: str) -> Invalid:
    """The error of a product without any sale, and without a forecast by the first weeks of others."""
    return Invalid(
        f"'{sku}' has no sales yet. The shop's next forecast tells what to expect by the first weeks of "
        "other products, once one of them has been selling for two weeks (four where sales are weekly).",
        code="not_enough_data",
    )
