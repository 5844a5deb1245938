"""Sums over windows of the past for all products at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices, Panel


def cumulated(values: Floats) -> Floats:
    """Return sums (n, T+1) of the first t columns, so that a window's sum is a difference of two columns."""
    return np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)


def centred(values: Floats, reach: int) -> Floats:
    """Return sums (n, T) over `reach` periods to both sides, cut at the ends."""
    total = np.cumsum(np.pad(values, ((0, 0), (reach + 1, reach))), axis=1)
    return total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1]


class Sums:
    """Units and known periods of any window of the past, by difference."""

    def __init__(self, panel: Panel) -> None:
        self._units = cumulated(panel.sold)
        self._known = cumulated(panel.known.astype(np.float64))

    def units(self, start: Indices | int, stop: Indices | int) -> Floats:
        """Units sold in the periods from `start` to before `stop`: (n,) or (n, windows)."""
        return self._units[:, np.maximum(stop, 0)] - self._units[:, np.maximum(start, 0)]

    def known(self, start: Indices | int, stop: Indices | int) -> Floats:
        """Periods in the window of which the units are known."""
        return self._known[:, np.maximum(stop, 0)] - self._known[:, np.maximum(start, 0)]

    def mean(self, start: Indices | int, stop: Indices | int) -> Floats:
        """Units per known period; 0 where none is known."""
        return self.units(start, stop) / np.maximum(self.known(start, stop), 1.0)


class Discounted:
    """Ratio of discounted sums of what sold to discounted sums of what was to be expected, at some origins.

    With the expectation of one unit a period, times the effects of weekday and promotion, this is the
    maximum-likelihood level of a Poisson demand whose past counts ever less.
    """

    def __init__(self, panel: Panel, expected: Floats, half_life: float, origins: Sequence[int]) -> None:
        keep = 0.5 ** (1.0 / half_life)
        sold, hoped = np.zeros(panel.products), np.zeros(panel.products)
        wanted = set(origins)
        self._levels: dict[int, Floats] = {}
        for t in range(panel.past):
            sold = keep * sold + panel.sold[:, t]
            hoped = keep * hoped + np.where(panel.known[:, t], expected[:, t], 0.0)
            if t in wanted:
                self._levels[t] = sold / np.maximum(hoped, 1e-12)

    def at(self, origin: int) -> Floats:
        """Return the level (n,) at one of the origins."""
        return self._levels[origin]


def last_true(flags: Flags) -> Indices:
    """Return the last column up to each one where a flag is set, (n, T); -1 before the first."""
    places = np.where(flags, np.arange(flags.shape[1])[None, :], -1)
    return np.maximum.accumulate(places, axis=1)
