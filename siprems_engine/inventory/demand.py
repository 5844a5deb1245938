"""Demand until a moment as a distribution: quantiles, probabilities, and what is missing on average.

The seven quantiles of a total are joined by straight lines over the normal score of their level, which is
exact where totals are normal, and continued on the outermost lines. Uncertain lead times make a mixture of
such distributions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.inventory import lead_times, normal
from siprems_engine.inventory.ahead import DemandAhead

# Beyond this score demand is taken to be what it is there: one case in 30,000.
FARTHEST = 4.0
SCORES = np.concatenate([[-FARTHEST], normal.quantile(np.array(LEVELS)), [FARTHEST]])
BELOW = normal.cdf(SCORES)
HALVINGS = 34
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Demand:
    """Distributions of N totals, each a mixture of J: `mean` (N,) by the forecast, `knots` (N, J, 9) are the
    values at `SCORES`, `weights` (J,) of the parts.
    """

    mean: Floats
    knots: Floats
    weights: Floats

    def __len__(self) -> int:
        """Number of totals."""
        return len(self.mean)

    def of(self, products: np.ndarray) -> Demand:
        """Keep some of them (n,), by place or by flags."""
        return Demand(self.mean[products], self.knots[products], self.weights)

    def probability(self, units: Floats) -> Floats:
        """Return the probability (N,) that demand is at most `units` (N,)."""
        return np.asarray(normal.cdf(self._scores(units)) @ self.weights)

    def quantile(self, level: Floats) -> Floats:
        """Return the units (N,) that suffice with probability `level` (N,), strictly between 0 and 1."""
        return self.at_scores(normal.quantile(level))

    def at_scores(self, scores: Floats) -> Floats:
        """Return the quantiles (N,) at the levels of standard normal scores (N,)."""
        parts = range(self.knots.shape[1])
        each = np.stack([_on_lines(scores, self.knots[:, part]) for part in parts], axis=1)
        low, high = each.min(axis=1), each.max(axis=1)
        mixed = high > low
        if mixed.any():
            level = normal.cdf(scores[mixed])
            high[mixed] = self.of(mixed)._between(level, low[mixed], high[mixed])
        return np.asarray(high)

    def _between(self, level: Floats, low: Floats, high: Floats) -> Floats:
        """Return quantiles (N,) of mixtures, which lie between those of their parts; the end suffices."""
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            enough = self.probability(middle) >= level
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high

    def missing(self, units: Floats) -> Floats:
        """Return how much demand exceeds `units` (N,) on average: E max(D - units, 0), (N,)."""
        value = self.knots - units[:, None, None]
        from_score = np.clip(self._scores(units)[:, :, None], SCORES[:-1], SCORES[1:])
        slope = np.diff(self.knots, axis=2) / np.diff(SCORES)
        at_zero = value[:, :, :-1] - slope * SCORES[:-1]
        mass, moment = BELOW[1:] - normal.cdf(from_score), normal.pdf(from_score) - normal.pdf(SCORES[1:])
        lines = (at_zero * mass + slope * moment).sum(axis=2)
        ends = BELOW[0] * (np.maximum(value[:, :, 0], 0.0) + np.maximum(value[:, :, -1], 0.0))
        return np.maximum((lines + ends) @ self.weights, 0.0)

    def left(self, units: Floats) -> Floats:
        """Return how much of `units` (N,) is left on average: E max(units - D, 0), (N,)."""
        return np.maximum(units - self.average + self.missing(units), 0.0)

    @property
    def average(self) -> Floats:
        """The mean (N,) of the distribution itself, which its quantiles make; `mean` is the forecast's."""
        return self.missing(np.zeros(len(self)))

    @property
    def deviation(self) -> Floats:
        """The standard deviation, (N,)."""
        slope = np.diff(self.knots, axis=2) / np.diff(SCORES)
        at_zero = self.knots[:, :, :-1] - slope * SCORES[:-1]
        mass, density = np.diff(BELOW), normal.pdf(SCORES)
        first, scored = density[:-1] - density[1:], SCORES * density
        second = mass + scored[:-1] - scored[1:]
        squares = np.square(at_zero) * mass + 2.0 * at_zero * slope * first + np.square(slope) * second
        ends = BELOW[0] * (np.square(self.knots[:, :, 0]) + np.square(self.knots[:, :, -1]))
        square = (squares.sum(axis=2) + ends) @ self.weights
        return np.sqrt(np.maximum(square - np.square(self.average), 0.0))

    def _scores(self, units: Floats) -> Floats:
        """Return the largest score (N, J) whose value is at most `units` (N,); -inf and inf outside."""
        at = units[:, None, None]
        place = (self.knots <= at).sum(axis=2) - 1
        low = np.clip(place, 0, len(SCORES) - 2)
        row, part = np.ogrid[: self.knots.shape[0], : self.knots.shape[1]]
        left, right = self.knots[row, part, low], self.knots[row, part, low + 1]
        # Lines of no length, or hardly any, are steps.
        rest = (units[:, None] - left) / np.where(right - left > TINY, right - left, 1.0)
        inside = SCORES[low] + np.clip(rest, 0.0, 1.0) * (SCORES[low + 1] - SCORES[low])
        return np.where(place < 0, -np.inf, np.where(place >= len(SCORES) - 1, np.inf, inside))


