"""The forecast of a shop, product by product."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.shop import LEVELS, Grid, forecast_shop
from siprems_engine.forecasting.shop.served import serve_shop

FIRST = np.datetime64("2026-01-01")
DAYS, PRODUCTS, HORIZON = 150, 4, 10


@pytest.fixture(scope="module")
def grid() -> Grid:
    units = np.random.default_rng(1).poisson(8.0, (PRODUCTS, DAYS)).astype(float)
    product, day = np.indices(units.shape)
    return Grid.from_rows(PRODUCTS, product.ravel(), FIRST + day.ravel(), units.ravel())


def test_products_get_what_the_shop_was_forecast(grid: Grid) -> None:
    cutoff = FIRST + 119
    served = serve_shop(grid, cutoff, HORIZON)
    made = forecast_shop(grid.panel(119, HORIZON))
    ds = cutoff + np.array([1, 3, 10])
    for product in range(PRODUCTS):
        one = served.of(product, ds)
        np.testing.assert_array_equal(one.yhat, made.mean[product, [0, 2, 9]])
        np.testing.assert_array_equal(one.quantiles(LEVELS).T, made.quantiles[product, [0, 2, 9]])
        assert (one.lower <= one.yhat).all()
        assert (one.yhat <= one.upper).all()
        between = one.quantiles([0.1, 0.17, 0.25])
        assert (between[0] <= between[1]).all()
        assert (between[1] <= between[2]).all()
        assert (one.engine, one.step.value) == ("auto", "day")
