"""Each engine once more for a single series: plain loops that follow the textbook instead of the clock.

A function takes the series `y` up to the origin (NaN where unknown), its weekday and promotion `factors` over
past and future, and the horizon.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats

WINDOW = {1: 56, 7: 8}
SEASON = {1: 7, 7: 52}


def known_values(y: Floats) -> list[float]:
    return [float(value) for value in y if not np.isnan(value)]


def window_average(y: Floats, horizon: int, days: int) -> Floats:
    values = known_values(y[-WINDOW[days] :])
    return np.full(horizon, sum(values) / len(values) if values else 0.0)


def seasonal_window(y: Floats, horizon: int) -> Floats:
    made = window_average(y, horizon, 1)
    recent = list(enumerate(y))[-56:]
    for ahead in range(horizon):
        same = [v for place, v in recent if (len(y) + ahead - place) % 7 == 0 and not np.isnan(v)]
        if same:
            made[ahead] = sum(same) / len(same)
    return made


def seasonal_naive(y: Floats, horizon: int, days: int) -> Floats:
    values, season = known_values(y), SEASON[days]
    latest = values[-1] if values else 0.0
    if len(y) < season * (2 if days == 7 else 1):
        return np.full(horizon, latest)
    made = []
    for ahead in range(horizon):
        value = y[len(y) - season + ahead % season]
        made.append(latest if np.isnan(value) else value)
    return np.array(made)


def croston(y: Floats, horizon: int, alpha: float = 0.1, debias: bool = False) -> Floats:
    size = gap = None
    since = 0
    for value in known_values(y):
        since += 1
        if value > 0:
            size = value if size is None else alpha * value + (1 - alpha) * size
            gap = since if gap is None else alpha * since + (1 - alpha) * gap
            since = 0
    rate = 0.0 if size is None else size / gap
    return np.full(horizon, rate * (1 - alpha / 2 if debias else 1.0))


def tsb(y: Floats, horizon: int, of_size: float, of_chance: float) -> Floats:
    size, chance = 0.0, 0.0
    sold = False
    for count, value in enumerate(known_values(y), start=1):
        weight = max(of_chance, 1 / count)
        chance = weight * (value > 0) + (1 - weight) * chance
        if value > 0:
            size = of_size * value + (1 - of_size) * size if sold else value
            sold = True
    return np.full(horizon, size * chance)


def smoothed(y: Floats, alpha: float, beta: float, phi: float) -> tuple[float, float, float]:
    """Level, trend and sum of squared one-step errors; the level starts as a plain mean."""
    level = trend = squares = 0.0
    for count, value in enumerate(known_values(y), start=1):
        expected = level + phi * trend
        error = value - expected
        level = expected + max(alpha, 1 / count) * error
        trend = phi * trend + beta * error
        if count > 1:
            squares += error**2
    return level, trend, squares


def ets(y: Floats, factors: Floats, horizon: int, forms: tuple[tuple[float, float, float], ...]) -> Floats:
    without = y / factors[: len(y)]
    candidates = [(*smoothed(without, *form), form[2]) for form in forms]
    level, trend, _, phi = min(candidates, key=lambda candidate: candidate[2])
    made, growth = [], 0.0
    for ahead in range(1, horizon + 1):
        growth += phi**ahead
        made.append(max(level + growth * trend, 0.0) * factors[len(y) + ahead - 1])
    return np.array(made)


def theta(y: Floats, factors: Floats, horizon: int, alpha: float = 0.1) -> Floats:
    without = y / factors[: len(y)]
    level, _, _ = smoothed(without, alpha, 0.0, 0.0)
    times = np.flatnonzero(~np.isnan(y))
    slope = np.polyfit(times, without[times], 1)[0] if len(times) > 1 else 0.0
    made = [level + 0.5 * slope * (ahead + 1 / alpha) for ahead in range(horizon)]
    return np.maximum(made, 0.0) * factors[len(y) :][:horizon]


def discounted(y: Floats, factors: Floats, horizon: int, half_life: float) -> Floats:
    sold = hoped = 0.0
    for age, place in enumerate(range(len(y) - 1, -1, -1)):
        if not np.isnan(y[place]):
            weight = 2.0 ** (-age / half_life)
            sold += weight * y[place]
            hoped += weight * factors[place]
    level = sold / hoped if hoped > 1e-12 else 0.0
    return level * factors[len(y) :][:horizon]
