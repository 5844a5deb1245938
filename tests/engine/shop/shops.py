"""Shops with planted weekdays, promotions and events, whose expectations are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop import Grid, Panel
from siprems_engine.forecasting.step import weekday

FIRST = np.datetime64("2023-01-02")
WEEK = (0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.8)


@dataclass(frozen=True)
class Plan:
    """What is planted. Levels are spread evenly on a log scale; `dispersion` is variance over mean."""

    products: int = 30
    periods: int = 420
    step: Step = Step.DAY
    levels: tuple[float, float] = (2.0, 40.0)
    week: tuple[float, ...] = WEEK
    uplift: float = 2.0
    promoted: int = 7
    every: int = 49
    event_factor: float = 1.0
    events: tuple[int, ...] = ()
    dispersion: float = 1.5
    seed: int = 11


@dataclass(frozen=True, eq=False)
class Shop:
    """A grid, the expectation of every product and period, (N, T), and what customers wanted."""

    plan: Plan
    grid: Grid
    expected: np.ndarray
    wanted: np.ndarray
    levels: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def panel(self, horizon: int, last: int | None = None) -> Panel:
        """What is known `horizon` periods before the end, or at another period."""
        return self.grid.panel(len(self.grid.days) - 1 - horizon if last is None else last, horizon)


def draw(random: np.random.Generator, expected: np.ndarray, dispersion: float) -> np.ndarray:
    """Counts of that mean: Poisson for a dispersion of 1, negative binomial above."""
    if dispersion <= 1.0:
        return random.poisson(expected).astype(float)
    size = expected / (dispersion - 1.0)
    return np.where(expected > 0, random.poisson(random.gamma(np.maximum(size, 1e-9), dispersion - 1.0)), 0.0)


def plant(plan: Plan = Plan(), **changes: object) -> Shop:
    """Invent a shop."""
    plan = replace(plan, **changes)  # type: ignore[arg-type]
    random = np.random.default_rng(plan.seed)
    days = FIRST + np.arange(plan.periods) * plan.step.days
    levels = np.exp(np.linspace(*np.log(plan.levels), plan.products))
    expected = np.repeat(levels[:, None], plan.periods, axis=1)
    if plan.step is Step.DAY:
        expected = expected * np.array(plan.week)[weekday(days)]
    # Each product's promotions begin at another time.
    starts = random.integers(0, plan.every, plan.products)
    phase = (np.arange(plan.periods)[None, :] - starts[:, None]) % plan.every
    promo = (phase < plan.promoted) if plan.promoted else np.zeros(expected.shape, dtype=bool)
    expected = expected * np.where(promo, plan.uplift, 1.0)
    expected[:, list(plan.events)] *= plan.event_factor
    wanted = draw(random, expected, plan.dispersion)
    grid = grid_of(wanted, plan.step, promo, days[list(plan.events)])
    return Shop(plan, grid, expected, wanted, levels)


def grid_of(
    units: np.ndarray,
    step: Step = Step.DAY,
    promo: np.ndarray | None = None,
    event_days: np.ndarray | None = None,
) -> Grid:
    """A grid of a table of units, NaN before the first row."""
    days = FIRST + np.arange(units.shape[1]) * step.days
    flags = np.zeros(units.shape, dtype=bool) if promo is None else promo
    return Grid(days, step, units, np.nansum(units, axis=0) > 0, flags, None, event_days)


def panel_of(
    units: np.ndarray, horizon: int, step: Step = Step.DAY, promo: np.ndarray | None = None
) -> Panel:
    """A panel of a table of past units (NaN: unknown), without events."""
    days = FIRST + np.arange(units.shape[1] + horizon) * step.days
    flags = np.zeros((len(units), len(days)), dtype=bool) if promo is None else promo
    return Panel(days, units, flags, step, np.zeros(len(days), dtype=bool))
