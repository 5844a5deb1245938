"""A shop's service level, shared out by class of value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting import Step
from siprems_engine.inventory.classification import ValueClass
from siprems_engine.inventory.replay.levels import levels_of_plan
from siprems_engine.inventory.shared_levels import FEWEST_PRODUCTS, shared_out
from tests.engine.inventory.replay.test_replay import course_of


def test_the_odds_double_for_a_and_halve_for_c():
    found = shared_out(np.full(4, 0.95), ["A", "B", "C", None])
    np.testing.assert_allclose(found / (1 - found), [38.0, 19.0, 9.5, 19.0])


@given(st.lists(st.tuples(st.floats(0.001, 0.999), st.sampled_from([*ValueClass, None])), min_size=1))
def test_levels_stay_probabilities_and_keep_the_order_of_classes(said):
    level = np.array([each for each, _ in said])
    found = shared_out(level, [value_class for _, value_class in said])
    assert ((found > 0) & (found < 1)).all()
    more, less = shared_out(level, ["A"] * len(said)), shared_out(level, ["C"] * len(said))
    assert ((less < level) & (level < more) & (less <= found) & (found <= more)).all()


def test_where_costs_decide_nothing_is_said():
    assert np.isnan(shared_out(np.array([np.nan]), ["A"])).all()


def _units(products: int) -> np.ndarray:
    """Products of which each sells half as much as the one before."""
    return np.tile(1024.0 * 0.5 ** np.arange(products)[:, None], (1, 120))


def test_a_replay_takes_classes_from_before_its_first_review():
    units = _units(12)
    course = course_of(units, 5)
    expected = ["A", "A", "A", "B", "B"] + ["C"] * 7
    np.testing.assert_allclose(levels_of_plan(course), shared_out(np.full(12, 0.95), expected))
    later = units.copy()
    later[:, course.first + 1 :] = 1.0
    np.testing.assert_allclose(levels_of_plan(course_of(later, 5)), levels_of_plan(course))


def test_what_is_said_of_a_product_stays_and_prices_count():
    own = np.arange(12) == 0
    found = levels_of_plan(course_of(_units(12), 5), own)
    assert (found[0], found[1]) == (0.95, pytest.approx(38 / 39))
    dear = course_of(_units(12), 5, price=2.0 ** np.arange(12), unit_cost=1.0)
    assert levels_of_plan(dear) == pytest.approx(shared_out(np.full(12, 0.95), ["A"] * 10 + ["B"] * 2))


def test_a_few_products_are_no_catalogue():
    course = course_of(_units(FEWEST_PRODUCTS - 1), 5, Step.DAY)
    assert (levels_of_plan(course) == 0.95).all()
