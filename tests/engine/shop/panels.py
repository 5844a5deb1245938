"""Small random shops with gaps, promotions, zeros and launches, and hypothesis' way to draw them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import Panel
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.schedule import Schedule
from siprems_engine.forecasting.step import Step

FIRST = np.datetime64("2023-01-02")


def panel_of(units: Floats, horizon: int = 7, step: Step = Step.DAY, promo: Floats | None = None) -> Panel:
    """A panel of units (N, T), NaN where unknown, without events."""
    n, past = units.shape
    days = FIRST + step.days * np.arange(past + horizon)
    flags = np.zeros((n, past + horizon), dtype=bool) if promo is None else promo
    return Panel(days, units, flags, step, np.zeros(past + horizon, dtype=bool))


def random_panel(
    seed: int = 0, products: int = 4, past: int = 120, horizon: int = 7, step: Step = Step.DAY
) -> Panel:
    """Products of all sizes: some start late, all have gaps, one may never have sold."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.uniform(-2.0, 4.0, (products, 1)))
    promo = rng.random((products, past + horizon)) < 0.1
    week = rng.uniform(0.5, 1.5, 7)[np.arange(past) % 7]
    units = rng.poisson(level * week * np.where(promo[:, :past], 2.0, 1.0)).astype(float)
    units[rng.random((products, past)) < 0.1] = np.nan
    for product in range(products):
        units[product, : rng.integers(0, past // 2)] = np.nan
    units[rng.integers(products), :] *= rng.integers(2)
    return panel_of(units, horizon, step, promo)


def basis_of(panel: Panel) -> Basis:
    """What the engines of this panel read."""
    return Basis(panel, Schedule(panel))


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    """Draw a panel of either step."""
    return random_panel(
        draw(st.integers(0, 10**6)),
        draw(st.integers(1, 5)),
        draw(st.integers(30, 150)),
        draw(st.integers(1, 16)),
        draw(st.sampled_from(Step)),
    )
