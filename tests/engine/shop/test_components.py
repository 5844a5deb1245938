"""Forecasts taken apart find what the demand was made of."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import Panel
from siprems_engine.forecasting.shop.components import components
from siprems_engine.forecasting.step import Step, weekday

WEEK = np.array([0.7, 0.8, 0.9, 1.0, 1.2, 1.6, 0.8])


def _panel(units: Floats, *, promo: Floats | None = None, events: Floats | None = None) -> Panel:
    """Products (N, T) of units, with seven periods ahead."""
    products, past = units.shape
    days = np.datetime64("2025-01-06") + np.arange(past + 7)
    flags = np.zeros((products, past + 7), bool)
    if promo is not None:
        flags[:, :past] = promo
    happens = np.zeros(past + 7, bool)
    if events is not None:
        happens[:past] = events
    return Panel(days, units, flags, Step.DAY, happens)


def _demand(past: int = 420, products: int = 30, seed: int = 3) -> Floats:
    random = np.random.default_rng(seed)
    level = np.exp(random.uniform(2, 5, products))[:, None]
    day = np.datetime64("2025-01-06") + np.arange(past)
    return random.poisson(level * WEEK[weekday(day)]).astype(float)


def test_weekdays_and_levels_are_found() -> None:
    units = _demand()
    parts = components(_panel(units))
    np.testing.assert_allclose(parts.level, units.mean(axis=1), rtol=0.25)
    expected = np.broadcast_to(WEEK / WEEK.mean(), parts.weekday.shape)
    np.testing.assert_allclose(parts.weekday, expected, atol=0.12)
    assert np.abs(parts.trend).max() < 0.35
    assert np.isnan(parts.promotion).all()
    assert np.isnan(parts.event).all()
    np.testing.assert_allclose(parts.season, 1.0, atol=0.25)


def test_days_off_have_no_factor() -> None:
    units = _demand()
    units[:, weekday(np.datetime64("2025-01-06") + np.arange(420)) == 6] = np.nan
    parts = components(_panel(units))
    assert np.isnan(parts.weekday[:, 6]).all()
    np.testing.assert_allclose(parts.weekday[:, :6].mean(axis=1), 1.0)


def test_a_trend_is_the_gain_of_eight_weeks() -> None:
    units = _demand() * np.linspace(1.0, 3.0, 420)
    assert components(_panel(units)).trend.mean() == pytest.approx(0.1, abs=0.06)


def test_promotions_and_events_are_factors_on_the_level() -> None:
    random = np.random.default_rng(5)
    units = _demand()
    promo = random.random(units.shape) < 0.1
    events = random.random(units.shape[1]) < 0.05
    units = units * np.where(promo, 2.0, 1.0) * np.where(events, 1.5, 1.0)
    parts = components(_panel(units, promo=promo, events=events))
    assert np.median(parts.promotion) == pytest.approx(2.0, rel=0.1)
    assert np.median(parts.event) == pytest.approx(1.5, rel=0.1)


def test_what_is_not_known_is_not_said() -> None:
    units = _demand(past=40, products=2)
    units[1] = np.nan
    parts = components(_panel(units))
    assert np.isnan(parts.trend).all()
    assert np.isnan(parts.season).all()
    assert np.isfinite(parts.level[0])
    assert np.isnan(parts.level[1])


def test_weekly_shops_have_no_weekdays() -> None:
    units = np.random.default_rng(1).poisson(30, (3, 60)).astype(float)
    days = np.datetime64("2025-01-06") + 7 * np.arange(64)
    panel = Panel(days, units, np.zeros((3, 64), bool), Step.WEEK, np.zeros(64, bool))
    np.testing.assert_array_equal(components(panel).weekday, np.ones((3, 7)))
