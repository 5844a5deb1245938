"""Each measure against a number worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from siprems_engine.forecasting import metrics

ACTUAL, FORECAST = np.array([2.0, 0.0, 4.0, 6.0]), np.array([1.0, 1.0, 6.0, 6.0])
NOTHING = np.zeros(0)


def test_relative_errors() -> None:
    assert metrics.wape(ACTUAL, FORECAST) == pytest.approx(4 / 12)
    assert metrics.bias(ACTUAL, FORECAST) == pytest.approx(2 / 12)
    assert metrics.mape(ACTUAL, FORECAST) == pytest.approx((0.5 + 0.5 + 0.0) / 3)


def test_scaled_errors_divide_by_the_seasonal_naive() -> None:
    training = np.array([1.0, 3.0, 2.0, 6.0])
    assert metrics.mase(ACTUAL, FORECAST, training, season=2) == pytest.approx(1.0 / 2.0)
    assert metrics.rmsse(ACTUAL, FORECAST, training, season=2) == pytest.approx(math.sqrt(1.5 / 5.0))


def test_interval_measures() -> None:
    assert metrics.pinball(ACTUAL, FORECAST, 0.9) == pytest.approx((0.9 * 1 + 0.1 * 1 + 0.1 * 2) / 4)
    assert metrics.coverage(ACTUAL, FORECAST, FORECAST + 1) == 0.5


def test_undefined_ratios_are_nan() -> None:
    zero = np.zeros(4)
    values = [
        metrics.wape(zero, FORECAST),
        metrics.bias(zero, FORECAST),
        metrics.mape(zero, FORECAST),
        metrics.mase(ACTUAL, FORECAST, zero, season=2),
        metrics.rmsse(ACTUAL, FORECAST, zero[:1]),
        metrics.wape(NOTHING, NOTHING),
        metrics.pinball(NOTHING, NOTHING, 0.5),
        metrics.coverage(NOTHING, NOTHING, NOTHING),
    ]
    assert all(math.isnan(value) for value in values)
