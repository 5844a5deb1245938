"""The forecast to beat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting import DailyHistory, NotEnoughData, Step
from siprems_engine.forecasting.seasonal_naive import season_of, seasonal_naive
from siprems_engine.forecasting.step import weekday
from tests.engine import synthetic

DAY = np.datetime64("2024-01-01")


def plain(y: list[float], step: Step = Step.DAY) -> DailyHistory:
    return DailyHistory(DAY + step.days * np.arange(len(y)), np.array(y, float), np.zeros(len(y)), step)


def test_the_last_week_comes_again() -> None:
    filled = plain([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    made = seasonal_naive(filled, filled.ds[-1] + np.arange(1, 16))
    assert made.yhat.tolist() == [8, 9, 10, 11, 12, 13, 14] * 2 + [8]
    assert made.upper[7] - made.yhat[7] == pytest.approx((made.upper[0] - made.yhat[0]) * 2**0.5)


def test_where_the_shop_was_shut_the_week_before_counts() -> None:
    whole = plain([float(number) for number in range(1, 22)])
    open_days = np.arange(21) != 15
    filled = DailyHistory(whole.ds[open_days], whole.y[open_days], whole.promo[open_days])
    assert seasonal_naive(filled, whole.ds[-1:] + 2).yhat.tolist() == [9.0]


def test_a_weekday_never_seen_gets_the_mean() -> None:
    filled = plain([3.0, 5.0])
    assert seasonal_naive(filled, DAY + np.array([6])).yhat.tolist() == [4.0]


def test_weeks_come_again_after_a_year_or_else_at_once() -> None:
    long, short = (plain([float(n) for n in range(weeks)], Step.WEEK) for weeks in (110, 60))
    assert (season_of(long), season_of(short)) == (52, 1)
    assert seasonal_naive(long, long.ds[-1:] + 7).yhat.tolist() == [58.0]
    assert seasonal_naive(short, short.ds[-1:] + 7 * np.arange(1, 4).reshape(-1)).yhat.tolist() == [59.0] * 3


def test_nothing_gives_nothing() -> None:
    with pytest.raises(NotEnoughData):
        seasonal_naive(plain([]), DAY + np.arange(3))


@given(st.integers(1, 40), st.integers(1, 30), st.integers(0, 5))
def test_every_value_is_of_its_weekday(rows: int, h: int, seed: int) -> None:
    history = synthetic.daily_history(seed, days=60)
    filled = DailyHistory(history.ds[:rows], history.y[:rows], history.promo[:rows])
    ds = filled.ds[-1] + np.arange(1, h + 1)
    made = seasonal_naive(filled, ds)
    assert (made.lower >= 0).all()
    assert (made.lower <= made.yhat).all()
    assert (made.yhat <= made.upper).all()
    for day, value in zip(ds, made.yhat, strict=True):
        same = filled.y[weekday(filled.ds) == weekday(np.array([day]))[0]]
        assert value == pytest.approx(same[-1] if len(same) else filled.y.mean())
