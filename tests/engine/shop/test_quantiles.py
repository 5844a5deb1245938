"""Quantiles from errors of the past, on demand whose distribution is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from siprems_engine.forecasting.shop.quantiles import LEVELS, PastForecast, Spread

HORIZON = 14


def past_of(
    random: np.random.Generator, means: np.ndarray, origins: int = 12, dispersion: float = 1.0
) -> list[PastForecast]:
    """Forecasts that know the mean, and counts drawn around it."""
    forecast = np.repeat(means[:, None], HORIZON, axis=1)
    return [PastForecast(forecast, counts(random, forecast, dispersion)) for _ in range(origins)]


def counts(random: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    if dispersion == 1.0:
        return random.poisson(mean).astype(float)
    return random.poisson(random.gamma(mean / (dispersion - 1), dispersion - 1)).astype(float)


TABLES = st.integers(0, 10_000).map(np.random.default_rng)


@given(TABLES, st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_never_negative_and_never_crossing(random: np.random.Generator, origins: int) -> None:
    forecast = random.gamma(0.5, 10.0, (6, HORIZON)) * (random.random((6, HORIZON)) < 0.8)
    actual = [np.where(random.random(forecast.shape) < 0.2, np.nan, random.poisson(3.0, forecast.shape))]
    past = [PastForecast(random.permutation(forecast), each) for each in actual * origins]
    made = Spread(past, 6, HORIZON).quantiles(forecast)
    assert made.shape == (6, HORIZON, len(LEVELS))
    assert np.isfinite(made).all()
    assert (made >= 0).all()
    assert (np.diff(made, axis=2) >= 0).all()


@pytest.mark.parametrize("dispersion", [1.0, 2.5])
def test_coverage_is_what_is_claimed_for_products_of_every_size(dispersion: float) -> None:
    random = np.random.default_rng(8)
    means = np.exp(np.linspace(np.log(4.0), np.log(80.0), 90))
    spread = Spread(past_of(random, means, dispersion=dispersion), len(means), HORIZON)
    forecast = np.repeat(means[:, None], HORIZON, axis=1)
    made = spread.quantiles(forecast)
    actual = np.stack([counts(random, forecast, dispersion) for _ in range(40)])
    for low, high, claimed in ((0, 6, 0.95), (1, 5, 0.80), (2, 4, 0.50)):
        inside = (actual >= made[:, :, low]) & (actual <= made[:, :, high])
        for third in np.split(inside, 3, axis=1):
            assert third.mean() == pytest.approx(claimed, abs=0.045)


def test_quantiles_of_counts_are_near_the_true_ones() -> None:
    random = np.random.default_rng(9)
    means = np.repeat([2.0, 10.0, 50.0], 30)
    made = Spread(past_of(random, means, origins=20), 90, HORIZON).quantiles(
        np.repeat(means[:, None], HORIZON, axis=1)
    )
    for place, mean in enumerate((2.0, 10.0, 50.0)):
        found = made[30 * place : 30 * place + 30].mean(axis=(0, 1))
        true = stats.poisson(mean).ppf(LEVELS)
        np.testing.assert_allclose(found, true, atol=0.7 + 0.12 * np.sqrt(mean))


def test_small_forecasts_have_lower_quantiles_of_nothing() -> None:
    random = np.random.default_rng(10)
    means = np.repeat([0.1, 20.0], 40)
    spread = Spread(past_of(random, means), 80, HORIZON)
    made = spread.quantiles(np.repeat(means[:, None], HORIZON, axis=1))
    assert made[:40, :, LEVELS.index(0.5)].max() < 0.1
    assert made[:40, :, LEVELS.index(0.975)].min() > 0.5
    assert made[40:, :, LEVELS.index(0.1)].min() > 8.0


def test_an_erratic_product_gets_wider_bands() -> None:
    random = np.random.default_rng(11)
    forecast = np.full((40, HORIZON), 20.0)
    factor = np.ones((40, 1))
    factor[0] = 3.0
    past = [
        PastForecast(forecast, np.maximum(20 + factor * random.normal(0, 3, forecast.shape), 0))
        for _ in range(12)
    ]
    made = Spread(past, 40, HORIZON).quantiles(forecast)
    width = (made[:, :, 5] - made[:, :, 1]).mean(axis=1)
    assert 2.0 < width[0] / np.median(width) < 3.2


def test_what_is_further_ahead_gets_wider_bands_if_it_was_wrong_more_often() -> None:
    random = np.random.default_rng(12)
    forecast = np.full((40, HORIZON), 50.0)
    growing = np.linspace(3.0, 9.0, HORIZON)
    past = [PastForecast(forecast, np.maximum(50 + growing * random.normal(size=forecast.shape), 0))] * 12
    made = Spread(past, 40, HORIZON).quantiles(forecast)
    width = (made[:, :, 5] - made[:, :, 1]).mean(axis=0)
    assert (np.diff(width) > 0).all()
    assert 1.3 < width[-1] / width[0] < 3.0


def test_without_errors_counting_noise_is_assumed() -> None:
    made = Spread([], 2, 3).quantiles(np.array([[0.0, 4.0, 100.0]] * 2))
    np.testing.assert_array_equal(made[:, 0], 0.0)
    assert (made[:, 2, 0] < 30).all()
    assert (made[:, 2, 6] > 150).all()
