"""Stored forecasts seen from a later day and beyond their end."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_backend.services.shop_forecasts.horizon import Stored
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.step import Step

SPREAD = np.array([-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 8.0])
WEEK = np.array([10.0, 12.0, 14.0, 16.0, 20.0, 24.0, 0.0])


def _stored(mean: Floats | None = None, step: Step = Step.DAY) -> Stored:
    mean = np.tile(WEEK, 4) if mean is None else mean
    quantiles = np.where(mean[:, None] > 0, np.maximum(mean[:, None] + SPREAD, 0.0), 0.0)
    days = np.arange(1, len(mean) + 1)[:, None]
    totals = np.maximum(np.cumsum(mean)[:, None] + SPREAD * np.sqrt(days), 0.0)
    return Stored(mean, quantiles, totals, step, ceiling=60.0)


def test_without_a_model_the_mean_week_goes_on_with_wider_bounds() -> None:
    longer, by_path = _stored().continued(14)
    assert not by_path
    np.testing.assert_allclose(longer.mean[28:], np.tile(WEEK, 2))
    width = longer.quantiles[:, -1] - longer.quantiles[:, 0]
    # The same weekday later is less certain; the day off stays one.
    assert width[35] > width[28] > 0
    np.testing.assert_array_equal(longer.quantiles[34], np.zeros(7))
    assert (np.diff(longer.quantiles, axis=1) >= 0).all()


def test_a_sane_model_goes_on_at_the_level_of_the_stored_forecast() -> None:
    path = 0.5 * np.tile(WEEK + 1.0, 6) * np.linspace(1.0, 1.5, 42)
    longer, by_path = _stored().continued(14, path)
    assert by_path
    is_open = np.tile(WEEK > 0, 6)
    ratio = WEEK.sum() * 4 / path[:28][is_open[:28]].sum()
    np.testing.assert_allclose(longer.mean[28:], np.where(is_open, path * ratio, 0.0)[28:])


@pytest.mark.parametrize("factor", [0.0, 0.1, 10.0])
def test_a_model_that_disagrees_altogether_is_not_followed(factor: float) -> None:
    longer, by_path = _stored().continued(7, factor * np.tile(WEEK, 5))
    assert not by_path
    np.testing.assert_allclose(longer.mean[28:], WEEK)


def test_nothing_beyond_the_end_exceeds_the_ceiling() -> None:
    path = np.concatenate([np.tile(WEEK, 4), np.full(337, 1000.0)])
    longer, by_path = _stored().continued(337, path)
    assert by_path
    assert longer.mean[28:].max() == longer.quantiles[28:].max() == 60.0
    assert longer.total(0, 365).max() <= 60.0 * 365


def test_totals_are_those_stored_where_they_are_asked_from_the_start() -> None:
    stored = _stored()
    for stop in (1, 7, 28):
        np.testing.assert_allclose(stored.total(0, stop), stored.totals[stop - 1])


def test_totals_of_later_days_keep_their_relative_width() -> None:
    stored = _stored()
    np.testing.assert_allclose(stored.total(7, 21), stored.totals[13])
    part = stored.total(1, 4)
    expected = WEEK[1:4].sum()
    ratio = expected / WEEK[:3].sum()
    np.testing.assert_allclose(part, expected + (stored.totals[2] - WEEK[:3].sum()) * ratio)


def test_totals_beyond_the_end_are_of_all_days() -> None:
    longer, _ = _stored().continued(28)
    total = longer.total(0, 56)
    assert total[3] == pytest.approx(WEEK.sum() * 8)
    apart = _stored().totals[27] - WEEK.sum() * 4
    np.testing.assert_allclose(total - WEEK.sum() * 8, apart * 2 * np.sqrt(2))


def test_weeks_go_on_by_their_mean() -> None:
    longer, _ = _stored(np.array([50.0, 40.0, 30.0, 40.0]), Step.WEEK).continued(3)
    np.testing.assert_allclose(longer.mean[4:], 40.0)


def test_nothing_sold_stays_nothing() -> None:
    longer, by_path = _stored(np.zeros(28)).continued(7, np.full(35, 3.0))
    assert not by_path
    assert longer.mean.sum() == longer.quantiles.sum() == 0.0


def test_a_forecast_shorter_than_a_week_goes_on_by_its_mean() -> None:
    longer, _ = _stored(np.array([10.0, 20.0])).continued(5)
    np.testing.assert_allclose(longer.mean[2:], 15.0)
