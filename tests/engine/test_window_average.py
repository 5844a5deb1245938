"""The fallback forecaster."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting import (
    CorruptModel,
    DailyHistory,
    InvalidRequest,
    NotEnoughData,
    WindowAverage,
    window_average,
)
from siprems_engine.forecasting.step import weekday
from tests.engine import synthetic

AHEAD = synthetic.END + np.arange(1, 29)


def _history(y: np.ndarray) -> DailyHistory:
    """One row per day up to the common end."""
    return DailyHistory(synthetic.END - len(y) + 1 + np.arange(len(y)), y, np.zeros(len(y)))


def test_weekday_levels_are_shrunk_means_of_the_last_eight_weeks() -> None:
    ds = synthetic.END - 139 + np.arange(140)
    y = np.where(weekday(ds) == 5, 30.0, 2.0)
    y[:84] = 500.0
    average = window_average.fit(_history(y))
    assert average.weekdays[5] == pytest.approx((8 * 30 + 2 * 6) / 10)
    assert average.weekdays[0] == pytest.approx((8 * 2 + 2 * 6) / 10)


def test_one_row_gives_its_own_level_and_a_wide_interval() -> None:
    yhat, lower, upper = window_average.fit(_history(np.array([12.0]))).predict(AHEAD)
    np.testing.assert_allclose(yhat, 12.0)
    assert lower.max() < 8.0
    assert upper.min() > 16.0


def test_no_row_is_not_enough() -> None:
    with pytest.raises(NotEnoughData):
        window_average.fit(_history(np.zeros(0)))


def test_missing_days_count_as_zero_unless_the_shop_was_closed() -> None:
    ds = synthetic.END - 69 + np.arange(0, 70, 2)
    history = DailyHistory(ds, np.full(35, 10.0), np.zeros(35))
    assert np.mean(window_average.fit(history).weekdays) == pytest.approx(5.0, abs=0.2)
    assert np.mean(window_average.fit(history, ds).weekdays) == pytest.approx(10.0)


@pytest.mark.parametrize("step_days", [1, 7])
@pytest.mark.parametrize("seed", range(8))
def test_open_days_beyond_its_reach_change_nothing(seed: int, step_days: int) -> None:
    random = np.random.default_rng(seed)
    shop = synthetic.END - step_days * np.arange(900)[::-1]
    open_days = shop[random.random(len(shop)) < 0.9]
    sold = open_days[random.random(len(open_days)) < random.choice([0.02, 0.2, 0.8])]
    history = DailyHistory(sold, random.poisson(5.0, len(sold)).astype(float), np.zeros(len(sold)))
    if step_days == 7:
        history = history.weekly(int(weekday(synthetic.END[None])[0]))
    recent = open_days[open_days > open_days[-1] - window_average.REACH_DAYS]
    whole = window_average.fit(history, open_days, open_days[-1])
    assert window_average.fit(history, recent, open_days[-1]) == whole


def test_the_days_off_of_the_shop_get_nothing() -> None:
    days = synthetic.END - 69 + np.arange(70)
    open_days = days[weekday(days) != 6]
    history = DailyHistory(open_days, np.full(len(open_days), 10.0), np.zeros(len(open_days)))
    yhat, _, upper = window_average.fit(history, open_days).predict(AHEAD)
    sunday = weekday(AHEAD) == 6
    assert yhat[sunday].max() == upper[sunday].max() == 0.0
    np.testing.assert_allclose(yhat[~sunday], 10.0)


def test_a_product_that_stopped_selling_loses_its_level() -> None:
    history = _history(np.full(100, 10.0))
    open_days = synthetic.END - 99 + np.arange(200)
    assert max(window_average.fit(history, open_days).weekdays) == pytest.approx(10.0)
    assert max(window_average.fit(history, open_days, synthetic.END + 100).weekdays) == 0.0


def test_a_product_back_from_a_pause_has_its_level_at_once() -> None:
    y = np.zeros(400)
    y[:60], y[-12:] = 20.0, 20.0
    assert min(window_average.fit(_history(y)).weekdays) == pytest.approx(20.0)
    y[-12:] = 0.0
    y[-12] = 20.0
    assert max(window_average.fit(_history(y)).weekdays) < 5.0


def test_the_interval_covers_what_comes() -> None:
    covered = []
    for seed in range(20):
        history = synthetic.daily_history(seed=seed, days=400, slope=0.0)
        past, future = history.between(None, synthetic.END - 14), history.between(synthetic.END - 13, None)
        _, lower, upper = window_average.fit(past).predict(future.ds)
        covered.append(((future.y >= lower) & (future.y <= upper)).mean())
    assert 0.85 < np.mean(covered) <= 1.0


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.integers(0, 400), st.floats(0, 1e12), min_size=1, max_size=60),
    st.none() | st.sets(st.integers(0, 500), max_size=80),
    st.floats(0.01, 0.99),
)
def test_any_history_gives_ordered_finite_quantiles(
    sales: dict[int, float], opened: set[int] | None, width: float
) -> None:
    first = np.datetime64("2023-01-01")
    rows = sorted(sales)
    history = DailyHistory(first + np.array(rows), np.array([sales[r] for r in rows]), np.zeros(len(rows)))
    open_days = None if opened is None else first + np.array(sorted(opened), dtype=int)
    average = window_average.fit(history, open_days, first + 500)
    yhat, lower, upper = average.predict(AHEAD, width)
    assert np.isfinite(upper).all()
    assert (lower >= 0).all()
    assert (lower <= yhat).all()
    assert (yhat <= upper).all()
    rows_of_quantiles = np.array([average.quantile(AHEAD, p) for p in (0.01, 0.1, 0.5, 0.9, 0.99)])
    assert (np.diff(rows_of_quantiles, axis=0) >= 0).all()
    assert WindowAverage.from_dict(json.loads(json.dumps(average.to_dict()))) == average


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_levels_must_be_probabilities(level: float) -> None:
    average = window_average.fit(_history(np.ones(10)))
    with pytest.raises(InvalidRequest):
        average.predict(AHEAD, level)
    with pytest.raises(InvalidRequest):
        average.quantile(AHEAD, level)


GOOD = WindowAverage((1.0,) * 7, tuple(range(11))).to_dict()


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {**GOOD, "weekdays": [1.0] * 6},
        {**GOOD, "weekdays": [-1.0] * 7},
        {**GOOD, "weekdays": "1234567"},
        {**GOOD, "weekdays": [float("nan")] * 7},
        {**GOOD, "residuals": [True] * 11},
        {**GOOD, "residuals": list(range(11, 0, -1))},
    ],
)
def test_a_damaged_fallback_is_refused(document: Any) -> None:
    with pytest.raises(CorruptModel):
        WindowAverage.from_dict(document)
