"""What is read of launches."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.shop.launches import (
    ABSENT,
    DISPERSION_PERIODS,
    FIRST_PERIODS,
    LONGEST_NEW,
    is_new,
    launches,
    pupils,
    teachers,
)
from siprems_engine.forecasting.step import Step
from tests.engine.shop.panels import panel_of


def test_levels_are_those_of_the_first_weeks_or_of_the_latest() -> None:
    """Against a loop, with a factor and gaps; products present from the start are read at the end."""
    rng = np.random.default_rng(1)
    units = rng.poisson(6.0, (6, 150)).astype(float)
    units[3:, :40] = np.nan
    units[rng.random(units.shape) < 0.1] = np.nan
    units[3:, 40] = 3.0
    factors = rng.uniform(0.5, 2.0, units.shape)
    seen = launches(panel_of(units), factors)
    np.testing.assert_array_equal(seen.launched, [False, False, False, True, True, True])
    own = []
    for product in range(6):
        places = [t for t in range(150) if not np.isnan(units[product, t])]
        length = FIRST_PERIODS[Step.DAY]
        chosen = places[:length] if product >= 3 else places[-length:]
        level = units[product, chosen].sum() / factors[product, chosen].sum()
        assert np.isclose(seen.level[product], level)
        expected = level * factors[product, chosen]
        squares = ((units[product, chosen] - expected) ** 2).sum()
        own.append(squares / expected.sum() * length / (length - 1))
    mixed = (60.0 * np.array(own) + DISPERSION_PERIODS * np.median(own)) / (60.0 + DISPERSION_PERIODS)
    np.testing.assert_allclose(seen.dispersion, mixed)


def test_a_launch_needs_an_absence_before() -> None:
    units = np.full((2, 100), 4.0)
    units[0, : ABSENT[Step.DAY]] = np.nan
    units[1, : ABSENT[Step.DAY] - 1] = np.nan
    np.testing.assert_array_equal(launches(panel_of(units), np.ones((2, 100))).launched, [True, False])


def test_steady_levels_do_not_wander() -> None:
    """The estimate scatters around the truth, by which a level moves between two halves of a window."""
    rng = np.random.default_rng(2)
    found = {}
    for wander in (0.0, 0.4):
        moved = np.exp(rng.normal(0.0, wander, (300, 1)))
        mean = np.where(np.arange(100) < 70, 20.0, 20.0 * moved)
        units = rng.poisson(mean).astype(float)
        found[wander] = launches(panel_of(units), np.ones(units.shape)).wander
    assert found[0.0] < 0.1
    assert 0.3 < found[0.4] < 0.5


def test_products_are_new_until_they_could_have_been_judged() -> None:
    units = np.full((3, 200), 2.0)
    units[0, :-14] = np.nan
    units[1, :-15] = np.nan
    units[2] = np.nan
    np.testing.assert_array_equal(is_new(panel_of(units, horizon=7)), [True, False, True])


def test_in_a_young_shop_the_older_products_teach_those_that_never_sold() -> None:
    units = np.full((4, 20), 2.0)
    units[1, :6] = np.nan
    units[2, :7] = np.nan
    units[3] = np.nan
    panel = panel_of(units, horizon=28)
    np.testing.assert_array_equal(teachers(panel), [True, True, False, False])
    np.testing.assert_array_equal(pupils(panel), [False, False, False, True])


def test_in_an_older_shop_the_new_products_learn_from_the_others() -> None:
    units = np.full((3, 200), 2.0)
    units[1, :-14] = np.nan
    units[2] = np.nan
    panel = panel_of(units, horizon=7)
    np.testing.assert_array_equal(teachers(panel), [True, False, False])
    np.testing.assert_array_equal(pupils(panel), [False, True, True])


def test_a_long_horizon_makes_no_old_product_new() -> None:
    units = np.full((2, 200), 2.0)
    units[0, : -LONGEST_NEW[Step.DAY]] = np.nan
    units[1, : 1 - LONGEST_NEW[Step.DAY]] = np.nan
    np.testing.assert_array_equal(is_new(panel_of(units, horizon=90)), [False, True])
