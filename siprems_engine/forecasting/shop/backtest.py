"""How good the forecasts of a product were that would have been made at several dates of its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.seasonal_naive import SEASON
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.quantiles import PastForecast, Spread


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of N products, each (N,), over `periods` forecast out of sample; NaN where undefined.

    `wape` and `bias` are in parts of what sold, `coverage80` and `coverage95` are shares of periods within
    the bounds.
    """

    periods: Floats
    wape: Floats
    bias: Floats
    coverage80: Floats
    coverage95: Floats


@dataclass(frozen=True, eq=False)
class Backtest(Figures):
    """Figures of products, and `mase` (N,).

    It is in multiples of the mean error of repeating the last week (or year, for weekly sales).
    """

    mase: Floats


def backtest(panel: Panel, past: Sequence[PastForecast], spread: Spread) -> Backtest:
    """Score past forecasts of the panel's products, with the spread that the present ones get."""
    sums = _sums(past, spread, panel.products)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Backtest(**vars(_figures(sums)), mase=sums[1] / sums[0] / _naive_error(panel))


def figures(past: Sequence[PastForecast], spread: Spread, rows: int) -> Figures:
    """Score past forecasts of whatever their `rows` are, products or sums of these."""
    return _figures(_sums(past, spread, rows))


def _sums(past: Sequence[PastForecast], spread: Spread, rows: int) -> Floats:
    """Return periods, absolute and signed errors, units sold, and periods within each interval, (6, rows)."""
    sums = np.zeros((6, rows))
    for each in past:
        known = ~np.isnan(each.actual)
        error = np.where(known, each.forecast - each.actual, 0.0)
        bounds = spread.quantiles(np.where(known, each.forecast, 0.0))
        inside = [
            known & (each.actual >= bounds[:, :, low]) & (each.actual <= bounds[:, :, -1 - low])
            for low in (1, 0)
        ]
        parts = [known, np.abs(error), error, np.nan_to_num(each.actual), *inside]
        sums += np.stack([part.sum(axis=1) for part in parts])
    return sums


def _figures(sums: Floats) -> Figures:
    periods, absolute, signed, sold, within_80, within_95 = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return Figures(
            periods,
            np.where(sold > 0, absolute / sold, np.nan),
            np.where(sold > 0, signed / sold, np.nan),
            within_80 / periods,
            within_95 / periods,
        )


def _naive_error(panel: Panel) -> Floats:
    """Return the mean error of repeating the season before, (N,); of the last period without a season."""
    season = SEASON[panel.step]
    apart = np.abs(panel.units[:, season:] - panel.units[:, :-season])
    steps = np.abs(np.diff(panel.units, axis=1))
    pairs, counted = (~np.isnan(apart)).sum(axis=1), (~np.isnan(steps)).sum(axis=1)
    seasonal = np.nansum(apart, axis=1) / np.maximum(pairs, 1)
    usable = (pairs >= season) & (seasonal > 0)
    error = np.where(usable, seasonal, np.nansum(steps, axis=1) / np.maximum(counted, 1))
    return np.where(error > 0, error, np.nan)
