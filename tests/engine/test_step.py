"""The step of a shop, and the weeks that events lie in."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting import DailyHistory, Event, InvalidHistory, Step, infer_step
from siprems_engine.forecasting.event_weeks import events_of
from siprems_engine.forecasting.step import week_dates, weekday
from tests.engine import synthetic

WEDNESDAY = np.datetime64("2024-05-01")


def _days(*offsets: int) -> np.ndarray:
    return WEDNESDAY + np.array(offsets, dtype=np.int64)


@pytest.mark.parametrize(
    ("offsets", "step"),
    [
        ((), Step.DAY),
        ((0,), Step.DAY),
        ((0, 7, 14), Step.DAY),
        ((0, 7, 14, 21), Step.WEEK),
        ((0, 7, 28, 35, 700), Step.WEEK),
        ((0, 7, 14, 21, 22), Step.DAY),
        ((0, 1, 2, 3, 4), Step.DAY),
        ((0, 14, 28, 41), Step.DAY),
    ],
)
def test_the_step_follows_from_the_gaps(offsets: tuple[int, ...], step: Step) -> None:
    assert infer_step(_days(*offsets)) is step


def test_periods_of_a_horizon() -> None:
    assert [Step.WEEK.periods(days) for days in (1, 6, 7, 13, 28, 365)] == [1, 1, 1, 1, 4, 52]
    assert [Step.DAY.periods(days) for days in (1, 28)] == [1, 28]
    assert (Step.DAY.counted(1), Step.WEEK.counted(3)) == ("1 day", "3 weeks")


def test_weekdays_start_on_monday() -> None:
    days = np.array(["1970-01-01", "2024-07-01", "2024-07-07", "1969-12-28"], dtype="datetime64[D]")
    assert weekday(days).tolist() == [3, 0, 6, 6]


@given(st.integers(-20_000, 60_000), st.integers(0, 6))
def test_every_day_lies_in_exactly_one_week(day: int, dated_on: int) -> None:
    days = np.datetime64(0, "D") + day + np.arange(7)
    dates = week_dates(days, dated_on)
    assert (weekday(dates) == dated_on).all()
    assert len(np.unique(dates)) <= 2
    distance = (dates - days).astype(int)
    # A week dated on Monday has begun on its date, any other ends on it.
    assert (
        ((distance <= 0) & (distance > -7)).all()
        if dated_on == 0
        else ((distance >= 0) & (distance < 7)).all()
    )


def test_events_move_to_the_date_of_their_week() -> None:
    fair = [Event("Fair", datetime.date(2024, 5, day)) for day in (1, 2, 8, 9)]
    weekly = DailyHistory(_days(0, 7), np.ones(2), np.zeros(2), Step.WEEK)
    dates = [event.date.day for event in events_of(weekly, fair)]
    assert dates == [1, 8, 8, 15]
    monday = DailyHistory(_days(-2, 5), np.ones(2), np.zeros(2), Step.WEEK)
    assert [event.date for event in events_of(monday, fair)] == [
        datetime.date(2024, *day) for day in ((4, 29), (4, 29), (5, 6), (5, 6))
    ]


def test_events_at_the_ends_of_the_calendar_are_left_out() -> None:
    ends = [Event("End", datetime.date.max), Event("Start", datetime.date.min)]
    assert list(events_of(synthetic.weekly_history(), ends)) == []


def test_daily_histories_take_events_as_they_are() -> None:
    events = synthetic.events()
    assert events_of(synthetic.daily_history(), events) is events
    assert events_of(DailyHistory([], [], [], Step.WEEK), events) is events


def test_rows_between_the_dates_of_weeks_are_left_out() -> None:
    rows = DailyHistory(_days(0, 3, 7), np.array([5.0, 0.0, 6.0]), np.zeros(3))
    weekly = rows.weekly(2)
    assert (weekly.ds.tolist(), weekly.y.tolist()) == (_days(0, 7).tolist(), [5.0, 6.0])
    assert weekly.step is Step.WEEK
    with pytest.raises(InvalidHistory, match="one weekday"):
        DailyHistory(rows.ds, rows.y, rows.promo, Step.WEEK)


def test_weeks_are_filled_with_zeros() -> None:
    history = DailyHistory(_days(0, 21), np.array([5.0, 6.0]), np.ones(2), Step.WEEK)
    assert history.zero_filled().y.tolist() == [5.0, 0.0, 0.0, 6.0]
    filled = history.zero_filled(_days(0, 7, 21, 28), until=WEDNESDAY + 28)
    assert filled.y.tolist() == [5.0, 0.0, 6.0, 0.0]
    assert filled.between(None, WEDNESDAY + 7).step is filled.step is Step.WEEK
