"""Relations of products: those that were put in are found, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.shop.relations import merged, moving_together, sold_together

PERIODS = 365
WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.7])[np.arange(PERIODS) % 7]


@pytest.fixture(scope="module")
def shop() -> np.ndarray:
    """Sixty products: 0 and 1 sell on the same days, 2 and 3 move together and 4 against them."""
    random = np.random.default_rng(0)
    busy = random.gamma(8.0, 1 / 8, PERIODS)
    units = random.poisson(random.gamma(1.0, 1.0, (60, 1)) * WEEK * busy).astype(float)
    often = random.poisson(0.3, PERIODS)
    units[0], units[1] = often, random.binomial(often, 0.7) + random.poisson(0.05, PERIODS)
    moved = np.exp(random.normal(0, 0.5, PERIODS))
    for row, mean in ((2, 20 * moved), (3, 15 * moved), (4, 15 / moved)):
        units[row] = random.poisson(mean * WEEK)
    return units


def test_what_moves_together_is_found_and_nothing_else(shop: np.ndarray) -> None:
    found = moving_together(shop, 7, 100)
    assert sorted(found.pairs) == [(2, 3), (2, 4), (3, 4)]
    strength = dict(zip(found.pairs, found.strength, strict=True))
    assert strength[2, 3] > 0.6
    assert strength[2, 4] < -0.6
    assert (np.diff(np.abs(found.strength)) <= 0).all()
    assert moving_together(shop, 7, 2).pairs == found.pairs[:2]


def test_what_sells_on_the_same_days_is_found_and_nothing_else(shop: np.ndarray) -> None:
    found = sold_together(shop, 100)
    assert found.pairs == [(0, 1)]
    both = ((shop[0] > 0) & (shop[1] > 0)).sum()
    either = ((shop[0] > 0) | (shop[1] > 0)).sum()
    assert found.jaccard[0] == pytest.approx(both / either, rel=1e-5)
    assert 2.5 < found.lift[0] < 4.5
    assert 0 < found.strength[0] < found.jaccard[0]


def test_unknown_days_are_not_compared(shop: np.ndarray) -> None:
    known = shop.copy()
    known[:, ::5] = np.nan
    known[1, :200] = np.nan
    found = sold_together(known, 100)
    seen = ~np.isnan(known[0]) & ~np.isnan(known[1])
    both = ((known[0] > 0) & (known[1] > 0) & seen).sum()
    either = (((known[0] > 0) | (known[1] > 0)) & seen).sum()
    assert found.pairs == [(0, 1)]
    assert found.jaccard[0] == pytest.approx(both / either, rel=1e-5)
    assert (2, 3) in moving_together(known, 7, 10).pairs


def test_a_shop_of_chance_relates_nobody() -> None:
    random = np.random.default_rng(1)
    busy = random.gamma(8.0, 1 / 8, PERIODS)
    units = random.poisson(random.gamma(0.5, 1.0, (700, 1)) * WEEK * busy).astype(float)
    assert len(moving_together(units, 7, 50)) <= 1
    assert len(sold_together(units, 50)) <= 1


@pytest.mark.parametrize(
    "units",
    [np.zeros((0, 50)), np.zeros((3, 50)), np.full((2, 50), np.nan), np.ones((4, 1)), np.ones((2, 400))],
)
def test_shops_without_any_relation(units: np.ndarray) -> None:
    assert len(moving_together(units, 7, 10)) == 0
    assert len(sold_together(units, 10)) == 0


def test_both_kinds_are_put_together(shop: np.ndarray) -> None:
    pairs = merged(moving_together(shop, 7, 10), sold_together(shop, 10))
    assert len(pairs) == 4
    by_pair = {pair[:2]: pair[2:] for pair in pairs}
    assert np.isnan(by_pair[0, 1][0])
    assert by_pair[0, 1][1] > 1
    assert np.isnan(by_pair[2, 3][1:]).all()
    same = moving_together(shop, 7, 1)
    assert len(merged(same, same)) == 1
