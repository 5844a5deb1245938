"""The fixed order-up-to level of each product that would have cost least, known only afterwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Indices

# Levels tried at a time, and how often the best one's surroundings are looked at more closely.
TRIED, ROUNDS = 16, 3
# Products at a time, so that shelves of all levels fit into memory.
TOGETHER = 400

# Cost (m,) of levels (m,) for products (m,).
Cost = Callable[[Floats, Indices], Floats]


def best_levels(cost: Cost, demand: Floats, covered: int) -> Floats:
    """Return levels (N,) in whole units, by trying: from nothing to more than any `covered` periods sold.

    The cost of a level is nearly convex in it, so that the surroundings of the best one tried hold the best.
    """
    most = _largest_run(demand, covered)
    best = np.zeros(len(demand))
    for start in range(0, len(demand), TOGETHER):
        rows = np.arange(start, min(start + TOGETHER, len(demand)))
        best[rows] = _search(cost, rows, most[rows])
    return best


def _search(cost: Cost, rows: Indices, most: Floats) -> Floats:
    low, high = np.zeros(len(rows)), most + 1.0
    best, least = np.zeros(len(rows)), np.full(len(rows), np.inf)
    for _ in range(ROUNDS):
        share = np.linspace(0.0, 1.0, TRIED)
        levels = np.round(low[:, None] + (high - low)[:, None] * share)
        costs = cost(levels.ravel(), np.repeat(rows, TRIED)).reshape(levels.shape)
        place = costs.argmin(axis=1)
        row = np.arange(len(rows))
        better = costs[row, place] < least
        best = np.where(better, levels[row, place], best)
        least = np.minimum(least, costs[row, place])
        apart = (high - low) / (TRIED - 1)
        low, high = np.maximum(best - apart, 0.0), best + apart
    return best


def _largest_run(demand: Floats, periods: int) -> Floats:
    """Return the most (N,) that so many periods in a row sold."""
    sums = np.concatenate([np.zeros((len(demand), 1)), np.cumsum(demand, axis=1)], axis=1)
    length = min(periods, demand.shape[1])
    return np.asarray((sums[:, length:] - sums[:, : sums.shape[1] - length]).max(axis=1, initial=0.0))
