"""Rows on a calendar, compared with the plainest loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.errors import InvalidHistory, InvalidRequest
from siprems_engine.forecasting.shop import Grid
from siprems_engine.forecasting.shop.grid import step_of
from tests.engine.shop.shops import FIRST, grid_of

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(-5, 9), st.booleans()),
    min_size=1,
    max_size=40,
)


def build(rows: list[tuple[int, int, int, bool]], step: int = 1) -> Grid:
    product, day, units, promo = (np.array(column) for column in zip(*rows, strict=True))
    return Grid.from_rows(4, product, FIRST + day * step, units.astype(float), promo.astype(float))


@given(ROWS)
def test_units_zeros_and_what_came_before_the_first_row(rows: list[tuple[int, int, int, bool]]) -> None:
    # A row on the day after the first keeps the step daily.
    rows = [*rows, (0, 0, 1, False), (0, 1, 0, False)]
    grid = build(rows)
    first = min(day for _, day, _, _ in rows)
    for product in range(4):
        own = [row for row in rows if row[0] == product]
        for place, date in enumerate(grid.days):
            day = place + first
            assert date == FIRST + day
            here = [row for row in own if row[1] == day]
            begun = any(row[1] <= day for row in own)
            wanted = sum(max(row[2], 0) for row in here) if begun else np.nan
            np.testing.assert_equal(grid.units[product, place], wanted)
            assert grid.promo[product, place] == any(row[3] for row in here)
    sold = [sum(max(row[2], 0) for row in rows if row[1] == place + first) for place in range(len(grid.days))]
    assert grid.open.tolist() == [units > 0 for units in sold]


@given(ROWS)
def test_the_order_of_the_rows_says_nothing(rows: list[tuple[int, int, int, bool]]) -> None:
    one, other = build(rows), build(rows[::-1])
    np.testing.assert_array_equal(one.units, other.units)
    np.testing.assert_array_equal(one.promo, other.promo)


@pytest.mark.parametrize(
    ("days", "step"),
    [
        ([0, 7, 21], Step.WEEK),
        ([0, 7, 8], Step.DAY),
        ([0], Step.DAY),
        ([0, 1], Step.DAY),
        ([0, 70], Step.WEEK),
    ],
)
def test_the_step_is_a_week_if_every_gap_holds_whole_weeks(days: list[int], step: Step) -> None:
    assert step_of(FIRST + np.array(days)) is step


def test_weekly_rows_lie_on_a_weekly_calendar() -> None:
    grid = build([(0, 0, 3, False), (1, 3, 4, True)], step=7)
    assert grid.step is Step.WEEK
    assert (np.diff(grid.days).astype(int) == 7).all()
    np.testing.assert_array_equal(grid.units[1], [np.nan, np.nan, np.nan, 4])


def test_a_panel_knows_nothing_of_closed_days_of_stock_outs_and_of_the_future() -> None:
    units = np.array([[1.0, 0, 2, 5, 7], [np.nan, 0, 0, 1, 7]])
    out = np.zeros((2, 5), dtype=bool)
    out[0, 2] = True
    promo = np.zeros((2, 5), dtype=bool)
    promo[1, 4] = True
    grid = grid_of(units, promo=promo).without_stock(out).with_events(np.array([FIRST + 4, FIRST + 5]))
    panel = grid.panel(last=3, horizon=2)
    np.testing.assert_array_equal(panel.units, [[1, np.nan, np.nan, 5], [np.nan, np.nan, 0, 1]])
    np.testing.assert_array_equal(panel.promo, [[False] * 6, [False] * 4 + [True, False]])
    np.testing.assert_array_equal(panel.events, [False] * 4 + [True, True])
    chosen = grid.panel(last=3, horizon=2, chosen=np.array([1]))
    np.testing.assert_array_equal(chosen.units, panel.units[1:])


def test_an_event_belongs_to_its_week() -> None:
    units = np.ones((1, 4))
    # FIRST is a Monday, so that weeks begin on their date.
    grid = grid_of(units, Step.WEEK).with_events(np.array([FIRST + 10]))
    assert grid.panel(3, 1).events.tolist() == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("days", "quantities", "message"),
    [
        ([], [], "no sales"),
        (["NaT"], [1.0], "A date is missing"),
        (["1024-01-01"], [1.0], "outside"),
        (["2024-01-01"], [np.nan], "not a sensible number"),
        (["2024-01-01"], [np.inf], "not a sensible number"),
        (["2024-01-01"], [1e15], "not a sensible number"),
    ],
)
def test_rows_that_make_no_sense(days: list[str], quantities: list[float], message: str) -> None:
    with pytest.raises(InvalidHistory, match=message):
        Grid.from_rows(
            1,
            np.zeros(len(days), dtype=np.int64),
            np.array(days, dtype="datetime64[D]"),
            np.array(quantities),
        )


def test_a_mistyped_date_does_not_fill_the_memory() -> None:
    days = np.array(["1901-01-01", "2024-01-01"], dtype="datetime64[D]")
    with pytest.raises(InvalidHistory, match="is a date mistyped"):
        Grid.from_rows(10_000, np.array([0, 1]), days, np.ones(2))


@pytest.mark.parametrize("last", [-1, 3])
def test_a_period_that_is_not_on_the_calendar(last: int) -> None:
    with pytest.raises(InvalidRequest):
        grid_of(np.ones((1, 3))).panel(last, 1)
