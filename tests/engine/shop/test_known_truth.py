"""Shops whose truth is known: the forecaster finds what was planted and claims no more than it covers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop import Grid, forecast_shop
from siprems_engine.forecasting.shop.demand_class import DemandClass, members
from siprems_engine.forecasting.shop.folds import by_engines, cutoffs, fold
from siprems_engine.forecasting.shop.scores import score
from siprems_engine.synthetic import generate_shop
from tests.engine.shop.shops import WEEK, Shop, grid_of, plant

HORIZON = 14


def true_demand(shop: Shop, horizon: int = HORIZON) -> np.ndarray:
    """The expectation that the demand of the last periods was drawn from."""
    return shop.expected[:, -horizon:]


@pytest.fixture(scope="module")
def daily() -> Shop:
    return plant(products=60, periods=430)


@pytest.fixture(scope="module")
def forecast(daily: Shop) -> np.ndarray:
    return forecast_shop(daily.panel(HORIZON)).mean


def test_forecasts_come_near_the_expectation(daily: Shop, forecast: np.ndarray) -> None:
    made, true = forecast, true_demand(daily)
    assert made.sum() == pytest.approx(true.sum(), rel=0.03)
    assert np.abs(made - true).sum() / true.sum() < 0.10


def test_the_planted_week_is_forecast_within_six_percent(daily: Shop, forecast: np.ndarray) -> None:
    promo = daily.grid.promo[:, -HORIZON:]
    relative = np.where(promo, np.nan, forecast) / daily.levels[:, None]
    days = (np.arange(HORIZON) + len(daily.grid.days) - HORIZON) % 7
    for day, factor in enumerate(WEEK):
        assert np.nanmean(relative[:, days == day]) == pytest.approx(factor, rel=0.06)


@pytest.mark.parametrize("uplift", [0.6, 2.0])
def test_the_planted_promotion_is_forecast_within_a_tenth(uplift: float) -> None:
    shop = plant(products=60, periods=430, uplift=uplift, seed=3)
    made, true = forecast_shop(shop.panel(HORIZON)).mean, true_demand(shop)
    promo = shop.grid.promo[:, -HORIZON:]
    assert promo.sum() > 60
    assert made[promo].sum() == pytest.approx(true[promo].sum(), rel=0.1)
    assert made[~promo].sum() == pytest.approx(true[~promo].sum(), rel=0.05)


def test_planted_events_are_found() -> None:
    """A day with twice the demand, every month, one of them in the horizon."""
    events = (*range(20, 410, 30), 423)
    shop = plant(products=60, periods=430, events=events, event_factor=2.0, promoted=0)
    made, true = forecast_shop(shop.panel(HORIZON)).mean, true_demand(shop)
    place = 423 - (430 - HORIZON)
    untold = forecast_shop(grid_of(shop.grid.units).panel(430 - HORIZON - 1, HORIZON)).mean
    assert made[:, place].sum() == pytest.approx(true[:, place].sum(), rel=0.2)
    assert untold[:, place].sum() < 0.7 * true[:, place].sum()
    rest = np.arange(HORIZON) != place
    assert made[:, rest].sum() == pytest.approx(true[:, rest].sum(), rel=0.06)


def test_weekly_sales_with_promotions() -> None:
    shop = plant(products=60, periods=160, step=Step.WEEK, promoted=2, every=9)
    made, true = forecast_shop(shop.panel(8)).mean, true_demand(shop, 8)
    assert made.sum() == pytest.approx(true.sum(), rel=0.05)
    promo = shop.grid.promo[:, -8:]
    assert made[promo].sum() == pytest.approx(true[promo].sum(), rel=0.1)


@pytest.mark.parametrize(
    ("levels", "dispersion", "kind"),
    [
        ((5.0, 60.0), 1.0, DemandClass.FAST),
        ((5.0, 60.0), 3.0, DemandClass.FAST),
        ((0.4, 0.9), 1.0, DemandClass.SLOW),
        ((0.08, 0.2), 1.0, DemandClass.INTERMITTENT),
    ],
)
def test_bands_cover_what_they_claim(
    levels: tuple[float, float], dispersion: float, kind: DemandClass
) -> None:
    """With many zeros a band that begins at 0 cannot cover less than it claims, only more."""
    shop = plant(products=60, periods=430, levels=levels, dispersion=dispersion, promoted=0)
    folds = [fold(shop.grid, place, HORIZON, by_engines()) for place in cutoffs(shop.grid, HORIZON, 3)]
    found = score(shop.grid, folds)
    rows = members(shop.grid, folds[0].last, folds[0].products)[kind]
    assert len(rows) > 0.6 * len(folds[0].products)
    discrete = kind is not DemandClass.FAST
    assert 0.925 <= found.coverage_95 <= (1.0 if discrete else 0.975)
    assert 0.77 <= found.coverage_80 <= (1.0 if discrete else 0.84)
    # What is left of chance in so few units.
    units = shop.expected[:, -3 * HORIZON :].sum()
    assert abs(found.bias) < 0.04 + 2.5 * np.sqrt(dispersion / units)


def test_totals_cover_what_they_claim() -> None:
    shop = plant(products=60, periods=430, promoted=0)
    inside = []
    for place in cutoffs(shop.grid, HORIZON, 4):
        made = fold(shop.grid, place, HORIZON, by_engines())
        sold = shop.grid.units[np.ix_(made.products, made.periods)].sum(axis=1)
        inside.append((sold >= made.made.totals[:, 1]) & (sold <= made.made.totals[:, 5]))
    assert np.mean(inside) == pytest.approx(0.80, abs=0.08)


def test_stock_outs_do_not_pull_forecasts_down() -> None:
    """Every product is sold out from Thursday to Sunday of every other week: less is sold than was wanted."""
    shop = plant(products=40, periods=430, promoted=0)
    days = np.arange(430)
    empty = np.zeros_like(shop.wanted, dtype=bool)
    empty[:, ((days // 7) % 2 == 0) & (days % 7 >= 3) & (days < 430 - HORIZON)] = True
    # Half of the products in the other week, so that the shop is never closed.
    empty[::2] = np.roll(empty[::2], 7, axis=1) & (days < 430 - HORIZON)
    grid = grid_of(np.where(empty, 0.0, shop.wanted))
    true = shop.expected[:, -HORIZON:].sum()
    naive = forecast_shop(grid.panel(430 - HORIZON - 1, HORIZON)).mean.sum() / true - 1.0
    told = forecast_shop(grid.without_stock(empty).panel(430 - HORIZON - 1, HORIZON)).mean.sum() / true - 1.0
    assert naive < -0.2
    assert abs(told) < 0.05


def test_the_demo_shop_with_and_without_its_stock_levels() -> None:
    """Where the demo shop's shelves were empty, its sales are not its demand."""
    truth = generate_shop(dt.date(2026, 6, 30)).truth
    units = np.where(truth.closed, 0.0, truth.sold)
    grid = Grid(truth.days, Step.DAY, units, ~truth.closed & (units.sum(axis=0) > 0), truth.promo)
    # The product whose delivery did not come for weeks, on the last day of that.
    row = [int(truth.censored[:, -150:].mean(axis=1).argmax())]
    last = int(np.flatnonzero(truth.censored[row[0]])[-1])
    assert last < len(truth.days) - HORIZON
    wanted = truth.expected[row, last + 1 : last + 1 + HORIZON].sum()
    naive, told = (
        forecast_shop(each.panel(last, HORIZON)).mean[row].sum() / wanted - 1.0
        for each in (grid, grid.without_stock(truth.censored))
    )
    assert naive < -0.3
    assert abs(told) < 0.15


def test_everything_beats_the_naive_forecast(daily: Shop) -> None:
    places = cutoffs(daily.grid, HORIZON, 2)
    ours, naive = (
        score(daily.grid, [fold(daily.grid, place, HORIZON, by_engines(names)) for place in places])
        for names in (("auto",), ("seasonal-naive",))
    )
    assert ours.wape < 0.8 * naive.wape
    assert ours.rmsse < 0.8 * naive.rmsse
    assert ours.pinball < 0.8 * naive.pinball
