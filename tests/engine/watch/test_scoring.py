"""Sums of errors against loops, and figures against the plain measures."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import metrics
from siprems_engine.forecasting.watch import scoring
from siprems_engine.forecasting.watch.made import KEPT_LEVELS, Made, newest
from tests.engine.watch.test_made import PERIODS, PRODUCTS, some, some_sales


def _loss(actual: np.ndarray, quantiles: np.ndarray) -> float:
    return float(
        np.mean([metrics.pinball(actual, quantiles[:, k], level) for k, level in enumerate(KEPT_LEVELS)])
    )


@pytest.mark.parametrize("by_product", [True, False])
def test_figures_are_the_plain_measures(by_product: bool) -> None:
    found, sold = newest(some(), PRODUCTS, PERIODS), some_sales()
    sums = (scoring.of_products if by_product else scoring.of_periods)(found, sold)
    for place in range(PRODUCTS if by_product else PERIODS):
        cut = (place, slice(None)) if by_product else (slice(None), place)
        known = ~np.isnan(found.mean[cut]) & ~np.isnan(sold[cut])
        actual, mean, quantiles = sold[cut][known], found.mean[cut][known], found.quantiles[cut][known]
        assert sums.periods[place] == known.sum() > 0
        assert sums.wape[place] == pytest.approx(metrics.wape(actual, mean))
        assert sums.bias[place] == pytest.approx(metrics.bias(actual, mean))
        assert sums.coverage_80[place] == metrics.coverage(actual, quantiles[:, 1], quantiles[:, 3])
        assert sums.coverage_95[place] == metrics.coverage(actual, quantiles[:, 0], quantiles[:, 4])
        mase, loss = np.abs(actual - mean).mean() / 2.5, _loss(actual, quantiles) / 2.5
        naive = np.full(len(sums.periods), 2.5)
        assert sums.scaled(naive)[place] == pytest.approx(mase)
        assert sums.scaled_loss(naive)[place] == pytest.approx(loss)


def test_all_distances_count_every_forecast() -> None:
    made, sold = some(), some_sales()
    wape, bias = scoring.of_all_distances(made, sold)
    for product in range(PRODUCTS):
        pairs = [
            (sold[product, target], made.mean[row, ahead])
            for row in np.flatnonzero(made.product == product)
            for ahead, target in enumerate(made.origin[row] + 1 + np.arange(made.horizon))
            if 0 <= target < PERIODS
        ]
        actual, mean = np.array([pair for pair in pairs if not np.isnan(pair).any()]).T
        assert wape[product] == pytest.approx(metrics.wape(actual, mean))
        assert bias[product] == pytest.approx(metrics.bias(actual, mean))


def test_what_cannot_be_told_is_not_a_number() -> None:
    made = Made(np.array([0]), np.array([0]), np.array([[1.0]]), np.zeros((1, 1, 5)))
    sold = np.array([[np.nan, 0.0], [np.nan, 3.0]])
    sums = scoring.of_products(newest(made, 2, 2), sold)
    assert sums.periods.tolist() == [1, 0]
    assert np.isnan(sums.wape).all()
    assert np.isnan(sums.coverage_80[1])
    assert np.isnan(sums.scaled(np.array([np.nan, 1.0]))).all()
    assert np.isnan(scoring.of_all_distances(made, sold)[0]).all()
