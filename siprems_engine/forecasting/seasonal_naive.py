"""The forecast that every other one has to beat: what sold one season ago."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.series import DailyHistory, Days, Floats
from siprems_engine.forecasting.step import Step

# Periods after which a pattern repeats.
SEASON = {Step.DAY: 7, Step.WEEK: 52}
# Standard deviations from the middle of a normal distribution to the ends of its central 95 %.
HALF_WIDTH = 1.959964


@dataclass(frozen=True, eq=False)
class NaiveForecast:
    """Units per period, (h,) each, with 0 <= lower <= yhat <= upper."""

    yhat: Floats
    lower: Floats
    upper: Floats


def season_of(filled: DailyHistory) -> int:
    """Return the periods back to the naive forecast: the last one where there are not two whole seasons."""
    season = SEASON[filled.step]
    return season if filled.step is Step.DAY or len(filled) >= 2 * season else 1


def seasonal_naive(filled: DailyHistory, ds: Days) -> NaiveForecast:
    """Forecast the days `ds` (h,), after the last one of the zero-filled history, by the latest known season.

    Where the shop was shut a season ago, the one before that counts, and the mean where it always was. The
    95 % interval is that of a seasonal random walk: its variance grows with every season ahead (Hyndman and
    Athanasopoulos, "Forecasting: Principles and Practice", section 5.5). Raises `NotEnoughData` without rows.
    """
    if not len(filled):
        raise NotEnoughData("Not enough data")
    season = season_of(filled)
    length = season * filled.step.days
    seasons = (np.asarray(ds, "datetime64[D]") - filled.ds[-1]).astype(np.int64) - 1
    seasons = seasons // length + 1
    yhat = _latest(filled, ds, seasons, length)
    half = HALF_WIDTH * _deviation(filled.y, season) * np.sqrt(seasons)
    return NaiveForecast(yhat, np.maximum(yhat - half, 0.0), yhat + half)


def _latest(filled: DailyHistory, ds: Days, seasons: NDArray[np.int64], length: int) -> Floats:
    """Return what sold on the latest day before the end of the history in the season of each day, (h,)."""
    yhat = np.full(len(ds), filled.y.mean())
    missing = np.ones(len(ds), dtype=bool)
    back = np.asarray(ds, "datetime64[D]") - seasons * length
    while missing.any() and (back[missing] >= filled.ds[0]).any():
        place = np.minimum(np.searchsorted(filled.ds, back), len(filled) - 1)
        found = missing & (filled.ds[place] == back)
        yhat[found] = filled.y[place[found]]
        missing &= ~found
        back = back - length
    return yhat


def _deviation(y: Floats, season: int) -> float:
    """Root of the mean squared difference of values a season apart; without any, the values' own spread."""
    if len(y) > season:
        return float(np.sqrt(((y[season:] - y[:-season]) ** 2).mean()))
    return float(y.std())
