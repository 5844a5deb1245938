import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.forecasting import Step
from siprems_engine.inventory.classification import (
    DemandPattern,
    ValueClass,
    VariationClass,
    demand_patterns,
    value_classes,
    variation_classes,
    weekly_means,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("units", "pattern"),
    [
        ([5, 5, 6, 5, 4, 5], DemandPattern.SMOOTH),
        ([1, 9, 1, 1, 20, 1], DemandPattern.ERRATIC),
        ([3, 0, 0, 3, 0, 0], DemandPattern.INTERMITTENT),
        ([1, 0, 0, 30, 0, 0], DemandPattern.LUMPY),
        ([0, 0, 0], None),
        ([NAN, NAN], None),
        # Days without knowledge are no pauses: without them this sells every day.
        ([5, NAN, NAN, 5, NAN, NAN], DemandPattern.SMOOTH),
        ([7], DemandPattern.SMOOTH),
    ],
)
def test_the_four_patterns(units, pattern):
    assert demand_patterns(np.array([units], dtype=float)) == [pattern]


def test_patterns_change_at_the_published_cutoffs():
    # 25 sales in 33 periods are 1.32 apart, which still is often; in 34 they are seldom.
    often, seldom = np.zeros((1, 33)), np.zeros((1, 34))
    often[0, :25] = seldom[0, :25] = 4.0
    assert demand_patterns(often) == [DemandPattern.SMOOTH]
    assert demand_patterns(seldom) == [DemandPattern.INTERMITTENT]
    # Two sizes a and b have a squared variation of ((a-b)/(a+b))²: 0.7² is the cutoff.
    assert demand_patterns(np.array([[17.0, 3.0]])) == [DemandPattern.SMOOTH]
    assert demand_patterns(np.array([[17.1, 3.0]])) == [DemandPattern.ERRATIC]


def test_value_classes_by_cumulated_share():
    value = np.array([5.0, 80.0, 15.0, 0.0, NAN, -3.0])
    assert value_classes(value) == ["C", "A", "B", "C", "C", "C"]
    assert value_classes(np.array([7.0])) == ["A"]
    assert value_classes(np.zeros(2)) == ["C", "C"]
    assert value_classes(np.zeros(0)) == []


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_no_product_is_in_a_better_class_than_a_more_valuable_one(values):
    classes = value_classes(np.array(values))
    rank = [list(ValueClass).index(each) for each in classes]
    in_order = [rank[place] for place in np.argsort(-np.array(values), kind="stable")]
    assert in_order == sorted(in_order)


def test_variation_by_week_passes_over_quiet_weekdays():
    week = [0, 2, 4, 6, 8, 20, 0]
    units = np.array([week * 8, [0] * 7 * 7 + week, [5] * 28 + [NAN] * 28], dtype=float)
    assert variation_classes(units, Step.DAY) == [VariationClass.X, VariationClass.Z, VariationClass.X]
    assert variation_classes(np.array([[5.0, 15.0, 5.0, 15.0, 0.0]]), Step.WEEK) == [VariationClass.Y]


def test_too_little_is_no_class():
    assert variation_classes(np.full((1, 20), 3.0), Step.DAY) == [None]
    assert variation_classes(np.zeros((1, 70)), Step.DAY) == [None]
    assert variation_classes(np.zeros((2, 0)), Step.DAY) == [None, None]


def test_weeks_are_counted_from_the_end_and_holidays_are_no_less_demand():
    units = np.full((1, 16), 2.0)
    units[0, 10:12] = NAN
    assert weekly_means(units).tolist() == [[2.0, 2.0]]
    units[0, 9:15] = NAN
    assert np.isnan(weekly_means(units)[0, 1])
