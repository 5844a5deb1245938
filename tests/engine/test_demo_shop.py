"""The invented shop: what was planted can be found in its sales."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from siprems_engine.synthetic import Pattern, Shop, generate_shop
from siprems_engine.synthetic.assortment import PRODUCTS
from siprems_engine.synthetic.demand import weekdays
from siprems_engine.synthetic.events import easter, events_between
from siprems_engine.synthetic.outlook import promotion_columns

LAST_DAY = dt.date(2026, 6, 30)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return generate_shop(LAST_DAY)


def test_the_same_seed_gives_the_same_shop(shop: Shop) -> None:
    again, other = generate_shop(LAST_DAY), generate_shop(LAST_DAY, seed=21)
    for name in ("products", "sales", "stock", "events", "promotions"):
        first, second = getattr(shop, name), getattr(again, name)
        assert all(np.array_equal(first[column], second[column]) for column in first)
    assert not np.array_equal(shop.truth.demand, other.truth.demand)
    assert np.array_equal(shop.truth.days, other.truth.days)


def test_forty_products_in_six_categories_over_two_years(shop: Shop) -> None:
    truth = shop.truth
    assert truth.demand.shape == (40, 730)
    assert len({product.category for product in truth.products}) == 6
    assert len({product.sku for product in truth.products}) == 40
    assert truth.days[-1].item() == LAST_DAY
    assert shop.sales["date"].max().item() == LAST_DAY


def test_every_week_has_the_mean_one(shop: Shop) -> None:
    for product in shop.truth.products:
        assert sum(product.week) == pytest.approx(7.0)


def weekday_factors(series: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Share of each weekday, Monday first, by ratio to the centred week, as a textbook would."""
    week = np.convolve(series, np.ones(7) / 7, mode="valid")
    ratio, day = series[3:-3] / week, weekdays(days)[3:-3]
    factors = np.array([np.median(ratio[day == number]) for number in range(7)])
    return factors / factors.mean()


@pytest.mark.parametrize("sku", ["BRD-001", "RLL-001", "DRK-001", "DRK-002", "CKE-001"])
def test_planted_weekdays_are_found_in_the_sales(shop: Shop, sku: str) -> None:
    row = shop.truth.row(sku)
    found = weekday_factors(shop.truth.sold[row], shop.truth.days)
    np.testing.assert_allclose(found, shop.truth.products[row].week, atol=0.12)


@pytest.mark.parametrize("sku", ["CRS-001", "KAFFEE/250g", "12 MACARON", "DEL-001"])
def test_planted_promotions_are_found_in_the_sales(shop: Shop, sku: str) -> None:
    truth = shop.truth
    row = truth.row(sku)
    product, promo = truth.products[row], truth.promo[row]
    assert 0.05 < promo.mean() < 0.25
    base = truth.expected[row] / np.where(promo, product.promo_uplift, 1.0)
    on, off = promo & ~truth.closed, ~promo & ~truth.closed
    uplift = (truth.sold[row][on].sum() / base[on].sum()) / (truth.sold[row][off].sum() / base[off].sum())
    assert uplift == pytest.approx(product.promo_uplift, rel=0.12)


def test_planted_events_are_found_in_the_sales(shop: Shop) -> None:
    truth = shop.truth
    rows = [place for place, product in enumerate(truth.products) if product.category == "Drinks"]
    total, expected = truth.sold[rows].sum(axis=0), truth.expected[rows].sum(axis=0)
    days = [np.datetime64(event.date) for event in truth.events if event.name == "Town festival"]
    fair = np.isin(truth.days, days)
    effect = total[fair].sum() / (expected[fair].sum() / 1.7)
    assert effect == pytest.approx(1.7, rel=0.1)


@pytest.mark.parametrize("sku", ["BRD-006", "DRK-004", "CRS-003"])
def test_trend_breaks_are_where_they_should_be(shop: Shop, sku: str) -> None:
    row = shop.truth.row(sku)
    product, sold = shop.truth.products[row], shop.truth.sold[row]
    after = sold[-product.break_days_ago :][:56].mean()
    before = sold[: -product.break_days_ago][-56:].mean()
    assert after / before == pytest.approx(product.break_factor, rel=0.15)


def test_stock_outs_hide_demand_and_never_invent_it(shop: Shop) -> None:
    truth = shop.truth
    assert (truth.sold <= truth.demand).all()
    assert (truth.left >= 0).all()
    assert (truth.left[truth.censored] == 0).all()
    for product, censored in zip(truth.products, truth.censored, strict=True):
        if product.supply_gap:
            days_ago, length = product.supply_gap
            assert censored[-days_ago - 9 : -days_ago + length + 9].sum() >= 3


