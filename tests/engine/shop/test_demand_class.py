"""Fast, slow and intermittent by how often a product sells."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.demand_class import (
    RECENT,
    DemandClass,
    classify,
    members,
    shares_with_sale,
)
from tests.engine.shop.shops import grid_of


def every(periods: int, length: int = 400) -> np.ndarray:
    """One unit in the last of every so many periods."""
    return (np.arange(length) % periods == periods - 1).astype(float)


def test_classes_by_the_periods_between_sales() -> None:
    units = np.stack([every(1), every(2), every(3), every(5), every(9)])
    found = members(grid_of(units), 399, np.arange(5))
    assert {name: rows.tolist() for name, rows in found.items()} == {
        DemandClass.FAST: [0],
        DemandClass.SLOW: [1, 2],
        DemandClass.INTERMITTENT: [3, 4],
    }


def test_three_sales_in_four_periods_are_slow_and_four_in_five_fast() -> None:
    units = np.stack([1.0 - every(4), 1.0 - every(5), every(1)])
    found = members(grid_of(units), 399, np.arange(3))
    assert found[DemandClass.SLOW].tolist() == [0]
    assert found[DemandClass.FAST].tolist() == [1, 2]


def test_only_the_last_half_year_counts() -> None:
    fading = every(1)
    fading[200:] = 0.0
    units = np.stack([fading, every(1)])
    fast, rare = DemandClass.FAST, DemandClass.INTERMITTENT
    assert classify(units[:, :200], Step.DAY) == [fast, fast]
    assert classify(units[:, : 200 + RECENT[Step.DAY]], Step.DAY) == [rare, fast]
    assert members(grid_of(units), 199, np.arange(2))[fast].tolist() == [0, 1]
    assert members(grid_of(units), 199 + RECENT[Step.DAY], np.arange(2))[fast].tolist() == [1]


def test_what_is_not_known_does_not_count() -> None:
    units = np.stack([every(1), every(1), every(1)])
    units[:, 350:360] = 0.0
    units[1, :390] = np.nan
    units[2, 361:380] = 0.0
    grid = grid_of(units)
    empty = np.zeros(units.shape, dtype=bool)
    empty[2, 361:380] = True
    share = shares_with_sale(grid.without_stock(empty).known_units(399))
    np.testing.assert_array_equal(share, [1.0, 1.0, 1.0])


def test_a_product_of_which_nothing_is_known_has_no_class_and_is_among_those_that_seldom_sell() -> None:
    units = np.stack([every(1), np.full(400, np.nan)])
    assert classify(units, Step.DAY) == [DemandClass.FAST, None]
    assert members(grid_of(units), 399, np.arange(2))[DemandClass.INTERMITTENT].tolist() == [1]


def test_every_product_is_in_one_class() -> None:
    units = np.random.default_rng(4).poisson(np.linspace(0.01, 3.0, 60)[:, None], (60, 300)).astype(float)
    chosen = np.arange(60)[::2]
    found = members(grid_of(units), 299, chosen)
    assert sorted(np.concatenate(list(found.values())).tolist()) == chosen.tolist()
    assert all(len(rows) for rows in found.values())
