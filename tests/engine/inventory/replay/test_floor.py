import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.inventory.replay.floor import Floor


def array(*values):
    return np.array(values, dtype=float)


def test_an_order_comes_after_its_lead_time_before_anything_sells():
    floor = Floor(np.full((1, 6), 2.0), array(3))
    floor.order(array(10), np.array([1]))
    floor.run(1)
    assert floor.coming()[0].size == 0
    made = floor.ledger()
    # In the evening before the first period a lead time of 1 means the morning of the second.
    assert made.came[0, :2].tolist() == [0, 10]
    assert made.stock[0, :2].tolist() == [1, 9]
    floor.order(array(4), np.array([0]))
    assert [column.tolist() for column in floor.coming()] == [[0], [0], [4]]
    floor.run(5)
    assert floor.ledger().came[0, 2] == 4


def test_what_is_not_there_is_lost_and_not_waited_for():
    floor = Floor(array(5, 5, 5)[None, :], array(7))
    floor.order(array(20), np.array([2]))
    floor.run(2)
    made = floor.ledger()
    assert made.sold[0].tolist() == [5, 2, 5]
    assert made.lost[0].tolist() == [0, 3, 0]
    assert made.stock[0].tolist() == [2, 0, 15]


def test_the_oldest_sells_first_and_expires_first():
    floor = Floor(array(1, 1, 1, 1)[None, :], array(4), array(2))
    floor.order(array(3), np.array([1]))
    floor.run(3)
    made = floor.ledger()
    # Of the 4 there at first 2 sell in their two periods, and 2 expire; so do 2 of the 3 that came.
    assert made.wasted[0].tolist() == [0, 2, 2, 0]
    assert made.sold[0].tolist() == [1, 1, 1, 0]
    assert made.stock[0].tolist() == [3, 3, 0, 0]


def test_products_that_keep_and_products_that_do_not_lie_side_by_side():
    floor = Floor(np.zeros((2, 5)), array(3, 3), array(np.inf, 1))
    floor.run(4)
    assert floor.ledger().wasted.tolist() == [[0] * 5, [3, 0, 0, 0, 0]]
    assert floor.on_hand.tolist() == [3, 0]


units = st.integers(0, 12).map(float)


@given(
    st.lists(st.tuples(units, units, st.integers(0, 4)), min_size=3, max_size=20),
    st.integers(0, 30),
    st.sampled_from([np.inf, 1.0, 3.0]),
)
@settings(max_examples=80, deadline=None)
def test_nothing_appears_or_vanishes_and_a_loop_says_the_same(days, start, life):
    demand = array(*(day[0] for day in days))
    floor = Floor(demand[None, :], array(start), array(life))
    for period, (_, ordered, lead) in enumerate(days):
        floor.run(period)
        floor.order(array(ordered), np.array([lead]))
    made = floor.ledger()
    assert (made.stock >= 0).all()
    assert made.sold + made.lost == pytest.approx(demand[None, :])
    assert start + made.came.sum() == pytest.approx(made.sold.sum() + made.wasted.sum() + made.stock[0, -1])
    assert made.stock[0].tolist() == _by_hand(days, start, life)


def _by_hand(days, start, life):
    """One unit after the other, each with the period in which it expires."""
    shelf, evenings = [life] * start, []
    for period, (wanted, _, _) in enumerate(days):
        for earlier, (_, ordered, lead) in enumerate(days[:period]):
            if earlier + 1 + lead == period:
                shelf += [period + life] * int(ordered)
        shelf = sorted(shelf)[int(wanted) :]
        shelf = [end for end in shelf if end > period + 1]
        evenings.append(float(len(shelf)))
    return evenings
