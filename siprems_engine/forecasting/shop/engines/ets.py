"""Exponential smoothing of the demand without its weekday and promotions, simple or with a damped trend.

Forms and parameters are fixed (Hyndman et al., "Forecasting with Exponential Smoothing", 2008, chapter 2);
each product takes the form with the smallest one-step error up to the origin.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis

# Smoothing of level and of trend, and how much of the trend is left after each period.
FORMS = (
    (0.02, 0.0, 0.0), (0.05, 0.0, 0.0), (0.1, 0.0, 0.0), (0.2, 0.0, 0.0), (0.4, 0.0, 0.0),
    (0.1, 0.01, 0.95), (0.2, 0.02, 0.95), (0.4, 0.05, 0.95),
)  # fmt: skip


class ExponentialSmoothing:
    """One version: the best form of each product, times its effects."""

    versions = ("ets",)

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._forms = [_Form(basis, *form) for form in FORMS]

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        best = np.argmin([form.errors[origin] for form in self._forms], axis=0)
        levels = np.stack([form.ahead(origin, self._basis.panel.horizon) for form in self._forms])
        level = levels[best, np.arange(len(best))]
        return [np.maximum(level, 0.0) * self._basis.factors(origin)]


class _Form:
    """Level, trend and summed squares of one-step errors of all products at every origin."""

    def __init__(self, basis: Basis, of_level: float, of_trend: float, damping: float) -> None:
        panel, wanted, table = basis.panel, set(basis.schedule.all), basis.effects.table
        self._damping = damping
        self._states: dict[int, tuple[Floats, Floats]] = {}
        self.errors: dict[int, Floats] = {}
        level, trend, squares, seen = (np.zeros(panel.products) for _ in range(4))
        for t in range(panel.past):
            known = panel.known[:, t]
            expected = level + damping * trend
            error = np.where(known, panel.sold[:, t] / np.maximum(table[:, t], 1e-9) - expected, 0.0)
            seen += known
            # The start is a plain mean: a single first period is no level.
            weight = np.maximum(of_level, 1.0 / np.maximum(seen, 1.0))
            level = np.where(known, expected + weight * error, level)
            trend = np.where(known, damping * trend + of_trend * error, trend)
            squares += np.where(seen > 1, error * error, 0.0)
            if t in wanted:
                self._states[t] = level.copy(), trend.copy()
                self.errors[t] = squares.copy()

    def ahead(self, origin: int, horizon: int) -> Floats:
        """Return the level of the H periods after an origin, (N, H)."""
        level, trend = self._states[origin]
        growth = np.cumsum(self._damping ** np.arange(1, horizon + 1))
        return level[:, None] + trend[:, None] * growth[None, :]