def test_kinds_of_products(shop: Shop) -> None:
    truth = shop.truth
    days_sold = dict(zip([p.sku for p in truth.products], (truth.sold > 0).sum(axis=1), strict=True))
    assert days_sold["GFT-007"] == 0
    assert days_sold["GFT-006"] <= 3
    assert 20 <= days_sold["DEL-006"] <= 30
    assert not truth.sold[truth.row("STOLLEN")][truth.days == np.datetime64("2025-07-01")].any()
    assert truth.sold[truth.row("STOLLEN")][truth.days == np.datetime64("2025-12-10")].all()
    for product in truth.products:
        if product.pattern is Pattern.INTERMITTENT:
            assert 0 < days_sold[product.sku] < 0.3 * len(truth.days)


def test_closed_days_have_no_rows(shop: Shop) -> None:
    assert shop.truth.closed.sum() == 4
    assert not np.isin(shop.sales["date"], shop.truth.days[shop.truth.closed]).any()


def test_rows_are_those_of_a_till(shop: Shop) -> None:
    sales = shop.sales
    assert len({len(column) for column in sales.values()}) == 1
    back = sales["quantity"] < 0
    assert back.any()
    assert set(sales["reference"][back]) == {"return"}
    assert not sales["is_promo"][back].any()
    keys = list(zip(sales["sku"], sales["date"], sales["reference"], strict=True))
    assert len(set(keys)) == len(keys)
    sold = np.zeros(len(shop.truth.days))
    np.add.at(sold, (sales["date"][~back] - shop.truth.days[0]).astype(int), sales["quantity"][~back])
    np.testing.assert_allclose(sold, shop.truth.sold.sum(axis=0))


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2000, 4, 23), (2019, 4, 21), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25)]
)
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == dt.date(year, month, day)


def test_events_are_known_ahead(shop: Shop) -> None:
    assert shop.events["date"].max().item() > LAST_DAY + dt.timedelta(days=350)
    names = [event.name for event in events_between(dt.date(2025, 6, 20), dt.date(2025, 6, 22))]
    assert names == ["Town festival"] * 3


def test_the_plan_holds_the_promotions_of_the_history_and_of_the_weeks_after(shop: Shop) -> None:
    truth, plan = shop.truth, shop.promotions
    days, promo = np.append(truth.days, truth.outlook.days), np.hstack([truth.promo, truth.outlook.promo])
    assert truth.outlook.days[0].item() == LAST_DAY + dt.timedelta(days=1)
    marked = np.zeros_like(promo)
    for sku, first, last in zip(plan["sku"], plan["date_from"], plan["date_to"], strict=True):
        assert (last - first).astype(int) == 6
        marked[truth.row(sku)] |= (days >= first) & (days <= last)
    assert np.array_equal(marked, promo)
    promoted = [product.promo_uplift > 1 for product in truth.products]
    assert np.array_equal(truth.outlook.promo.any(axis=1), promoted)


def test_what_is_expected_goes_on_after_the_history(shop: Shop) -> None:
    """The truth of the weeks ahead is that of a shop whose history ends later, but for what has an age."""
    known = generate_shop(LAST_DAY - dt.timedelta(days=84), days=646).truth
    aged = ("BRD-006", "CRS-003", "DRK-004", "DEL-006", "GFT-006")
    rows = [row for row, product in enumerate(known.products) if product.sku not in aged]
    assert np.array_equal(known.outlook.days, shop.truth.days[-84:])
    np.testing.assert_allclose(known.outlook.expected[rows], shop.truth.expected[rows, -84:])


def test_promotions_are_read_off_their_days() -> None:
    days = np.datetime64("2026-03-01") + np.arange(5)
    promo = np.array([[True, True, False, False, True], [False] * 5, [False, True, True, True, False]])
    columns = promotion_columns(PRODUCTS[:3], days, promo)
    assert columns["sku"].tolist() == [PRODUCTS[0].sku, PRODUCTS[0].sku, PRODUCTS[2].sku]
    assert (columns["date_from"] - days[0]).astype(int).tolist() == [0, 4, 1]
    assert (columns["date_to"] - days[0]).astype(int).tolist() == [1, 4, 3]


@pytest.mark.parametrize("last_day", [dt.date(2024, 2, 29), dt.date(2025, 1, 1), dt.date(2025, 12, 31)])
def test_any_last_day_will_do(last_day: dt.date) -> None:
    shop = generate_shop(last_day, days=60)
    assert shop.truth.days[-1].item() == last_day
    assert np.isfinite(shop.truth.demand).all()


def test_unknown_products_and_short_histories_are_refused(shop: Shop) -> None:
    with pytest.raises(KeyError):
        shop.truth.row("nothing")
    with pytest.raises(ValueError, match="60 days"):
        generate_shop(LAST_DAY, days=59)
