"""Sales rows of a shop on an evenly spaced calendar: which periods are zeros, which are unknown.

A period inside a product's span without a row is a zero if the shop was open, that is if any product sold.
Closed periods are unknown, and so are those in which the product is known to have been out of stock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from siprems_engine.forecasting.errors import InvalidHistory, InvalidRequest
from siprems_engine.forecasting.series import FIRST_DAY, LARGEST_QUANTITY, LAST_DAY, Days, Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices, Panel
from siprems_engine.forecasting.step import Step, week_dates, weekday

# More numbers than this do not fit into memory; a product a day for 100 years is a typing error in a date.
MOST_CELLS = 400_000_000


@dataclass(frozen=True, eq=False)
class Grid:
    """All rows of N products on the dates `days` (T,).

    `units` (N, T) hold 0 where there is no row and NaN before a product's first row, `open` (T,) tells the
    periods in which anything sold, `promo` (N, T) the promotions, `out_of_stock` (N, T) the periods whose
    demand is unknown, `event_days` (e,) the dates of events, those to come among them, and `category` (N,)
    the codes of the products' categories, -1 where unknown. `price` (N, T) is what a unit cost.
    """

    days: Days
    step: Step
    units: Floats
    open: Flags
    promo: Flags
    out_of_stock: Flags | None = None
    event_days: Days | None = None
    category: Indices | None = None
    price: Floats | None = None

    @classmethod
    def from_rows(
        cls, products: int, product: Indices, days: Days, quantities: Floats, promos: Floats | None = None
    ) -> Grid:
        """Place rows (n,) of products 0..N-1 on the calendar.

        Returns count as 0 sold, rows of one product and day are added up. Raises `InvalidHistory` for no
        rows, missing dates, quantities that are no numbers, or dates too far apart.
        """
        days = np.asarray(days, dtype="datetime64[D]")
        _check_rows(days, quantities)
        step = step_of(np.unique(days))
        dates = np.arange(days.min(), days.max() + 1, step.days)
        if products * len(dates) > MOST_CELLS:
            raise InvalidHistory(
                f"{products} products over {step.counted(len(dates))} are too many; is a date mistyped?"
            )
        place = (days - dates[0]).astype(np.int64) // step.days
        cell = product * len(dates) + place
        shape = products, len(dates)
        sold = np.maximum(quantities, 0.0)
        units = np.bincount(cell, sold, products * len(dates)).astype(np.float64).reshape(shape)
        promo = np.zeros(shape, dtype=bool)
        if promos is not None:
            promo.reshape(-1)[cell[np.nan_to_num(promos) != 0]] = True
        is_open = units.sum(axis=0) > 0
        first = np.full(products, len(dates))
        np.minimum.at(first, product, place)
        units[np.arange(len(dates))[None, :] < first[:, None]] = np.nan
        return cls(dates, step, units, is_open, promo)

    def until(self, last: int) -> Grid:
        """Leave out the periods after `last`."""
        kept = slice(None, last + 1)
        return replace(
            self,
            days=self.days[kept],
            units=self.units[:, kept],
            open=self.open[kept],
            promo=self.promo[:, kept],
            out_of_stock=None if self.out_of_stock is None else self.out_of_stock[:, kept],
        )

    def with_promotions(self, promo: Flags) -> Grid:
        """Take planned promotions (N, T) instead of the flags of the rows."""
        return replace(self, promo=promo)

    def with_events(self, days: Days) -> Grid:
        """Take the dates of events (e,)."""
        return replace(self, event_days=np.asarray(days, dtype="datetime64[D]"))

    def with_plans(self, planned: Flags, last: int) -> Grid:
        """Take planned promotions (N, T), and the flags of the rows where there were none up to a period.

        A flag of a row exists only where something sold, so that it tells the demand that it should explain:
        a product with any plan in its past has the plan alone. The future is the plan's for all products.
        """
        promo = planned.copy()
        unplanned = ~planned[:, : last + 1].any(axis=1)
        promo[unplanned, : last + 1] = self.promo[unplanned, : last + 1]
        return self.with_promotions(promo)

    def with_categories(self, category: Indices) -> Grid:
        """Take the codes (N,) of the products' categories, -1 where a product has none."""
        return replace(self, category=category)

    def with_prices(self, price: Floats) -> Grid:
        """Take what a unit cost (N, T), NaN where nobody knows."""
        return replace(self, price=price)

    def without_stock(self, out_of_stock: Flags) -> Grid:
        """Mark periods (N, T) in which a product could not have sold what was wanted."""
        return replace(self, out_of_stock=out_of_stock)

    def known_units(self, last: int, chosen: Indices | None = None) -> Floats:
        """Return units (N, last + 1), NaN before a product's first row, on closed days and out of stock.

        `chosen` are the products (None: all).
        """
        rows = np.arange(len(self.units)) if chosen is None else chosen
        units = np.where(self.open[: last + 1], self.units[rows, : last + 1], np.nan)
        if self.out_of_stock is not None:
            units[self.out_of_stock[rows, : last + 1]] = np.nan
        return units

    def panel(self, last: int, horizon: int, chosen: Indices | None = None) -> Panel:
        """Return what is known up to the period `last`, and promotions of the `horizon` after it.

        Periods beyond the calendar have no promotion. `chosen` are the products (None: all).
        """
        if not 0 <= last < len(self.days):
            raise InvalidRequest(f"There is no period {last} on a calendar of {len(self.days)}.")
        rows = np.arange(len(self.units)) if chosen is None else chosen
        units = self.known_units(last, rows)
        days = self.days[0] + np.arange(last + 1 + horizon) * self.step.days
        promo = np.zeros((len(rows), len(days)), dtype=bool)
        known = min(len(days), len(self.days))
        promo[:, :known] = self.promo[rows, :known]
        category = None if self.category is None else self.category[rows]
        price = None if self.price is None else self.price[rows, : last + 1]
        return Panel(days, units, promo, self.step, self._events(days), category, price)

    def _events(self, days: Days) -> Flags:
        """Tell the periods (t,) of a calendar with an event."""
        if self.event_days is None or not len(self.event_days):
            return np.zeros(len(days), dtype=bool)
        dates = self.event_days
        if self.step is Step.WEEK:
            dates = week_dates(dates, int(weekday(days[:1])[0]))
        return np.isin(days, dates)


def step_of(dates: Days) -> Step:
    """Tell the step of all distinct dates (n,), ascending: a week if each gap is a multiple of seven days."""
    gaps = np.diff(dates).astype(np.int64)
    return Step.WEEK if len(gaps) and not (gaps % 7).any() else Step.DAY


def _check_rows(days: Days, quantities: Floats) -> None:
    if not len(days):
        raise InvalidHistory("There are no sales.")
    if np.isnat(days).any():
        raise InvalidHistory("A date is missing.")
    if (days < FIRST_DAY).any() or (days > LAST_DAY).any():
        raise InvalidHistory(f"A date lies outside {FIRST_DAY} to {LAST_DAY}.")
    if not np.isfinite(quantities).all() or (np.abs(quantities) > LARGEST_QUANTITY).any():
        raise InvalidHistory("A quantity is not a sensible number.")
