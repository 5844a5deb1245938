"""What must not change a forecast: the future, the order of products, the unit of sale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.errors import UnknownEngine
from siprems_engine.forecasting.shop import AUTO, ENGINES, LEVELS, Grid, Panel, ShopForecast, forecast_shop
from siprems_engine.forecasting.shop.folds import by_engines, fold
from tests.engine.shop.shops import Shop, panel_of, plant

HORIZON = 14


@pytest.fixture(scope="module")
def shop() -> Shop:
    return plant(products=12, periods=300)


def rows(panel: Panel, order: np.ndarray) -> Panel:
    return Panel(panel.days, panel.units[order], panel.promo[order], panel.step, panel.events)


def same(one: ShopForecast, other: ShopForecast, rtol: float = 1e-6) -> None:
    for name in ("mean", "quantiles", "totals"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=rtol, atol=1e-7)


@given(st.integers(0, 10_000), st.sampled_from([Step.DAY, Step.WEEK]), st.sampled_from([100, 140, 199]))
@settings(max_examples=8, deadline=None)
def test_scrambling_the_future_changes_no_forecast(seed: int, step: Step, last: int) -> None:
    shop = plant(products=6, periods=220, step=step, seed=seed)
    random = np.random.default_rng(seed)
    units = shop.grid.units.copy()
    units[:, last + 1 :] = random.integers(0, 1000, units[:, last + 1 :].shape)
    # Which days were open is known beforehand; here all are.
    other = Grid(shop.grid.days, step, units, np.ones(220, dtype=bool), shop.grid.promo)
    plain = Grid(shop.grid.days, step, shop.grid.units, np.ones(220, dtype=bool), shop.grid.promo)
    one, two = (fold(each, last, HORIZON, by_engines()) for each in (plain, other))
    np.testing.assert_array_equal(one.made.mean, two.made.mean)
    np.testing.assert_array_equal(one.made.quantiles, two.made.quantiles)
    np.testing.assert_array_equal(one.made.totals, two.made.totals)


@pytest.mark.parametrize("engine", [AUTO, *ENGINES])
def test_the_order_of_the_products_says_nothing(shop: Shop, engine: str) -> None:
    panel = shop.panel(HORIZON)
    order = np.random.default_rng(2).permutation(panel.products)
    there, back = forecast_shop(rows(panel, order), [engine]), np.argsort(order)
    here = forecast_shop(panel, [engine])
    # The regression adds up in single precision, in another order.
    np.testing.assert_allclose(there.mean[back], here.mean, rtol=1e-4)
    np.testing.assert_allclose(there.quantiles[back], here.quantiles, rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("engine", [AUTO, *ENGINES])
def test_forecasts_are_finite_ordered_and_not_negative(shop: Shop, engine: str) -> None:
    made = forecast_shop(shop.panel(HORIZON), [engine])
    assert made.mean.shape == (12, HORIZON)
    assert made.quantiles.shape == (12, HORIZON, len(LEVELS))
    for table in (made.mean, made.quantiles, made.totals):
        assert np.isfinite(table).all()
        assert (table >= 0).all()
    assert (np.diff(made.quantiles, axis=2) >= 0).all()
    assert (np.diff(made.totals, axis=-1) >= 0).all()
    np.testing.assert_allclose(made.weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(sum(made.shares().values()), 1.0)


def test_a_product_that_never_sold_may_sell_as_others_and_leaves_these_nearly_alone(shop: Shop) -> None:
    panel = shop.panel(HORIZON)
    units = np.vstack([panel.units, np.full((1, panel.past), np.nan)])
    promo = np.vstack([panel.promo, np.zeros((1, panel.promo.shape[1]), dtype=bool)])
    made = forecast_shop(Panel(panel.days, units, promo, panel.step, panel.events))
    sold = made.mean[:-1].sum(axis=1)
    assert sold.min() < made.mean[-1].sum() < sold.max()
    assert made.versions[int(made.weights[-1].argmax())] == "new product without sales"
    low, high = made.totals[-1, -1, [0, -1]]
    assert low < sold.min()
    assert high > np.median(sold)
    np.testing.assert_allclose(made.mean[:-1], forecast_shop(panel).mean, rtol=0.05)


def test_what_sells_ten_times_as_much_is_forecast_ten_times_as_high() -> None:
    shop = plant(products=12, periods=300, levels=(100.0, 400.0))
    panel = shop.panel(HORIZON)
    scaled = Panel(panel.days, 10.0 * panel.units, panel.promo, panel.step, panel.events)
    one, ten = forecast_shop(panel), forecast_shop(scaled)
    np.testing.assert_allclose(ten.mean, 10.0 * one.mean, rtol=0.05)
    assert ten.mean.sum() == pytest.approx(10.0 * one.mean.sum(), rel=0.01)


def test_the_same_panel_gives_the_same_forecast(shop: Shop) -> None:
    panel = shop.panel(HORIZON)
    same(forecast_shop(panel), forecast_shop(rows(panel, np.arange(12))), rtol=0)


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("past", [1, 2, 7, 20, 40, 60])
def test_young_shops_are_forecast_as_well(past: int, step: Step) -> None:
    random = np.random.default_rng(past)
    panel = panel_of(random.poisson(5.0, (3, past)).astype(float), 8, step)
    made = forecast_shop(panel)
    assert np.isfinite(made.quantiles).all()
    assert 1.0 < made.mean.mean() < 12.0


@pytest.mark.parametrize("engine", list(ENGINES))
def test_an_engine_that_cannot_serve_a_young_shop_is_stood_in_for(engine: str) -> None:
    made = forecast_shop(panel_of(np.array([[4.0, 6.0, 5.0]]), 2), [engine])
    assert made.mean.shape == (1, 2)
    assert (made.mean > 0).all()


def test_single_products_and_long_horizons() -> None:
    shop = plant(products=1, periods=300)
    for horizon in (1, 100, 299):
        made = forecast_shop(shop.panel(horizon))
        assert np.isfinite(made.quantiles).all()
        assert made.totals.shape[-1] == len(LEVELS)


def test_units_far_from_pieces() -> None:
    """Grams and tonnes of the same goods."""
    for factor in (1e-4, 1e6):
        shop = plant(products=5, periods=200)
        panel = shop.panel(HORIZON)
        made = forecast_shop(Panel(panel.days, factor * panel.units, panel.promo, panel.step, panel.events))
        assert np.isfinite(made.quantiles).all()
        actual = factor * shop.grid.units[:, panel.past :].sum()
        assert made.mean.sum() == pytest.approx(actual, rel=0.3)


def test_an_engine_that_does_not_exist(shop: Shop) -> None:
    with pytest.raises(UnknownEngine, match="no engine 'magic'"):
        forecast_shop(shop.panel(HORIZON), ["magic"])


def test_a_blend_of_one_engine_twice_is_that_engine(shop: Shop) -> None:
    panel = shop.panel(HORIZON)
    same(forecast_shop(panel, ["tsb", "tsb"]), forecast_shop(panel, ["tsb"]), rtol=0)
