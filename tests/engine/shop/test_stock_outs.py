"""Hidden demand, against a loop over the periods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting.shop.stock_outs import FEWEST_LEFT, LONGEST_EMPTY, stock_outs
from siprems_engine.forecasting.step import Step

# Units, whether they count, and the level at the end: -1 empty, 0 unknown, 1 filled.
PERIOD = st.tuples(st.sampled_from([0.0, 0.0, 2.0]), st.booleans(), st.sampled_from([-1, 0, 0, 1]))


def hidden(sold: list[float], levels: list[int], known: list[bool], step: Step = Step.DAY) -> list[bool]:
    place = np.array([place for place, level in enumerate(levels) if level], dtype=np.int64)
    on_hand = np.array([float(level) for level in levels if level])
    return stock_outs(np.array(sold), np.array(known, dtype=bool), place, on_hand, step).tolist()


def naive(sold: list[float], levels: list[int], known: list[bool], step: Step) -> list[bool]:
    shut, sold_out = [], []
    record, age = 0, 0
    written, doubted = 0, False
    for units, told in zip(sold, levels, strict=True):
        if told > 0:
            doubted = False
        elif units > 0 and written < 0:
            doubted = True
        if told or units > 0:
            written = told
        level = 0 if doubted and told < 0 else told
        age += 1
        empty_before = record < 0 and age <= LONGEST_EMPTY[step]
        shut.append(units == 0 and (level < 0 or empty_before))
        sold_out.append(units > 0 and level < 0)
        if level or units > 0:
            record, age = level, 0
    both = [a or b for a, b in zip(shut, sold_out, strict=True)]
    left = sum(k and not b for k, b in zip(known, both, strict=True))
    return both if left >= FEWEST_LEFT else shut


@given(st.sampled_from(Step), st.lists(PERIOD, min_size=1, max_size=60))
def test_every_period_is_judged_as_a_loop_would(step: Step, periods: list[tuple[float, bool, int]]) -> None:
    sold, known, levels = (list(column) for column in zip(*periods, strict=True))
    assert hidden(sold, levels, known, step) == naive(sold, levels, known, step)


def test_a_sell_out_is_hidden_until_something_arrives() -> None:
    sold = [5.0] * 10 + [3.0, 0.0, 0.0, 0.0, 4.0]
    levels = [1] * 10 + [-1, 0, 0, 1, 1]
    assert np.flatnonzero(hidden(sold, levels, [True] * 15)).tolist() == [10, 11, 12, 13]


def test_a_sale_shows_that_a_record_is_stale() -> None:
    assert hidden([1.0] * 9 + [1.0, 1.0, 0.0], [1] * 9 + [-1, 0, 0], [True] * 12)[11] is False


def test_selling_from_a_shelf_recorded_as_empty_refutes_the_record() -> None:
    # A shop that may sell more than it has and never counts: the level only sinks.
    seldom = [0.0, 2.0, 0.0, 0.0] * 10
    assert np.flatnonzero(hidden(seldom, [-1 if units else 0 for units in seldom], [True] * 40)).tolist() == [
        1,
        2,
        3,
        4,
    ]
    every_day_on_file = [-1] * 40
    assert np.flatnonzero(hidden(seldom, every_day_on_file, [True] * 40)).tolist() == [0]


def test_a_delivery_makes_the_record_credible_again() -> None:
    sold = [5.0] * 10 + [3.0, 3.0, 0.0, 5.0, 5.0, 0.0]
    levels = [1] * 10 + [-1, -1, 0, 1, -1, 0]
    assert np.flatnonzero(hidden(sold, levels, [True] * 16)).tolist() == [10, 14, 15]


def test_an_empty_shelf_is_believed_for_a_while_only() -> None:
    sold = [1.0] * 8 + [0.0] * 40
    made = np.flatnonzero(hidden(sold, [0] * 7 + [-1] + [0] * 40, [True] * 48))
    assert made.tolist() == list(range(7, 8 + LONGEST_EMPTY[Step.DAY]))


def test_sales_on_the_last_unit_count_where_little_else_is_known() -> None:
    assert not any(hidden([1.0] * 8, [-1] * 8, [True] * 8))


def test_the_last_record_of_a_period_counts() -> None:
    place, on_hand = np.array([8, 8, 9, 9]), np.array([0.0, 3.0, 3.0, 0.0])
    made = stock_outs(np.array([1.0] * 10), np.ones(10, dtype=bool), place, on_hand, Step.DAY)
    assert np.flatnonzero(made).tolist() == [9]


@pytest.mark.parametrize("level", [0.0, -3.0])
def test_levels_below_nothing_are_empty_too(level: float) -> None:
    made = stock_outs(np.zeros(3), np.ones(3, dtype=bool), np.array([1]), np.array([level]), Step.DAY)
    assert made.tolist() == [False, True, True]
