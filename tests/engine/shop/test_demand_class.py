"""Fast, slow and intermittent by how often a product sells."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.demand_class import RECENT, DemandClass, members, shares_with_sale
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


def test_only_the_last_half_year_before_the_cutoff_counts() -> None:
    fading = every(1)
    fading[200:] = 0.0
    units = np.stack([fading, every(1)])
    grid = grid_of(units)
    rows = np.arange(2)
    assert shares_with_sale(grid, 199, rows)[0] == 1.0
    assert shares_with_sale(grid, 200 + RECENT[Step.DAY], rows)[0] == 0.0


def test_closed_periods_and_those_before_the_first_row_do_not_count() -> None:
    units = np.stack([every(1), every(1)])
    units[:, 350:360] = 0.0
    units[1, :390] = np.nan
    share = shares_with_sale(grid_of(units), 399, np.arange(2))
    np.testing.assert_array_equal(share, [1.0, 1.0])


def test_every_product_is_in_one_class() -> None:
    units = np.random.default_rng(4).poisson(np.linspace(0.01, 3.0, 60)[:, None], (60, 300)).astype(float)
    chosen = np.arange(60)[::2]
    found = members(grid_of(units), 299, chosen)
    assert sorted(np.concatenate(list(found.values())).tolist()) == chosen.tolist()
    assert all(len(rows) for rows in found.values())
