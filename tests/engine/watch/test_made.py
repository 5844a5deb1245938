"""Forecasts of the past on the calendar, against loops."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.watch import made as module
from siprems_engine.forecasting.watch.made import Made

PRODUCTS, PERIODS, HORIZON = 4, 12, 5


def some(seed: int = 1) -> Made:
    """Forecasts of some products at some origins, of various lengths, also from before the calendar."""
    random = np.random.default_rng(seed)
    pairs = [(p, o) for p in range(PRODUCTS) for o in range(-4, PERIODS) if random.random() < 0.6]
    product, origin = (np.array(column) for column in zip(*pairs, strict=True))
    mean = random.gamma(2.0, 3.0, (len(pairs), HORIZON))
    quantiles = np.sort(random.gamma(2.0, 3.0, (len(pairs), HORIZON, 5)), axis=2)
    ends = random.integers(1, HORIZON + 1, len(pairs))
    beyond = np.arange(HORIZON) >= ends[:, None]
    mean[beyond], quantiles[beyond] = np.nan, np.nan
    return Made(product, origin, mean, quantiles)


def some_sales(seed: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    units = random.poisson(6.0, (PRODUCTS, PERIODS)).astype(float)
    units[random.random(units.shape) < 0.2] = np.nan
    return units


def test_the_newest_forecast_before_a_period_counts() -> None:
    made = some()
    found = module.newest(made, PRODUCTS, PERIODS)
    for product in range(PRODUCTS):
        for period in range(PERIODS):
            candidates = [
                (period - made.origin[row], row)
                for row in np.flatnonzero(made.product == product)
                if 1 <= period - made.origin[row] <= HORIZON
                and not np.isnan(made.mean[row, period - made.origin[row] - 1])
            ]
            if not candidates:
                assert np.isnan(found.mean[product, period])
                assert (found.ahead[product, period], found.row[product, period]) == (0, -1)
                continue
            ahead, row = min(candidates)
            assert (found.ahead[product, period], found.row[product, period]) == (ahead, row)
            assert found.mean[product, period] == made.mean[row, ahead - 1]
            np.testing.assert_array_equal(found.quantiles[product, period], made.quantiles[row, ahead - 1])


def test_only_what_is_known_is_judged() -> None:
    made, sold = some(), some_sales()
    flags = module.judged(made, sold)
    for row in range(len(made.product)):
        for ahead in range(HORIZON):
            target = made.origin[row] + 1 + ahead
            expected = 0 <= target < PERIODS and not np.isnan(made.mean[row, ahead])
            expected = expected and not np.isnan(sold[made.product[row], target])
            assert flags[row, ahead] == expected
    assert flags.any()
    assert not flags.all()


def test_no_forecasts_at_all() -> None:
    none = Made(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3)), np.zeros((0, 3, 5)))
    assert np.isnan(module.newest(none, 2, 4).mean).all()
    assert module.judged(none, np.ones((2, 4))).shape == (0, 3)
