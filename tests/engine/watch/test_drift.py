"""The test for drift against a loop, its false alarms and what it finds, by simulation with fixed seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.watch import drift

PRODUCTS, PERIODS = 8000, 28
Numbers = np.random.Generator


def _correlated(random: Numbers, correlation: float) -> Floats:
    noise = random.normal(size=(PRODUCTS, PERIODS + 20))
    for period in range(1, noise.shape[1]):
        fresh = np.sqrt(1.0 - correlation**2) * noise[:, period]
        noise[:, period] = correlation * noise[:, period - 1] + fresh
    return noise[:, 20:]


def _spread(units: Floats, mean: float) -> Floats:
    """Standardise by the quantiles that units really have."""
    low, high = np.quantile(units, [0.1, 0.9])
    return drift.standardised(units, np.full(units.shape, mean), np.full((), low), np.full((), high))


def _counts(mean: float) -> tuple[float, Callable[[Numbers], Floats]]:
    return mean, lambda random: random.poisson(mean, (PRODUCTS, PERIODS)).astype(float)


def _lumpy(mean: float, size: float) -> tuple[float, Callable[[Numbers], Floats]]:
    """Negative binomial: the smaller the size, the more overdispersed."""
    chance = size / (size + mean)
    return mean, lambda random: random.negative_binomial(size, chance, (PRODUCTS, PERIODS)).astype(float)


IN_CONTROL: dict[str, tuple[float, Callable[[Numbers], Floats]]] = {
    "one in fifty days": _counts(0.02),
    "counts, few": _counts(0.3),
    "counts": _counts(3.0),
    "counts, many": _counts(50.0),
    "overdispersed": _lumpy(5.0, 1.0),
    "lumpy": _lumpy(1.0, 0.5),
    "skewed": (50.0, lambda random: 50.0 * random.lognormal(-0.32, 0.8, (PRODUCTS, PERIODS))),
    "normal": (100.0, lambda random: 100.0 + 20.0 * _correlated(random, 0.0)),
    "a little correlated": (100.0, lambda random: 100.0 + 20.0 * _correlated(random, 0.2)),
}


@pytest.mark.parametrize("name", IN_CONTROL)
def test_fewer_than_one_of_two_hundred_good_products_is_called_drifted(name: str) -> None:
    mean, sales = IN_CONTROL[name]
    found = drift.detect(_spread(sales(np.random.default_rng(7)), mean))
    assert found.drifted.mean() < 0.005
    assert found.biased.mean() < 0.02


def test_intervals_half_as_wide_as_they_should_be_cause_no_false_alarms() -> None:
    units = 100.0 + 20.0 * np.random.default_rng(5).normal(size=(PRODUCTS, PERIODS))
    mean = np.full(units.shape, 100.0)
    errors = drift.standardised(units, mean, mean - 12.8, mean + 12.8)
    assert drift.detect(errors).drifted.mean() < 0.005


@pytest.mark.parametrize(("before", "after", "days"), [(10.0, 18.0, 10), (50.0, 30.0, 10), (1.0, 0.0, 20)])
def test_a_change_is_found_and_dated(before: float, after: float, days: int) -> None:
    level = np.full((500, PERIODS), before)
    level[:, PERIODS - days :] = after
    units = np.random.default_rng(11).poisson(level).astype(float)
    usual = np.random.default_rng(12).poisson(before, 10_000)
    low, high = np.quantile(usual, [0.1, 0.9])
    mean = np.full(units.shape, before)
    found = drift.detect(drift.standardised(units, mean, np.full((), low), np.full((), high)))
    assert found.drifted.mean() > 0.9
    assert (np.sign(found.statistic[found.drifted]) == np.sign(after - before)).all()
    assert np.median(np.abs(found.since[found.drifted] - (PERIODS - days))) <= 1


def test_the_statistic_is_the_largest_mean_of_a_final_stretch() -> None:
    random = np.random.default_rng(4)
    errors = random.normal(0.5, 1.0, (30, 20))
    errors[random.random(errors.shape) < 0.3] = np.nan
    found = drift.detect(errors, threshold=1.5)
    own = drift._own_spread(errors)
    for product, row in enumerate(errors):
        best, start = 0.0, 0
        for first in np.flatnonzero(~np.isnan(row)):
            rest = row[first:][~np.isnan(row[first:])]
            value = rest.sum() / np.sqrt(len(rest)) / own[product]
            if len(rest) >= drift.SHORTEST and abs(value) > abs(best):
                best, start = value, first
        assert found.statistic[product] == pytest.approx(best)
        assert found.since[product] == (start if abs(best) > 1.5 else -1)
        rest = row[~np.isnan(row)]
        whole = abs(rest.sum()) / np.sqrt(len(rest)) / own[product]
        assert found.biased[product] == (whole > drift.BIAS_THRESHOLD)
    assert 0 < found.drifted.sum() < 30
    assert 0 < found.biased.sum() < 30


def test_one_large_order_is_no_drift() -> None:
    errors = np.zeros((1, PERIODS))
    units, mean = np.full((1, PERIODS), 10.0), np.full((1, PERIODS), 10.0)
    units[0, -1] = 5000.0
    errors = drift.standardised(units, mean, mean - 4, mean + 4)
    assert errors[0, -1] == drift.LARGEST
    assert not drift.detect(errors).drifted[0]


def test_few_errors_are_not_judged() -> None:
    errors = np.full((2, 10), np.nan)
    errors[0, : drift.FEWEST - 1], errors[1, : drift.FEWEST] = 3.0, 3.0
    found = drift.detect(errors)
    assert np.isnan(found.statistic).tolist() == [True, False]
    assert found.drifted.tolist() == [False, True]
    assert found.since.tolist() == [-1, 0]


def test_what_never_sold_is_standardised_too() -> None:
    nothing = np.zeros((1, 2))
    errors = drift.standardised(np.array([[0.0, 1.0]]), nothing, nothing, nothing)
    assert errors.tolist() == [[0.0, drift.LARGEST]]
