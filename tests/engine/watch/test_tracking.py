"""Tracking signals against the formulas, period by period."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.watch import tracking


def _errors() -> np.ndarray:
    random = np.random.default_rng(3)
    errors = random.normal(0.3, 1.0, (5, 40))
    errors[random.random(errors.shape) < 0.25] = np.nan
    errors[4] = np.nan
    return errors


def test_the_cumulative_signal_is_the_sum_over_the_mean_absolute_error() -> None:
    errors = _errors()
    found = tracking.cumulative_signal(errors)
    for product in range(4):
        known = errors[product][~np.isnan(errors[product])]
        assert found[product] == pytest.approx(known.sum() / np.abs(known).mean())
    assert np.isnan(found[4])


def test_one_sided_errors_reach_the_end_of_the_scale() -> None:
    assert tracking.cumulative_signal(np.full((1, 9), -2.0)).tolist() == [-9.0]
    assert tracking.smoothed_signal(np.full((1, 9), -2.0))[0].tolist() == [-1.0] * 9


def test_the_smoothed_signal_is_triggs() -> None:
    errors = _errors()
    found = tracking.smoothed_signal(errors, 0.2)
    for product in range(5):
        error = size = 0.0
        seen, latest = 0, np.nan
        for period, value in enumerate(errors[product]):
            if not np.isnan(value):
                seen += 1
                weight = max(0.2, 1.0 / seen)
                error = weight * value + (1.0 - weight) * error
                size = weight * abs(value) + (1.0 - weight) * size
                latest = error / size
            np.testing.assert_allclose(found[product, period], latest, equal_nan=True)


def test_exact_forecasts_have_no_signal() -> None:
    assert tracking.cumulative_signal(np.zeros((1, 5))).tolist() == [0.0]
    assert tracking.smoothed_signal(np.zeros((1, 5)))[0].tolist() == [0.0] * 5
