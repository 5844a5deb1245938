"""The fallback forecaster: averages of the last weeks, by weekday if daily, and empirical quantiles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel, InvalidRequest, NotEnoughData
from siprems_engine.forecasting.series import DailyHistory, Days, Floats
from siprems_engine.forecasting.step import Step, weekday

WINDOW_WEEKS = 8
# A weekday's own mean counts as much as the overall mean once it was seen this often.
SHRINKAGE_ROWS = 2.0
# From this window on a weekday without a single open day is taken for the shop's day off.
DAY_OFF_DAYS = 28
# A pause and the time since must both be this many rows long before the pause is left out of the window.
COMEBACK_ROWS = {Step.DAY: 7, Step.WEEK: 3}
# Weeks back to the origins of the residuals, and days ahead; measured: a shorter past covers too little.
ORIGINS = {Step.DAY: range(1, 17), Step.WEEK: range(4, 53, 4)}
# Days before the last one that an average looks at; open days before them change nothing.
REACH_DAYS = 7 * (WINDOW_WEEKS + max(max(weeks) for weeks in ORIGINS.values()))
RESIDUAL_DAYS = {Step.DAY: 14, Step.WEEK: 56}
MIN_RESIDUALS = 20
# The spread assumed while there are too few residuals: counting noise, or this share of the level if larger.
ASSUMED_VARIATION = 0.3
LEVELS = (0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995)


@dataclass(frozen=True)
class WindowAverage:
    """Seven levels in units a row, Monday first, and the quantiles of the scaled residuals at `LEVELS`.

    The levels of a weekly product are all alike. A residual is scaled by the root of its level plus 1, as
    counts spread with the root of their mean.
    """

    weekdays: tuple[float, ...]
    residuals: tuple[float, ...]

    def predict(self, ds: Days, interval_width: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """Return yhat, lower and upper, (h,) units each, with 0 <= lower <= yhat <= upper."""
        if not 0.0 < interval_width < 1.0:
            raise InvalidRequest(f"An interval width must lie between 0 and 1, not {interval_width}.")
        yhat = np.array(self.weekdays)[weekday(ds)]
        lower = np.minimum(self.quantile(ds, 0.5 - interval_width / 2.0), yhat)
        return yhat, lower, np.maximum(self.quantile(ds, 0.5 + interval_width / 2.0), yhat)

    def quantile(self, ds: Days, p: float) -> Floats:
        """Return the p-quantile of each day, (h,) units >= 0; beyond the outermost level it stays flat."""
        if not 0.0 < p < 1.0:
            raise InvalidRequest(f"A quantile level must lie between 0 and 1, not {p}.")
        level = np.array(self.weekdays)[weekday(ds)]
        scaled = float(np.interp(p, LEVELS, self.residuals))
        units = np.maximum(level + scaled * spread(level), 0.0)
        if max(self.weekdays) > 0:
            # On the shop's day off nothing is sold, whatever the residuals of the other days say.
            units[level == 0] = 0.0
        return units

    def to_dict(self) -> dict[str, Any]:
        """Return the fallback as plain JSON values."""
        return {"weekdays": list(self.weekdays), "residuals": list(self.residuals)}

    @classmethod
    def from_dict(cls, document: Any) -> WindowAverage:
        """Read what `to_dict` wrote; raises `CorruptModel` for anything else."""
        if not isinstance(document, Mapping):
            raise CorruptModel("The stored window average is not an object.")
        weekdays = _numbers(document.get("weekdays"), 7)
        residuals = _numbers(document.get("residuals"), len(LEVELS))
        if min(weekdays) < 0 or list(residuals) != sorted(residuals):
            raise CorruptModel("The stored window average has negative levels or unordered residuals.")
        return cls(weekdays, residuals)


def fit(
    history: DailyHistory, open_days: Days | None = None, until: np.datetime64 | None = None
) -> WindowAverage:
    """Average the last eight weeks of the zero-filled history, weekday by weekday, from one row on.

    `until` extends the span beyond the last row with zeros on open days, so that a product that no longer
    sells loses its level. Raises `NotEnoughData` without any row.
    """
    if not len(history):
        raise NotEnoughData("Not enough data")
    filled = history.zero_filled(open_days, until)
    levels = _levels(filled, filled.ds[-1])
    return WindowAverage(tuple(levels.tolist()), _residual_quantiles(filled, levels))


def _levels(filled: DailyHistory, last: np.datetime64) -> Floats:
    """Return the seven weekday levels (7,) of the window that ends on `last`."""
    inside = (filled.ds > last - 7 * WINDOW_WEEKS) & (filled.ds <= last)
    ds, y = filled.ds[inside], filled.y[inside]
    start = _comeback(y, COMEBACK_ROWS[filled.step])
    ds, y = ds[start:], y[start:]
    if filled.step is Step.WEEK:
        return np.full(7, y.mean())
    day = weekday(ds)
    count = np.bincount(day, minlength=7)
    total = np.bincount(day, weights=y, minlength=7)
    levels = (total + SHRINKAGE_ROWS * y.mean()) / (count + SHRINKAGE_ROWS)
    if int((ds[-1] - ds[0]).astype(int)) + 1 >= DAY_OFF_DAYS:
        levels[count == 0] = 0.0
    return levels


def _comeback(y: Floats, rows: int) -> int:
    """Return where in the window (n,) a product came back from a pause, 0 if it did not.

    Seasonal goods return after months and then sell daily; the zeros before would halve their level for
    weeks. A product that sells only now and then has not come back with a single sale.
    """
    sold = np.flatnonzero(y > 0)
    if not len(sold) or sold[0] < rows or len(y) - sold[0] < rows:
        return 0
    return int(sold[0]) if 2 * len(sold) > len(y) - sold[0] else 0


def _residual_quantiles(filled: DailyHistory, levels: Floats) -> tuple[float, ...]:
    """Quantiles of what the same averages would have missed over the next weeks in the last months.

    A miss is scaled by no less than today's level: coming back from a pause it was missed by whole units.
    """
    parts = [np.zeros(0)]
    for week in ORIGINS[filled.step]:
        origin = filled.ds[-1] - 7 * week
        if not ((filled.ds > origin - 7 * WINDOW_WEEKS) & (filled.ds <= origin)).any():
            break
        ahead = (filled.ds > origin) & (filled.ds <= origin + RESIDUAL_DAYS[filled.step])
        expected = _levels(filled, origin)[weekday(filled.ds[ahead])]
        parts.append((filled.y[ahead] - expected) / spread(np.maximum(expected, levels.mean())))
    residuals = np.concatenate(parts)
    missing = MIN_RESIDUALS - len(residuals)
    if missing > 0:
        residuals = np.concatenate([residuals, _assumed_residuals(missing, float(levels.mean()))])
    return tuple(np.quantile(residuals, LEVELS).tolist())


def _assumed_residuals(n: int, level: float) -> Floats:
    width = max(1.0, ASSUMED_VARIATION * math.sqrt(level + 1.0))
    return width * np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])


def spread(level: Floats) -> Floats:
    """Return what residuals at levels of any shape are divided by."""
    return np.sqrt(level + 1.0)


def _numbers(values: Any, n: int) -> tuple[float, ...]:
    if not isinstance(values, (list, tuple)) or len(values) != n:
        raise CorruptModel(f"The stored window average needs {n} numbers.")
    if any(isinstance(v, bool) or not isinstance(v, (int, float)) or not math.isfinite(v) for v in values):
        raise CorruptModel("The stored window average holds something that is not a finite number.")
    return tuple(float(v) for v in values)
