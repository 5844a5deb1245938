"""Figures of forecasts that were really made, per product and per period, as sums that can be pooled."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.quantiles import pinball
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.watch.made import KEPT_LEVELS, Made, Newest, judged

# Periods that are looked back on: four weeks of days, eight weeks.
WINDOW = {Step.DAY: 28, Step.WEEK: 8}


@dataclass(frozen=True, eq=False)
class Sums:
    """What ratios are made of, any shape: periods that count, units sold, errors, and hits of intervals.

    `error` is forecast less sold, as in a bias; `loss` is the mean pinball loss over `KEPT_LEVELS`.
    """

    periods: Floats
    units: Floats
    error: Floats
    absolute: Floats
    loss: Floats
    within_80: Floats
    within_95: Floats

    def plus(self, other: Sums) -> Sums:
        """Return the sums of both."""
        return Sums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Sums)))

    @property
    def wape(self) -> Floats:
        """Absolute error over units sold; NaN where nothing sold."""
        return _ratio(self.absolute, self.units)

    @property
    def bias(self) -> Floats:
        """Error over units sold; NaN where nothing sold."""
        return _ratio(self.error, self.units)

    def scaled(self, naive: Floats) -> Floats:
        """Mean absolute error in multiples of a naive one (MASE); NaN where that is 0 or unknown."""
        return _ratio(_ratio(self.absolute, self.periods), naive)

    def scaled_loss(self, naive: Floats) -> Floats:
        """Mean pinball loss in multiples of a naive absolute error; NaN where that is 0 or unknown."""
        return _ratio(_ratio(self.loss, self.periods), naive)

    @property
    def coverage_80(self) -> Floats:
        """Share of periods between the 0.1 and 0.9 quantiles, bounds included; NaN without periods."""
        return _ratio(self.within_80, self.periods)

    @property
    def coverage_95(self) -> Floats:
        """Share of periods between the 0.025 and 0.975 quantiles, bounds included; NaN without periods."""
        return _ratio(self.within_95, self.periods)


def of_products(found: Newest, actual: Floats) -> Sums:
    """Sum the newest forecasts of each product, (N,), where `actual` (N, T) is known."""
    return _summed(found.mean, found.quantiles, actual, axis=1)


def of_periods(found: Newest, actual: Floats) -> Sums:
    """Sum the newest forecasts of each period over all products, (T,)."""
    return _summed(found.mean, found.quantiles, actual, axis=0)


def of_all_distances(made: Made, actual: Floats) -> tuple[Floats, Floats]:
    """Return WAPE and bias of each product over every forecast made, however far ahead, (N,) each."""
    flags = judged(made, actual)
    rows, ahead = np.nonzero(flags)
    product = made.product[rows]
    sold = actual[product, made.targets()[rows, ahead]]
    error = made.mean[rows, ahead] - sold
    units, total, absolute = (
        np.bincount(product, values, len(actual)).astype(np.float64)
        for values in (sold, error, np.abs(error))
    )
    return _ratio(absolute, units), _ratio(total, units)


def _summed(mean: Floats, quantiles: Floats, actual: Floats, axis: int) -> Sums:
    known = ~np.isnan(mean) & ~np.isnan(actual)
    sold, error = np.where(known, actual, 0.0), np.where(known, mean - actual, 0.0)
    loss = np.where(known, pinball(actual, quantiles, KEPT_LEVELS), 0.0)
    within = [
        (known & (actual >= quantiles[:, :, low]) & (actual <= quantiles[:, :, high])).sum(
            axis=axis, dtype=np.float64
        )
        for low, high in ((1, 3), (0, 4))
    ]
    totals = (each.sum(axis=axis) for each in (sold, error, np.abs(error), loss))
    return Sums(known.sum(axis=axis, dtype=np.float64), *totals, *within)


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)
