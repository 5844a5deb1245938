"""Categories of products on their way from a shop's grid to the engines."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.errors import InvalidHistory
from siprems_engine.forecasting.shop import Grid, Panel
from siprems_engine.forecasting.shop.panel import LONGEST_PAST
from siprems_engine.forecasting.step import Step
from tests.engine.shop.panels import FIRST, panel_of


def grid() -> Grid:
    product, days = np.repeat(np.arange(3), 1300), FIRST + np.tile(np.arange(1300), 3)
    return Grid.from_rows(3, product, days, np.ones(3900))


def test_a_panel_has_the_categories_of_its_products() -> None:
    shop = grid().with_categories(np.array([4, -1, 7]))
    np.testing.assert_array_equal(shop.panel(500, 7).categories, [4, -1, 7])
    np.testing.assert_array_equal(shop.panel(500, 7, np.array([2, 0])).categories, [7, 4])


def test_they_outlast_the_periods_that_are_left_out() -> None:
    recent = grid().with_categories(np.array([4, -1, 7])).panel(1299, 7).recent()
    assert recent.past == LONGEST_PAST[Step.DAY]
    np.testing.assert_array_equal(recent.categories, [4, -1, 7])


def test_without_categories_all_are_unknown() -> None:
    np.testing.assert_array_equal(grid().panel(500, 7).categories, [-1, -1, -1])


def test_each_product_has_one_category() -> None:
    plain = panel_of(np.ones((3, 30)))
    with pytest.raises(InvalidHistory):
        Panel(plain.days, plain.units, plain.promo, plain.step, plain.events, np.array([1, 2]))
