"""The forecast of a shop as rows of the database, one a product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from siprems_backend.services.demand import Demand
from siprems_backend.services.shop_forecasts import reasons
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import Panel, ShopForecast
from siprems_engine.forecasting.shop.components import Components
from siprems_engine.forecasting.shop.new_products import ENGINE as NEW_PRODUCT

Row = tuple[Any, ...]
UNUSABLE = "The forecast came out as no number."
NOTHING_TO_LEARN_FROM = (
    "It has not sold yet, and no product of the shop has been selling for two weeks, to learn from."
)
SHARE_DIGITS, FIGURE_DIGITS = 3, 4


@dataclass(frozen=True)
class Omitted:
    """A product without a forecast, and why; it is no failure where nothing was ever sold."""

    sku: str
    reason: str
    never_sold: bool = False


@dataclass(frozen=True, eq=False)
class MadeForecasts:
    """Products of a panel with their forecast, still to be written down; `is_open` (H,) are open periods.

    `ceilings` (N,) are units per period.
    """

    demand: Demand
    panel: Panel
    forecast: ShopForecast
    components: Components
    is_open: NDArray[np.bool_]
    ceilings: Floats
    data_hash: str
    task_id: UUID | None

    def rows(self) -> Iterator[Row | Omitted]:
        """Give the row of each product, or why it has none."""
        shares = {name: share.tolist() for name, share in self.forecast.shares().items()}
        known, usable = np.asarray(self.panel.known.any(axis=1)), self._usable()
        for place, sku in enumerate(self.demand.skus):
            own = {name: each[place] for name, each in shares.items()}
            if not known[place] and not own.get(NEW_PRODUCT):
                yield Omitted(sku, NOTHING_TO_LEARN_FROM, never_sold=True)
            elif not usable[place]:
                yield Omitted(sku, UNUSABLE)
            else:
                yield self._row(place, own)

    def _usable(self) -> NDArray[np.bool_]:
        made = self.forecast
        parts = (made.mean, made.quantiles.sum(axis=2), made.totals.sum(axis=2))
        return np.asarray(np.isfinite(np.stack(parts)).all(axis=(0, 2)))

    def _row(self, place: int, shares: dict[str, float]) -> Row:
        """Column values in the order of the table's writer."""
        rounded = {name: round(share, SHARE_DIGITS) for name, share in shares.items() if share >= 0.001}
        sentence = reasons.of_blend(shares, float(self.forecast.backtest.periods[place]), self.panel.step)
        if self.demand.untold[place]:
            sentence = f"{sentence} {reasons.UNPLANNED}"
        return (
            *self._values(place),
            rounded,
            max(shares, key=shares.__getitem__),
            sentence,
            self._backtest(place),
            self._components(place),
            self.data_hash,
            None if self.task_id is None else str(self.task_id),
        )

    def _values(self, place: int) -> tuple[Any, ...]:
        """The forecast itself; nothing is sold while the shop is shut."""
        made, step, ceiling = self.forecast, self.panel.step, float(self.ceilings[place])
        most = ceiling * np.cumsum(self.is_open)[:, None]
        origin: dt.date = self.panel.days[self.panel.last].astype(object)
        return (
            self.demand.product_ids[place],
            origin + dt.timedelta(days=step.days),
            step.days,
            origin,
            np.where(self.is_open, np.minimum(made.mean[place], ceiling), 0.0),
            np.where(self.is_open[:, None], np.minimum(made.quantiles[place], ceiling), 0.0).astype(
                np.float32
            ),
            np.minimum(made.totals[place], most).astype(np.float32),
            ceiling,
        )

    def _backtest(self, place: int) -> dict[str, float | None]:
        """What the forecasts of the past would have been like; coverages are those of the two intervals."""
        past = self.forecast.backtest
        names = ("wape", "mase", "bias", "coverage80", "coverage95")
        figures = {name: _figure(getattr(past, name)[place]) for name in names}
        return {"horizon": self.panel.horizon, "periods": int(past.periods[place]), **figures}

    def _components(self, place: int) -> dict[str, Any]:
        parts = self.components
        names = ("level", "trend", "promotion", "event", "season")
        figures = {name: _figure(getattr(parts, name)[place]) for name in names}
        return {**figures, "weekday": [_figure(factor) for factor in parts.weekday[place]]}


def _figure(value: float) -> float | None:
    return round(float(value), FIGURE_DIGITS) if np.isfinite(value) else None
