"""Weekday and promotion as factors on the level, each product's own shrunk towards the whole shop's.

A factor is a ratio of what sold to what the level and the other factors made to be expected, with some
demand of the shop's factor added to both (the posterior mean of a gamma-Poisson model). How much is added
grows with the product's dispersion, the variance of its demand over the mean: a product that sells in bulk
now and then needs far more units than a steady one to prove a weekday of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.running import centred
from siprems_engine.forecasting.step import Step

# An uplift of 4 is found to a few percent after so many rounds, and takes 3.5 for 4 after three.
ROUNDS = 6
# Periods to both sides over which the level is averaged, and periods of the past that are read.
REACH = {Step.DAY: 14, Step.WEEK: 4}
MEMORY = {Step.DAY: 400, Step.WEEK: 156}
# Pseudo-units per unit of dispersion: weekdays differ by about a fifth among products, uplifts by a half.
WEEKDAY_PRIOR, PROMOTION_PRIOR = 30.0, 4.0
SMALLEST_DISPERSION = 0.05
PROMOTION_RANGE = (0.2, 10.0)
SMALLEST_WEEKDAY = 0.02
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Effects:
    """Factors on the level: `weekday` (N, 7), Monday first, `promotion` (N,); both in `table` (N, T+H)."""

    weekday: Floats
    promotion: Floats
    table: Floats


@dataclass(frozen=True, eq=False)
class _Recent:
    """The last part of a panel, and the level around each period for the factors of the round."""

    panel: Panel
    start: int

    def table(self, weekday: Floats, promotion: Floats) -> Floats:
        """Multiply the factors of the past periods, (N, recent); 0 where the units are unknown."""
        panel, past = self.panel, slice(self.start, self.panel.past)
        factors = weekday[:, panel.weekday[past]]
        factors = factors * np.where(panel.promo[:, past], promotion[:, None], 1.0)
        return np.where(panel.known[:, past], factors, 0.0)


def estimate(panel: Panel) -> Effects:
    """Estimate both factors in turns, from the last year or three."""
    recent = _Recent(panel, max(0, panel.past - MEMORY[panel.step]))
    weekday, promotion = np.ones((panel.products, 7)), np.ones(panel.products)
    for _ in range(ROUNDS):
        weekday, promotion = _round(recent, weekday, promotion)
    table = weekday[:, panel.weekday] * np.where(panel.promo, promotion[:, None], 1.0)
    return Effects(weekday, promotion, table)


def _round(recent: _Recent, weekday: Floats, promotion: Floats) -> tuple[Floats, Floats]:
    panel = recent.panel
    past = slice(recent.start, panel.past)
    sold, known, days = panel.sold[:, past], panel.known[:, past], panel.weekday[past]
    factors = recent.table(weekday, promotion)
    reach = REACH[panel.step]
    level = centred(sold, reach) / np.maximum(centred(factors, reach), 1e-9)
    mean = (level * known).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    expected = level * factors
    squares = np.where(known, (sold - expected) ** 2, 0.0).sum(axis=1)
    dispersion = np.maximum(squares / np.maximum(expected.sum(axis=1), 1e-9), SMALLEST_DISPERSION * mean)
    if panel.has_promotions:
        flags = panel.promo[:, past]
        pair = (sold * flags).sum(axis=1), (expected * flags).sum(axis=1) / promotion
        updated = np.clip(_shrunk(*pair, PROMOTION_PRIOR * dispersion, mean), *PROMOTION_RANGE)
        expected = expected * np.where(flags, (updated / promotion)[:, None], 1.0)
        promotion = updated
    if panel.step is Step.DAY:
        columns = []
        for day in range(7):
            on = days == day
            pair = sold[:, on].sum(axis=1), expected[:, on].sum(axis=1) / weekday[:, day]
            columns.append(_shrunk(*pair, WEEKDAY_PRIOR * dispersion, mean))
        weekday = np.maximum(np.stack(columns, axis=1), SMALLEST_WEEKDAY)
    return weekday, promotion


def _shrunk(sold: Floats, expected: Floats, prior: Floats, mean: Floats) -> Floats:
    """Return each product's ratio of sold to expected units, (N,), with `prior` units of the shop's ratio."""
    # Every product counts alike in the shop's factor, whatever it sells.
    weight = np.where(mean > 0, 1.0 / np.maximum(mean, 1e-9), 0.0)
    hoped = float((expected * weight).sum())
    shop = float((sold * weight).sum()) / hoped if hoped > 0 else 1.0
    return np.where(mean > 0, (sold + shop * prior) / (expected + prior + TINY), shop)
