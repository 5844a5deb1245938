"""Forecasts of products with hardly any past of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import Panel, forecast_shop
from siprems_engine.forecasting.shop.new_products import (
    BY_FIRST_SALES,
    BY_LAUNCHES,
    ENGINE,
    TRUSTED,
    apply,
    bandwidth,
    draw_units,
    log_gamma,
    new_products,
)
from siprems_engine.forecasting.step import Step
from tests.engine.shop.launching_shop import CATEGORY_LEVEL, LaunchingShop, launching_shop
from tests.engine.shop.panels import basis_of, panel_of, panels

SEEDS = range(40)


@pytest.mark.parametrize(
    "shop",
    [{}, {"spread": 1.2}, {"dispersion": 5.0}, {"launched": 0}, {"established": 0, "launched": 60}],
    ids=["usual", "unlike launches", "lumpy demand", "no launch seen", "only launches"],
)
def test_intervals_cover_as_often_as_they_say(shop: dict[str, int]) -> None:
    """200 new products of 40 shops: 95 % and 80 % of their days and of their totals, within tolerances.

    Counts make bounds inclusive, so that days are covered a little more often. The tolerance of totals is
    three standard errors of a share of 200 products.
    """
    shares = []
    for seed in SEEDS:
        known = launching_shop(seed, **shop)
        found = new_products(basis_of(known.panel))
        assert found is not None
        np.testing.assert_array_equal(found.rows, known.new)
        shares.append(covered(known, found.quantiles, found.totals))
    assert_as_claimed(shares)


def test_intervals_cover_in_a_young_shop() -> None:
    """Three weeks after it opened, of products that have not sold yet; they are a little wide."""
    shares = []
    for seed in SEEDS:
        known = launching_shop(seed, ages=(0, 0, 0, 0, 0), launched=0, past=21, horizon=28)
        made = forecast_shop(known.panel)
        assert (made.weights[known.new, -1] == 1.0).all()
        shares.append(covered(known, made.quantiles[known.new], made.totals[known.new]))
    assert_as_claimed(shares, most_of_days_80=0.92)


def test_intervals_cover_in_the_forecast_of_the_shop() -> None:
    """There the mean is mixed with that of the other engines."""
    shares = []
    for seed in SEEDS:
        known = launching_shop(seed)
        made = forecast_shop(known.panel)
        shares.append(covered(known, made.quantiles[known.new], made.totals[known.new]))
    assert_as_claimed(shares)


def covered(known: LaunchingShop, quantiles: Floats, totals: Floats) -> list[float]:
    """Shares of days and of totals within the bounds of 95 % and of 80 %."""
    sold = known.sold_next[known.new]
    total = sold.sum(axis=1)
    days = [(sold >= quantiles[:, :, 3 - k]) & (sold <= quantiles[:, :, 3 + k]) for k in (3, 2)]
    sums = [(total >= totals[:, -1, 3 - k]) & (total <= totals[:, -1, 3 + k]) for k in (3, 2)]
    return [float(each.mean()) for each in (*days, *sums)]


def assert_as_claimed(shares: list[list[float]], most_of_days_80: float = 0.90) -> None:
    of_days_95, of_days_80, of_totals_95, of_totals_80 = np.mean(shares, axis=0)
    assert 0.92 <= of_days_95 <= 0.99
    assert 0.78 <= of_days_80 <= most_of_days_80
    assert abs(of_totals_95 - 0.95) <= 0.046
    assert abs(of_totals_80 - 0.80) <= 0.085


def test_without_sales_the_category_tells_the_level() -> None:
    ratios = []
    for seed in range(12):
        known = launching_shop(seed, ages=(0, 0, 0), launched=80)
        assert known.panel.category is not None
        known.panel.category[known.new] = np.arange(3)
        found = new_products(basis_of(known.panel))
        assert found is not None
        assert found.without_sales.all()
        # The mean of a log-normal level.
        ratios.append(found.mean.mean(axis=1) / (CATEGORY_LEVEL * np.exp(0.6**2 / 2)))
    assert (np.abs(np.mean(ratios, axis=0) - 1.0) < 0.35).all()


def test_own_sales_count_more_with_every_day() -> None:
    """A product of a category of about 2 a day sells 20 a day."""
    levels, widths = [], []
    for age in (0, 2, 6, 14):
        known = launching_shop(3, ages=(age,))
        panel, row = known.panel, known.new[0]
        assert panel.category is not None
        panel.category[row] = 0
        panel.units[row, panel.past - age :] = 20.0
        found = new_products(basis_of(panel))
        assert found is not None
        levels.append(found.mean[0].mean())
        widths.append((found.totals[0, -1, 5] - found.totals[0, -1, 1]) / found.totals[0, -1, 3])
    assert levels == sorted(levels)
    assert levels[0] < 7.0
    assert 16.0 < levels[-1] < 23.0
    assert widths[-1] < 0.5 * widths[0]


def test_they_enter_the_shop_and_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = launching_shop(1)
    panel, basis = known.panel, basis_of(known.panel)
    done = forecast_shop(panel)
    monkeypatch.setattr("siprems_engine.forecasting.shop.new_products.apply", lambda made, *_: made)
    made = forecast_shop(panel)
    found = new_products(basis)
    assert found is not None
    left = known.age / (known.age + TRUSTED[Step.DAY])
    mixed = left[:, None] * made.mean[known.new] + (1.0 - left)[:, None] * found.mean
    np.testing.assert_allclose(done.mean[known.new], mixed)
    moved = mixed.sum(axis=1) / found.mean.sum(axis=1)
    np.testing.assert_allclose(done.totals[known.new], found.totals * moved[:, None, None])
    np.testing.assert_allclose(done.quantiles[known.new], found.quantiles * moved[:, None, None])
    others = np.setdiff1d(np.arange(panel.products), known.new)
    np.testing.assert_array_equal(done.quantiles[others], made.quantiles[others])
    np.testing.assert_array_equal(done.weights[others, :-2], made.weights[others])
    np.testing.assert_allclose(done.weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(done.shares()[ENGINE][known.new], 1.0 - left)
    first_sales, by_launches = (
        done.weights[known.new, done.versions.index(name)] > 0 for name in (BY_FIRST_SALES, BY_LAUNCHES)
    )
    np.testing.assert_array_equal(by_launches, known.age == 0)
    np.testing.assert_array_equal(first_sales, known.age > 0)


def test_totals_are_sums_of_the_open_periods_so_far() -> None:
    basis = basis_of(launching_shop(1).panel)
    open_ahead = np.arange(14) % 2 == 1
    none, some, all_open = (new_products(basis, each) for each in (np.zeros(14, bool), open_ahead, None))
    assert none is not None
    assert some is not None
    assert all_open is not None
    assert (none.totals == 0).all()
    np.testing.assert_array_equal(all_open.totals[:, 0], all_open.quantiles[:, 0])
    assert (np.diff(all_open.totals, axis=1) >= 0).all()
    np.testing.assert_array_equal(some.totals[:, 1], some.quantiles[:, 1])
    np.testing.assert_array_equal(some.totals[:, 2], some.totals[:, 1])
    assert (some.totals[:, -1, 3] < all_open.totals[:, -1, 3]).all()


def test_a_shop_without_new_products_stays_as_it_is() -> None:
    panel = panel_of(np.random.default_rng(0).poisson(5.0, (3, 100)).astype(float))
    made = forecast_shop(panel)
    assert apply(made, basis_of(panel)) is made


def test_a_shop_of_new_products_alone_has_nothing_to_learn_from() -> None:
    assert new_products(basis_of(panel_of(np.full((3, 5), 2.0)))) is None


@settings(max_examples=40, deadline=None)
@given(panels(), st.integers(-1, 1))
def test_quantiles_are_ordered_and_finite(panel: Panel, category: int) -> None:
    """Whatever the shop: weekly or daily, with or without categories, with a product never seen."""
    units = np.concatenate([panel.units, np.full((1, panel.past), np.nan)])
    promo = np.concatenate([panel.promo, panel.promo[:1]])
    codes = np.full(len(units), category)
    found = new_products(basis_of(Panel(panel.days, units, promo, panel.step, panel.events, codes)))
    if found is not None:
        assert found.rows[-1] == panel.products
        assert found.without_sales[-1]
        assert np.isfinite(found.mean).all()
        assert (np.diff(found.quantiles, axis=2) >= 0).all()
        assert (found.quantiles >= 0).all()
        assert np.isfinite(found.totals).all()


def test_a_planned_promotion_lifts_the_forecast() -> None:
    rng = np.random.default_rng(5)
    promo = rng.random((30, 207)) < 0.15
    units = rng.poisson(np.where(promo[:, :200], 30.0, 10.0)).astype(float)
    units[-1] = np.nan
    promo[-1, 200:] = [True, False, True, False, True, False, True]
    found = new_products(basis_of(panel_of(units, 7, Step.DAY, promo)))
    assert found is not None
    assert found.mean[0, ::2].mean() > 2.0 * found.mean[0, 1::2].mean()


@given(st.floats(1e-3, 1e7))
def test_log_gamma(x: float) -> None:
    assert math.isclose(log_gamma(np.array([x]))[0], math.lgamma(x), rel_tol=1e-9, abs_tol=1e-8)


@pytest.mark.parametrize("dispersion", [0.4, 1.0, 3.0])
def test_draws_have_the_mean_and_the_dispersion(dispersion: float) -> None:
    mean = np.full((200_000, 1), 6.0)
    drawn = draw_units(mean, np.full((len(mean), 1), dispersion), np.random.default_rng(1))
    assert abs(drawn.mean() - 6.0) < 0.05
    assert abs(drawn.var() / 6.0 - dispersion) < 0.05 * dispersion + 0.01


def test_the_kernel_narrows_with_every_launch() -> None:
    level = np.exp(np.random.default_rng(2).normal(0.0, 1.0, 400))
    widths = [bandwidth(level[:n], np.ones(n)) for n in (10, 50, 400)]
    assert widths == sorted(widths, reverse=True)
    # Scott's rule.
    assert math.isclose(widths[-1], np.log(level).std() * 400**-0.2, rel_tol=1e-9)
