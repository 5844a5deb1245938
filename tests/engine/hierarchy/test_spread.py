"""Quantiles of totals: calibrated where products sell together, and sane where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from siprems_engine.forecasting.hierarchy.spread import TotalSpread, added_up, student
from siprems_engine.forecasting.hierarchy.structure import Hierarchy
from siprems_engine.forecasting.shop.quantiles import LEVELS, PastForecast
from siprems_engine.forecasting.step import Step

HORIZON = 14
START = np.datetime64("2026-01-01")
OPEN = np.ones(HORIZON, dtype=bool)


def _demand(random: np.random.Generator, products: int, together: float) -> np.ndarray:
    """Demand (products, H) around 20 that rises and falls together as far as is said."""
    shared = random.normal(0, together, HORIZON)
    return np.maximum(20.0 * (1.0 + shared) + random.normal(0, 4.0, (products, HORIZON)), 0.0)


def _past(random: np.random.Generator, together: float, origins: int = 12) -> TotalSpread:
    hierarchy = Hierarchy.of(np.arange(40) % 5)
    forecast = np.full((40, HORIZON), 20.0)
    past = [PastForecast(forecast, _demand(random, 40, together)) for _ in range(origins)]
    days = START + 14 * np.arange(origins)
    return TotalSpread(added_up(hierarchy, past), days, Step.DAY, (6, HORIZON))


def test_sums_count_what_is_known() -> None:
    hierarchy = Hierarchy.of(np.array([0, 0, 1]))
    forecast = np.array([[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]])
    actual = np.array([[1.0, np.nan], [5.0, 9.0], [np.nan, np.nan]])
    [made] = added_up(hierarchy, [PastForecast(forecast, actual)])
    assert np.array_equal(made.forecast, [[5.0, 8.0], [5.0, 8.0], [np.nan, np.nan]], equal_nan=True)
    assert np.array_equal(made.actual, [[6.0, 9.0], [6.0, 9.0], [np.nan, np.nan]], equal_nan=True)


@pytest.mark.parametrize("together", [0.0, 0.2])
def test_quantiles_hold_whether_or_not_products_sell_together(together: float) -> None:
    """As if products were independent, the 95 % interval of the shop would hold a fifth of the time."""
    random = np.random.default_rng(5)
    hierarchy, mean = Hierarchy.of(np.arange(40) % 5), np.full((6, HORIZON), 160.0)
    mean[0] = 800.0
    inside, sums = [], []
    for _ in range(60):
        spread = _past(random, together)
        actual = hierarchy.totals(_demand(random, 40, together))
        quantiles, totals = spread.by_period(mean), spread.of_sums(mean, OPEN)[:, -1]
        inside.append((actual >= quantiles[..., 0]) & (actual <= quantiles[..., -1]))
        whole = actual.sum(axis=1)
        sums.append((whole >= totals[:, 0]) & (whole <= totals[:, -1]))
    assert 0.90 < np.mean(inside) < 0.99
    assert 0.90 < np.mean(sums) < 1.0


def test_sums_are_steadier_than_single_days_and_ordered() -> None:
    spread = _past(np.random.default_rng(2), 0.05)
    mean = np.full((6, HORIZON), 160.0)
    totals = spread.of_sums(mean, OPEN)
    assert (np.diff(totals, axis=2) >= 0).all()
    assert (np.diff(totals, axis=1) >= 0).all()
    assert (totals >= 0).all()
    relative = (totals[:, :, -1] - totals[:, :, 0]) / np.cumsum(mean, axis=1)
    assert (relative[:, -1] < relative[:, 0]).all()
    single = spread.by_period(mean)
    assert (np.diff(single, axis=2) >= 0).all()


def test_closed_days_add_nothing() -> None:
    spread, mean = _past(np.random.default_rng(2), 0.05), np.full((6, HORIZON), 160.0)
    shut = OPEN.copy()
    shut[[0, 6, 13]] = False
    totals = spread.of_sums(mean, shut)
    assert (totals[:, 0] == 0).all()
    assert np.array_equal(totals[:, 5], totals[:, 6])
    assert np.array_equal(totals[:, 12], totals[:, 13])


def test_without_a_past_the_spread_is_assumed_and_wide() -> None:
    spread = TotalSpread([], np.zeros(0, dtype="datetime64[D]"), Step.DAY, (1, HORIZON))
    totals = spread.of_sums(np.full((1, HORIZON), 100.0), OPEN)
    assert totals[0, -1, LEVELS.index(0.5)] == 1400.0
    assert totals[0, -1, -1] > 2 * 1400.0
    assert np.isnan(spread.figures().wape).all()


def test_a_total_without_demand_or_history_is_no_trouble() -> None:
    unknown = PastForecast(np.full((2, HORIZON), np.nan), np.full((2, HORIZON), np.nan))
    zero = PastForecast(np.zeros((2, HORIZON)), np.zeros((2, HORIZON)))
    days = START + 7 * np.arange(4)
    for past in ([unknown] * 4, [zero] * 4):
        spread = TotalSpread(past, days, Step.DAY, (2, HORIZON))
        totals = spread.of_sums(np.array([[0.0] * HORIZON, [1.0] * HORIZON]), OPEN)
        assert np.isfinite(totals).all()
        assert (totals[0] == 0).all()
        assert (totals[1, -1] >= 0).all()


def test_figures_are_those_of_the_sums() -> None:
    forecast, actual = np.full((1, HORIZON), 10.0), np.full((1, HORIZON), 8.0)
    spread = TotalSpread([PastForecast(forecast, actual)], START + np.arange(1), Step.DAY, (1, HORIZON))
    found = spread.figures()
    assert (found.wape[0], found.bias[0], found.periods[0]) == (0.25, 0.25, HORIZON)


@pytest.mark.parametrize("freedom", [3.0, 5.0, 10.0, 100.0])
def test_students_quantiles(freedom: float) -> None:
    made = student(np.array([freedom]))[0]
    assert made == pytest.approx(stats.t.ppf(LEVELS, freedom), rel=0.01)
    assert np.array_equal(made, -made[::-1])