def from_quantiles(mean: Floats, quantiles: Floats) -> Demand:
    """Return distributions of means (N,) with quantiles (N, 7) at the forecaster's `LEVELS`."""
    return Demand(mean, _knots(quantiles)[:, None, :], np.ones(1))


def protection_demand(
    ahead: DemandAhead, lead_mean: Floats, lead_deviation: Floats, window: Floats
) -> Demand:
    """Return the demand from now until `window` days (N,) after a delivery ordered now, in days of means and
    standard deviations (N,) of its lead time: what stock and order together have to last for.
    """
    lead, weights = lead_times.mixture(lead_mean, lead_deviation)
    return _mixed(ahead, np.zeros_like(lead), lead + window[:, None], weights)


def fresh_demand(ahead: DemandAhead, lead_mean: Floats, lead_deviation: Floats, window: Floats) -> Demand:
    """Return the demand in the `window` days (N,) after the delivery alone, as `protection_demand` does."""
    lead, weights = lead_times.mixture(lead_mean, lead_deviation)
    return _mixed(ahead, lead, lead + window[:, None], weights)


def _mixed(ahead: DemandAhead, first: Floats, last: Floats, weights: Floats) -> Demand:
    """Return mixtures of totals from `first` to `last` days, (N, J) each."""
    parts = [ahead.total(first[:, each], last[:, each]) for each in range(len(weights))]
    mean = np.stack([each for each, _ in parts], axis=1) @ weights
    return Demand(mean, np.stack([_knots(quantiles) for _, quantiles in parts], axis=1), weights)


def _knots(quantiles: Floats) -> Floats:
    """Return quantiles (N, 7) with the ends of the continued outermost lines, (N, 9), none below 0."""
    steps = np.diff(SCORES)
    below = quantiles[:, 0] - (quantiles[:, 1] - quantiles[:, 0]) / steps[1] * steps[0]
    above = quantiles[:, -1] + (quantiles[:, -1] - quantiles[:, -2]) / steps[-2] * steps[-1]
    return np.column_stack([np.maximum(below, 0.0), quantiles, above])


def _on_lines(scores: Floats, knots: Floats) -> Floats:
    """Return the values (N,) at scores (N,) on the lines between knots (N, 9)."""
    low = np.clip(np.searchsorted(SCORES, scores, side="right") - 1, 0, len(SCORES) - 2)
    rest = np.clip((scores - SCORES[low]) / (SCORES[low + 1] - SCORES[low]), 0.0, 1.0)
    row = np.arange(len(knots))
    return knots[row, low] * (1.0 - rest) + knots[row, low + 1] * rest
