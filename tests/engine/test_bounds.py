"""The plausible range of a product."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import DailyHistory, clip_forecast, plausible_ceiling


def test_the_ceiling_looks_back_two_years() -> None:
    ds = np.datetime64("2020-01-01") + np.array([0, 1000, 1100, 1730])
    history = DailyHistory(ds, np.array([900.0, 50.0, 80.0, 10.0]), np.zeros(4))
    assert plausible_ceiling(history) == pytest.approx(1.5 * 80)
    assert plausible_ceiling(history.between(None, ds[0])) == pytest.approx(1.5 * 900)


def test_nothing_sold_means_a_ceiling_of_zero() -> None:
    empty = DailyHistory.from_rows([], [])
    assert plausible_ceiling(empty) == 0.0


def test_clipping_removes_everything_that_is_not_a_number() -> None:
    raw = np.array([np.nan, np.inf, -np.inf, -1.0, 3.0, 50.0])
    assert clip_forecast(raw, 10.0).tolist() == [0, 10, 0, 0, 3, 10]
    assert np.isfinite(clip_forecast(raw, None)).all()
    assert clip_forecast(raw, 0.0).max() == 0.0
