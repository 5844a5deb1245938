"""Cut-offs of a shop's past and what is forecast at each."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.shop.folds import by_engines, cutoffs, eligible, fold, horizon_parts
from tests.engine.shop.shops import grid_of, plant


def test_cutoffs_lie_a_horizon_apart_before_the_end() -> None:
    grid = grid_of(np.ones((1, 100)))
    assert cutoffs(grid, 14, 4) == [85, 71, 57, 43]
    assert cutoffs(grid, 98, 1) == [1]


@pytest.mark.parametrize(("horizon", "count"), [(99, 1), (14, 8), (0, 1), (1, 0)])
def test_cutoffs_without_room(horizon: int, count: int) -> None:
    with pytest.raises(InvalidRequest):
        cutoffs(grid_of(np.ones((1, 100))), horizon, count)


def test_products_count_from_eight_sales_on() -> None:
    units = np.zeros((3, 30))
    units[0, :8], units[1, :7], units[2, 20:] = 1.0, 1.0, 1.0
    grid = grid_of(units)
    assert eligible(grid, 19).tolist() == [0]
    assert eligible(grid, 29).tolist() == [0, 2]


def test_forecasts_are_of_open_periods_only() -> None:
    units = plant(products=4, periods=100).grid.units.copy()
    units[:, [88, 93]] = 0.0
    made = fold(grid_of(units), 85, 14, by_engines(["window-average"]))
    assert made.periods.tolist() == [p for p in range(86, 100) if p not in (88, 93)]
    assert made.made.mean.shape == (4, 12)
    assert made.made.quantiles.shape == (4, 12, 7)


def test_a_fold_without_products_is_empty() -> None:
    made = fold(grid_of(np.zeros((3, 40))), 20, 5, by_engines())
    assert made.made.mean.shape == (0, 0)
    assert made.made.quantiles.shape == (0, 0, 7)


def test_parts_of_a_fold() -> None:
    whole = fold(plant(products=4, periods=100).grid, 85, 14, by_engines(["window-average"]))
    some = whole.of(np.array([3, 1, 99]))
    assert some.products.tolist() == [1, 3]
    np.testing.assert_array_equal(some.made.quantiles, whole.made.quantiles[[1, 3]])
    np.testing.assert_array_equal(some.made.totals, whole.made.totals[[1, 3]])
    late = whole.between(10, 14)
    assert (late.periods - late.last).tolist() == [10, 11, 12, 13, 14]
    np.testing.assert_array_equal(late.made.mean, whole.made.mean[:, 9:])
    assert np.isnan(late.made.totals).all()


@pytest.mark.parametrize(
    ("horizon", "parts"),
    [(1, [(1, 1)]), (2, [(1, 1), (2, 2)]), (8, [(1, 3), (4, 6), (7, 8)]), (14, [(1, 5), (6, 10), (11, 14)])],
)
def test_the_horizon_in_parts(horizon: int, parts: list[tuple[int, int]]) -> None:
    assert horizon_parts(horizon) == parts
