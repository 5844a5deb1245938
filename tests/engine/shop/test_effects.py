"""Planted weekdays and promotions come back, and a product that tells nothing takes the shop's."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop import effects
from tests.engine.shop.shops import WEEK, plant


def relative(weekday: np.ndarray) -> np.ndarray:
    return weekday / weekday.mean(axis=1, keepdims=True)


def test_the_shops_weekday_is_found_within_five_percent() -> None:
    found = effects.estimate(plant().panel(14))
    wanted = np.array(WEEK) / np.mean(WEEK)
    np.testing.assert_allclose(relative(found.weekday).mean(axis=0), wanted, rtol=0.05)
    # Each single product's within a fifth.
    np.testing.assert_allclose(relative(found.weekday), np.tile(wanted, (30, 1)), rtol=0.2)


# Levels and factors are estimated in turns, few of them: a large uplift is still on its way there.
@pytest.mark.parametrize(("uplift", "tolerance"), [(0.6, 0.1), (1.0, 0.1), (2.0, 0.1), (4.0, 0.16)])
def test_the_promotion_is_found(uplift: float, tolerance: float) -> None:
    found = effects.estimate(plant(uplift=uplift).panel(14)).promotion
    assert np.median(found) == pytest.approx(uplift, rel=tolerance)
    assert np.quantile(np.abs(found / uplift - 1.0), 0.9) < 0.25


def test_weekly_sales_have_promotions_and_no_weekday() -> None:
    shop = plant(step=Step.WEEK, periods=150, promoted=2, every=11)
    found = effects.estimate(shop.panel(8))
    np.testing.assert_array_equal(found.weekday, 1.0)
    assert np.median(found.promotion) == pytest.approx(2.0, rel=0.1)


def test_a_product_of_its_own_keeps_its_own_week() -> None:
    """A large product tells enough to stand against the shop."""
    shop = plant(products=30, levels=(5.0, 60.0))
    panel = shop.panel(14)
    turned = panel.units.copy()
    # The last product sells on Monday what the others sell on Saturday, and the other way round.
    monday, saturday = (np.flatnonzero(panel.weekday[: panel.past] == day) for day in (0, 5))
    count = min(len(monday), len(saturday))
    turned[-1, monday[:count]], turned[-1, saturday[:count]] = (
        panel.units[-1, saturday[:count]],
        panel.units[-1, monday[:count]],
    )
    found = relative(
        effects.estimate(type(panel)(panel.days, turned, panel.promo, panel.step, panel.events)).weekday
    )
    assert found[-1, 0] == pytest.approx(1.5, rel=0.15)
    assert found[-1, 5] == pytest.approx(0.8, rel=0.15)
    assert found[-2, 0] == pytest.approx(0.8, rel=0.15)


def test_a_product_that_hardly_sells_takes_the_shops_effects() -> None:
    panel = plant().panel(14)
    rare = panel.units.copy()
    rare[0] = 0.0
    rare[0, ::60] = 1.0
    found = effects.estimate(type(panel)(panel.days, rare, panel.promo, panel.step, panel.events))
    others = effects.estimate(panel)
    np.testing.assert_allclose(found.weekday[0], others.weekday[1:].mean(axis=0), rtol=0.35)
    assert found.promotion[0] == pytest.approx(np.median(others.promotion), rel=0.35)


def test_the_table_is_the_product_of_both() -> None:
    panel = plant().panel(14)
    found = effects.estimate(panel)
    for row, day in ((0, 3), (7, 100), (29, panel.past + 5)):
        uplift = found.promotion[row] if panel.promo[row, day] else 1.0
        assert found.table[row, day] == pytest.approx(found.weekday[row, panel.weekday[day]] * uplift)


def test_factors_of_empty_shops_are_finite_and_positive() -> None:
    panel = plant(products=3, periods=60).panel(14)
    for units in (np.zeros_like(panel.units), np.full_like(panel.units, np.nan)):
        found = effects.estimate(type(panel)(panel.days, units, panel.promo, panel.step, panel.events))
        assert np.isfinite(found.table).all()
        assert (found.table > 0).all()
