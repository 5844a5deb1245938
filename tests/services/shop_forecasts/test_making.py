"""Forecasts of the whole shop, made and stored on the real database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from siprems_backend.errors import TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.models import history_queries, shop_forecast_queries
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.services.shop_forecasts import asked, making
from siprems_backend.services.shop_forecasts.making import forecast_products, forecast_with_neighbours
from siprems_engine.forecasting.shop import Panel, forecast_shop
from tests import factories
from tests.services.shop_forecasts.shops import YESTERDAY, sells


def _row(database: Database, product_id: int) -> ShopForecast | None:
    with database.reading() as session:
        return shop_forecast_queries.of_product(session, product_id)


def test_every_product_gets_a_row_that_makes_sense(database: Database, models_dir: Path) -> None:
    products = [sells(database, "P" * n, level=20.0 * n) for n in (1, 2, 3)]
    result = forecast_products([product.id for product in products])
    assert result == {"forecasts": 3, "unchanged": 0, "failed": 0, "never_sold": 0, "reasons": {}}
    for place, product in enumerate(products, start=1):
        row = _row(database, product.id)
        assert row is not None
        assert (row.start_date, row.origin, row.step_days) == (
            YESTERDAY + dt.timedelta(days=1),
            YESTERDAY,
            1,
        )
        mean, quantiles, totals = np.array(row.mean), np.array(row.quantiles), np.array(row.totals)
        assert (mean.shape, quantiles.shape, totals.shape) == ((28,), (28, 7), (28, 7))
        assert 12 * place < mean.mean() < 32 * place
        assert (np.diff(quantiles, axis=1) >= 0).all()
        assert (np.diff(totals, axis=0) >= 0).all()
        assert quantiles.min() >= 0
        assert quantiles.max() <= row.ceiling
        assert totals[-1, 0] < mean.sum() < totals[-1, -1]
        assert sum(row.shares.values()) == pytest.approx(1.0, abs=0.01)
        assert row.champion == max(row.shares, key=row.shares.__getitem__)
        assert "lowest error over" in row.reason
        assert row.backtest["periods"] > 100
        assert 0.05 < row.backtest["wape"] < 0.4
        assert 0.85 < row.backtest["coverage95"] <= 1


def test_the_same_data_is_forecast_once(database: Database, models_dir: Path) -> None:
    products = [sells(database, "P" * n) for n in (1, 2)]
    ids = [product.id for product in products]
    forecast_products(ids)
    before = _row(database, ids[0])
    again = forecast_products(ids)
    assert (again["forecasts"], again["unchanged"]) == (0, 2)
    after = _row(database, ids[0])
    assert before is not None
    assert after is not None
    assert (after.made_at, after.data_hash) == (before.made_at, before.data_hash)
    sells(database, "new")
    with database.reading() as session:
        ids = [product_id for product_id, _ in history_queries.active_products(session)]
    more = forecast_products(ids)
    assert (more["forecasts"], more["unchanged"]) == (3, 0)


def test_what_is_stored_is_what_the_engine_said(database: Database, models_dir: Path) -> None:
    products = [sells(database, "P" * n) for n in (1, 2)]
    ids = [product.id for product in products]
    forecast_products(ids)
    with database.reading() as session:
        demand = making.load_demand(session, ids, 28)
    expected = forecast_shop(demand.grid.panel(demand.last, 28))
    for place, product_id in enumerate(ids):
        row = _row(database, product_id)
        assert row is not None
        np.testing.assert_allclose(row.mean, expected.mean[place], rtol=1e-12)
        np.testing.assert_allclose(row.quantiles, expected.quantiles[place], rtol=1e-6)
        np.testing.assert_allclose(row.totals, expected.totals[place], rtol=1e-6)


def test_the_day_off_sells_nothing(database: Database, models_dir: Path) -> None:
    product = factories.make_product(database, "A")
    # The 30th of June 2026 is a Tuesday; the shop is shut on Sundays.
    sold = [None if (day % 7) == 5 else 20.0 + day % 5 for day in range(84)]
    factories.sell(database, product, sold[::-1][::-1], until=YESTERDAY)
    forecast_products([product.id])
    row = _row(database, product.id)
    assert row is not None
    first = YESTERDAY - dt.timedelta(days=83)
    shut = {(first + dt.timedelta(days=day)).weekday() for day in range(84) if day % 7 == 5}
    for place, (mean, quantiles) in enumerate(zip(row.mean, row.quantiles, strict=True)):
        closed = (row.start_date + dt.timedelta(days=place)).weekday() in shut
        assert (mean == 0) == closed
        assert (quantiles[-1] == 0) == closed


def test_a_product_that_fails_costs_no_other_its_forecast(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [sells(database, "P" * n) for n in range(1, 7)]
    bad = products[3].id
    real = making.load_demand

    def sometimes(session: object, ids: list[int], horizon: int, *, prices: bool = False) -> object:
        if bad in ids:
            raise ZeroDivisionError("a bug")
        return real(session, ids, horizon, prices=prices)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "load_demand", sometimes)
    result = forecast_products([product.id for product in products])
    assert (result["forecasts"], result["failed"]) == (5, 1)
    assert list(result["reasons"]) == ["PPPP"]
    assert "Something went wrong on our side (ZeroDivisionError)" in result["reasons"]["PPPP"]
    assert _row(database, bad) is None
    assert _row(database, products[4].id) is not None


def test_what_always_fails_is_given_up(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [sells(database, "P" * n, days=10) for n in range(1, 9)]
    tried: list[int] = []

    def never(panel: Panel, **_rest: object) -> object:
        tried.append(panel.products)
        raise FloatingPointError

    monkeypatch.setattr(asked, "forecast_shop", never)
    monkeypatch.setattr(making, "PATIENCE", 2)
    result = forecast_products([product.id for product in products])
    assert (result["forecasts"], result["failed"]) == (0, 8)
    assert tried == [8, 4, 2, 2, 4]


def test_numbers_that_are_none_are_not_stored(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [sells(database, "P" * n) for n in (1, 2)]

    def broken(panel: Panel, **rest: object) -> object:
        made = forecast_shop(panel, **rest)  # type: ignore[arg-type]
        made.mean[0, 3] = np.nan
        return made

    monkeypatch.setattr(asked, "forecast_shop", broken)
    result = forecast_products([product.id for product in products])
    assert (result["forecasts"], list(result["reasons"])) == (1, ["P"])


def test_what_never_sold_is_forecast_from_its_category(database: Database, models_dir: Path) -> None:
    """The 10 to 40 units of bread a day; that a toy never sold either does not make it bread."""
    bread = [sells(database, "P" * n, level=10.0 * n) for n in range(1, 5)]
    toys = [sells(database, "T" * n, level=1.0 * n, category="Toys") for n in range(1, 5)]
    made = [factories.make_product(database, sku, category=sku) for sku in ("Bread", "Toys")]
    result = forecast_products([product.id for product in [*bread, *toys, *made]])
    assert (result["forecasts"], result["never_sold"], result["failed"]) == (10, 0, 0)
    rows = [_row(database, product.id) for product in made]
    for row, lowest, highest in zip(rows, (6.0, 0.5), (40.0, 6.0), strict=True):
        assert row is not None
        mean, quantiles = np.array(row.mean), np.array(row.quantiles)
        assert lowest < mean.mean() < highest
        assert row.ceiling >= quantiles.max() > 2 * mean.mean()
        assert (row.champion, row.shares) == ("new-product", {"new-product": 1.0})
        assert row.reason.startswith("It has not sold yet")
        assert (row.backtest["periods"], row.backtest["wape"]) == (0, None)
        assert row.components["level"] is None


def test_what_just_began_to_sell_is_no_longer_bound_by_its_few_days(
    database: Database, models_dir: Path
) -> None:
    peers = [sells(database, "P" * n, level=40.0) for n in range(1, 6)]
    young = factories.make_product(database, "NEW", category="Bread")
    factories.sell(database, young, [1.0], until=YESTERDAY)
    forecast_products([product.id for product in [*peers, young]])
    row = _row(database, young.id)
    assert row is not None
    assert row.ceiling > 40
    assert 0 < row.shares["new-product"] < 1
    assert "too young to be judged by its own sales alone" in row.reason


def test_promotions_that_nobody_plans_are_said_to_be_in_the_level(
    database: Database, models_dir: Path
) -> None:
    flagged, other = factories.make_product(database, "A"), sells(database, "B")
    promo = [day % 4 == 0 for day in range(120)]
    factories.sell(database, flagged, factories.weekly_demand(120), until=YESTERDAY, promo=promo)
    forecast_products([flagged.id, other.id])
    rows = [_row(database, product.id) for product in (flagged, other)]
    said = [row is not None and "Promotions are not planned" in row.reason for row in rows]
    assert said == [True, False]
    assert rows[0] is not None
    assert rows[0].components["promotion"] is None


@pytest.mark.parametrize(("days", "forecasts"), [(13, 3), (14, 4), (40, 4)])
def test_in_a_young_shop_what_never_sold_is_forecast_after_two_weeks(
    database: Database, models_dir: Path, days: int, forecasts: int
) -> None:
    peers = [sells(database, "P" * n, days=days, level=10.0 * n) for n in range(1, 4)]
    new = factories.make_product(database, "NEW", category="Bread")
    result = forecast_products([product.id for product in [*peers, new]])
    assert (result["forecasts"], result["never_sold"], result["failed"]) == (forecasts, 4 - forecasts, 0)
    row = _row(database, new.id)
    if forecasts == 3:
        assert row is None
    else:
        assert row is not None
        assert row.champion == "new-product"
        assert 5 < np.mean(row.mean) < 40
        assert row.ceiling >= np.max(row.quantiles) > np.mean(row.mean)


def test_a_shop_without_a_sale_has_nothing_to_forecast(database: Database, models_dir: Path) -> None:
    product = factories.make_product(database, "A")
    assert forecast_products([product.id])["never_sold"] == 1
    assert forecast_products([999])["forecasts"] == 0


def test_products_deleted_meanwhile_are_passed_over(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [sells(database, "P" * n) for n in (1, 2)]
    real = asked.components

    def deleting(panel: Panel) -> object:
        with database.transaction() as session:
            session.execute(text("DELETE FROM daily_sales WHERE product_id = :id"), {"id": products[0].id})
            session.execute(text("DELETE FROM products WHERE id = :id"), {"id": products[0].id})
        return real(panel)

    monkeypatch.setattr(asked, "components", deleting)
    forecast_products([product.id for product in products])
    assert _row(database, products[1].id) is not None


def test_a_task_that_is_cancelled_stores_nothing(database: Database, models_dir: Path) -> None:
    product = sells(database, "A")

    def cancelled(current: int, _total: int, _message: str = "") -> None:
        if current:
            raise TaskCancelled

    with pytest.raises(TaskCancelled):
        forecast_products([product.id], on_progress=cancelled)
    assert _row(database, product.id) is None


def test_neighbours_lend_their_history_and_keep_their_forecasts(database: Database, models_dir: Path) -> None:
    products = [sells(database, "P" * n) for n in (1, 2, 3)]
    forecast_with_neighbours([products[1].id])
    assert [_row(database, product.id) is not None for product in products] == [False, True, False]


def test_a_second_forecast_takes_the_place_of_the_first(database: Database, models_dir: Path) -> None:
    product = sells(database, "A")
    forecast_products([product.id])
    factories.sell(database, product, [30.0], until=YESTERDAY + dt.timedelta(days=1))
    forecast_products([product.id])
    row = _row(database, product.id)
    assert row is not None
    assert row.origin == YESTERDAY + dt.timedelta(days=1)
