"""Figures of accuracy over folds, as retail benchmarks define them, and errors in multiples of naive ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.seasonal_naive import SEASON
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.folds import Fold
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.shop.quantiles import pinball


@dataclass(frozen=True)
class Scores:
    """Pooled over all products and folds: WAPE, bias, coverage; means over product-folds: the scaled ones.

    RMSSE is scaled by the one-step naive error up to the cut-off, MASE by the seasonal one, pinball by the
    one-step one; NaN where undefined.
    """

    product_folds: int
    wape: float
    bias: float
    rmsse: float
    mase: float
    pinball: float
    coverage_95: float
    coverage_80: float


@dataclass(frozen=True, eq=False)
class Measured:
    """Sums and means of each product of one fold, (n,) each: what is left of it once it has been scored."""

    error: Floats
    absolute: Floats
    sold: Floats
    rmsse: Floats
    mase: Floats
    pinball: Floats
    within_95: Floats
    within_80: Floats
    periods: Floats


def score(grid: Grid, folds: Sequence[Fold]) -> Scores:
    """Score the forecasts of several folds."""
    return summarise([measure(grid, each) for each in folds])


def summarise(parts: Sequence[Measured]) -> Scores:
    """Put measured folds together."""
    sold, periods = _sum(parts, "sold"), _sum(parts, "periods")
    return Scores(
        product_folds=int(sum(len(part.sold) for part in parts)),
        wape=_ratio(_sum(parts, "absolute"), sold),
        bias=_ratio(_sum(parts, "error"), sold),
        rmsse=_average(parts, "rmsse"),
        mase=_average(parts, "mase"),
        pinball=_average(parts, "pinball"),
        coverage_95=_ratio(_sum(parts, "within_95"), periods),
        coverage_80=_ratio(_sum(parts, "within_80"), periods),
    )


def _sum(parts: Sequence[Measured], name: str) -> float:
    return float(sum(getattr(part, name).sum() for part in parts))


def _average(parts: Sequence[Measured], name: str) -> float:
    values = np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if len(defined) else float("nan")


def measure(grid: Grid, fold: Fold) -> Measured:
    """Compare a fold's forecasts with what sold."""
    actual, spread = grid.units[np.ix_(fold.products, fold.periods)], fold.made.quantiles
    error = fold.made.mean - actual
    squared, naive, seasonal = scales(grid, fold.products, fold.last)
    empty = not len(fold.periods)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Measured(
            error=error.sum(axis=1),
            absolute=np.abs(error).sum(axis=1),
            sold=actual.sum(axis=1),
            rmsse=np.sqrt(_mean(error**2, empty) / squared),
            mase=_mean(np.abs(error), empty) / seasonal,
            pinball=_mean(pinball(actual, spread), empty) / naive,
            within_95=((actual >= spread[:, :, 0]) & (actual <= spread[:, :, 6]))
            .sum(axis=1)
            .astype(np.float64),
            within_80=((actual >= spread[:, :, 1]) & (actual <= spread[:, :, 5]))
            .sum(axis=1)
            .astype(np.float64),
            periods=np.full(len(fold.products), float(len(fold.periods))),
        )


def _mean(values: Floats, empty: bool) -> Floats:
    return np.full(len(values), np.nan) if empty else values.mean(axis=1)


def scales(grid: Grid, products: Indices, last: int) -> tuple[Floats, Floats, Floats]:
    """Return mean squared, mean absolute and mean seasonal naive error up to the cut-off, (n,), or NaN."""
    units = np.where(grid.open[: last + 1], grid.units[products, : last + 1], np.nan)
    started = np.cumsum(np.nan_to_num(units) > 0, axis=1) > 0
    units = np.where(started, units, np.nan)
    steps = np.diff(units[:, grid.open[: last + 1]], axis=1)
    squared, absolute = _nanmean(steps**2), _nanmean(np.abs(steps))
    season = SEASON[grid.step]
    periods = (~np.isnan(units)).sum(axis=1)
    apart = np.abs(units[:, season:] - units[:, :-season]) if units.shape[1] > season else units[:, :0]
    pairs = (~np.isnan(apart)).sum(axis=1)
    seasonal = _nanmean(apart)
    usable: Flags = (periods >= 2 * season) & (pairs >= season) & (seasonal > 0)
    squared = np.where(squared > 0, squared, np.nan)
    absolute = np.where(absolute > 0, absolute, np.nan)
    return squared, absolute, np.where(usable, seasonal, absolute)


def _nanmean(values: Floats) -> Floats:
    count = (~np.isnan(values)).sum(axis=1)
    return np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
