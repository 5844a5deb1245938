"""Synthetic daily series with trend, weekly and yearly pattern, promotions and counting noise."""

from __future__ import annotations

import datetime

import numpy as np

from siprems_engine.forecasting import DailyHistory, Event, Step

END = np.datetime64("2024-06-30")


def daily_history(
    seed: int = 1, days: int = 500, level: float = 30.0, end: np.datetime64 = END, slope: float = 2e-4
) -> DailyHistory:
    """A regular product that sells on nearly every day; days without a sale have no row."""
    rng = np.random.default_rng(seed)
    t = np.arange(days)
    ds = end - (days - 1) + t
    weekly = rng.normal(0.0, 0.2, 7)[(ds.astype(np.int64) + 3) % 7]
    yearly = 0.2 * np.sin(2 * np.pi * t / 365.25 + rng.uniform(0, 2 * np.pi))
    promo = (rng.random(days) < 0.1).astype(float)
    mean = level * np.exp(slope * t + weekly + yearly + 0.4 * promo)
    y = rng.negative_binomial(20, 20 / (20 + mean)).astype(float)
    return DailyHistory(ds[y > 0], y[y > 0], promo[y > 0])


def intermittent_history(seed: int = 1, days: int = 500, chance: float = 0.2) -> DailyHistory:
    """A slow mover that sells one to three pieces on a fifth of the days."""
    rng = np.random.default_rng(seed)
    ds = END - (days - 1) + np.flatnonzero(rng.random(days) < chance)
    return DailyHistory(ds, rng.integers(1, 4, len(ds)).astype(float), np.zeros(len(ds)))


def weekly_history(
    seed: int = 1, weeks: int = 160, level: float = 60.0, end: np.datetime64 = END, chance: float = 0.95
) -> DailyHistory:
    """A product with one row a week, dated on the weekday of `end`, on `chance` of the weeks."""
    rng = np.random.default_rng(seed)
    t = np.arange(weeks)
    ds = end - 7 * (weeks - 1 - t)
    promo = (rng.random(weeks) < 0.25).astype(float)
    mean = level * np.exp(0.3 * np.sin(2 * np.pi * t / 52.18 + rng.uniform(0, 2 * np.pi)) + 0.5 * promo)
    y = rng.negative_binomial(20, 20 / (20 + mean)).astype(float)
    sold = rng.random(weeks) < chance
    return DailyHistory(ds[sold], y[sold], promo[sold], Step.WEEK)


def events(name: str = "Market day") -> list[Event]:
    """One event per quarter from 2022 to 2025."""
    return [
        Event(name, datetime.date(year, month, 5)) for year in range(2022, 2026) for month in (2, 5, 8, 11)
    ]


def future(history: DailyHistory, periods: int = 28) -> np.ndarray:
    """The days (or weeks) after the history, (periods,)."""
    return history.ds[-1] + history.step.days * np.arange(1, periods + 1)
