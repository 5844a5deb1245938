"""How far forecasts of categories and of the shop were off in the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import group_forecast_queries
from siprems_backend.services.shop_forecasts.groups import tables_of
from siprems_engine.forecasting.hierarchy.spread import TotalSpread
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop.quantiles import PastForecast
from siprems_engine.forecasting.step import Step


@dataclass(frozen=True, eq=False)
class Past:
    """Forecasts (P, K, H) of K categories made after each of `origins` (P,), and what sold; NaN: unknown."""

    step: Step
    categories: Sequence[str | None]
    origins: Days
    forecasts: Floats
    actuals: Floats

    @classmethod
    def load(cls, step: Step, horizon: int) -> Self:
        """Add up what the runs left that present forecasts are from, on the days that all of them know."""
        with database.lookup() as connection:
            rows = group_forecast_queries.past(connection, step.days)
        categories = list(dict.fromkeys(row.category for row in rows))
        tables = [tables_of(row, horizon) for row in rows]
        origins = _common([each[0] for each in tables])
        shape = (len(origins), len(categories), horizon)
        forecasts, actuals, known = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
        for row, (days, forecast, actual) in zip(rows, tables, strict=True):
            # Tables have unique days in an order of their own.
            order = np.argsort(days)
            places = order[np.searchsorted(days[order], origins)]
            at = categories.index(row.category)
            forecasts[:, at] += np.nan_to_num(forecast[places])
            actuals[:, at] += np.nan_to_num(actual[places])
            known[:, at] |= ~np.isnan(actual[places])
        return cls(
            step, categories, origins, np.where(known, forecasts, np.nan), np.where(known, actuals, np.nan)
        )

    def of_shop(self) -> tuple[TotalSpread, int]:
        """Return the spread of all categories together, and which of its rows is asked for."""
        known = ~np.isnan(self.actuals).all(axis=1, keepdims=True)
        forecasts, actuals = (
            np.where(known, np.nansum(values, axis=1, keepdims=True), np.nan)
            for values in (self.forecasts, self.actuals)
        )
        return self._spread(forecasts, actuals), 0

    def of_category(self, category: str | None) -> tuple[TotalSpread, int]:
        """Return the spread of each category, and which row this one's is; nothing is known of a new one."""
        if category in self.categories:
            return self._spread(self.forecasts, self.actuals), list(self.categories).index(category)
        unknown = ((0, 0), (0, 1), (0, 0))
        forecasts, actuals = (
            np.pad(values, unknown, constant_values=np.nan) for values in (self.forecasts, self.actuals)
        )
        return self._spread(forecasts, actuals), len(self.categories)

    def _spread(self, forecasts: Floats, actuals: Floats) -> TotalSpread:
        past = [PastForecast(*pair) for pair in zip(forecasts, actuals, strict=True)]
        return TotalSpread(past, self.origins, self.step, forecasts.shape[1:])


def _common(origins: Sequence[Days]) -> Days:
    """Return the days (P,) that are in all of these, ascending."""
    common = origins[0] if origins else np.zeros(0, dtype="datetime64[D]")
    for each in origins[1:]:
        common = np.intersect1d(common, each)
    return np.unique(common)


def figures(spread: TotalSpread, row: int) -> dict[str, Any]:
    """Figures of the past forecasts of one row, as products have them; None where they cannot be told."""
    return {name: _figure(values[row]) for name, values in asdict(spread.figures()).items()}


def _figure(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
