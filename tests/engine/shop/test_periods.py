"""Plans on a calendar, against a loop over all days."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting.series import Days
from siprems_engine.forecasting.shop.periods import places, planned
from siprems_engine.forecasting.step import Step, week_dates, weekday

FIRST = np.datetime64("2026-03-02", "D")
ROWS, PERIODS = 3, 12
PLAN = st.tuples(st.integers(0, ROWS - 1), st.integers(-30, 100), st.integers(-30, 100))


def calendar(step: Step, dated_on: int) -> Days:
    return FIRST + dated_on + step.days * np.arange(PERIODS)


@given(st.sampled_from(Step), st.integers(0, 6), st.lists(PLAN, max_size=8))
def test_a_period_is_marked_if_any_of_its_days_is_planned(
    step: Step, dated_on: int, plans: list[tuple[int, int, int]]
) -> None:
    days = calendar(step, dated_on)
    made = planned(
        days,
        step,
        ROWS,
        row=np.array([row for row, _, _ in plans], dtype=np.int64),
        first=FIRST + np.array([first for _, first, _ in plans], dtype=np.int64),
        last=FIRST + np.array([last for _, _, last in plans], dtype=np.int64),
    )
    naive = np.zeros((ROWS, PERIODS), dtype=bool)
    for row, first, last in plans:
        for offset in range(first, last + 1):
            day = np.array([FIRST + offset])
            if step is Step.WEEK:
                day = week_dates(day, dated_on)
            naive[row] |= days == day
    np.testing.assert_array_equal(made, naive)


def test_places_reach_beyond_the_calendar() -> None:
    dates = FIRST + np.array([-7, -1, 0, 6, 7])
    assert places(calendar(Step.DAY, 0), Step.DAY, dates).tolist() == [-7, -1, 0, 6, 7]
    assert places(calendar(Step.WEEK, 0), Step.WEEK, dates).tolist() == [-1, -1, 0, 0, 1]
    assert weekday(calendar(Step.WEEK, 2)[:1])[0] == 2
    # Weeks dated on a Wednesday end on it.
    assert places(calendar(Step.WEEK, 2), Step.WEEK, FIRST + np.array([2, 3])).tolist() == [0, 1]
