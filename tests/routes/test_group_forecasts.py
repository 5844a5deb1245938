"""Forecasts of categories and of the shop over HTTP: they add up, whatever categories are called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from siprems_backend.extensions.database import Database
from siprems_backend.models.group_forecasts import GroupForecast
from siprems_backend.models.products import Product
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.services.shop_forecasts.making import forecast_products
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.shop_forecasts.shops import YESTERDAY, sells

NAMES = ("Bread / rolls", "Kuchen, süß", "a/forecast", "100 % 日本", None)
API = "/api/v1"
# Answers have four decimals.
ROUNDING = 1e-4


@pytest.fixture
def viewer(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.VIEWER)


@pytest.fixture
def shop(database: Database, models_dir: Path) -> list[Product]:
    products = [
        sells(database, f"P{place}", 90, level=10.0 + place, category=NAMES[place % len(NAMES)])
        for place in range(8)
    ]
    runs.forecast_here()
    return products


def _read(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"{API}{path}")
    assert answer.status_code == 200, answer.json
    return answer.get_json()


def _path(category: str | None) -> str:
    if category is None:
        return "/shop/forecast/uncategorised"
    return f"/categories/{quote(category, safe='')}/forecast"


def _units(body: Any) -> np.ndarray:
    return np.array([point["predicted"] for point in body["forecast"]])


def test_products_add_up_to_categories_and_these_to_the_shop(
    viewer: FlaskClient, shop: list[Product]
) -> None:
    whole = _read(viewer, "/shop/forecast")
    categories = [_read(viewer, _path(name)) for name in NAMES]
    assert [each["category"] for each in categories] == list(NAMES)
    for name, body in zip(NAMES, categories, strict=True):
        members = [product.sku for product in shop if product.category == name]
        parts = [_units(_read(viewer, f"/products/{sku}/forecast")) for sku in members]
        assert np.allclose(np.sum(parts, axis=0), _units(body), rtol=0, atol=len(parts) * ROUNDING)
        assert (body["products"], body["products_without_forecast"]) == (len(members), 0)
    added = np.sum([_units(body) for body in categories], axis=0)
    assert np.allclose(added, _units(whole), rtol=0, atol=len(NAMES) * ROUNDING)
    assert (whole["products"], whole["method"], whole["step"]) == (8, "bottom-up", "day")
    assert whole["forecast"][0]["date"] == str(YESTERDAY + dt.timedelta(days=1))
    assert sum(each["predicted"] for each in whole["categories"]) == pytest.approx(
        whole["total"]["predicted"], abs=0.01
    )
    assert whole["categories"][-1]["category"] is None
    assert sum(each["share"] for each in whole["categories"]) == pytest.approx(1.0, abs=0.001)


def test_totals_have_quantiles_of_their_own(viewer: FlaskClient, shop: list[Product]) -> None:
    for path in ("/shop/forecast", _path("Bread / rolls")):
        body = _read(viewer, path)
        for point in body["forecast"]:
            levels = list(point["quantiles"].values())
            assert levels == sorted(levels)
            assert 0 <= point["lower"] <= point["predicted"] <= point["upper"]
        total = body["total"]
        assert total["quantiles"]["0.025"] < total["predicted"] < total["quantiles"]["0.975"]
        assert body["backtest"]["periods"] > 50
        assert 0 < body["backtest"]["wape"] < 0.4
        assert body["backtest"]["coverage80"] < body["backtest"]["coverage95"] <= 1
    whole = _read(viewer, "/shop/forecast")
    spread = sum(
        point["upper"] - point["lower"]
        for product in shop
        for point in _read(viewer, f"/products/{product.sku}/forecast")["forecast"]
    )
    assert sum(point["upper"] - point["lower"] for point in whole["forecast"]) < 0.7 * spread


def test_sums_follow_the_catalogue_at_once(
    viewer: FlaskClient, shop: list[Product], database: Database
) -> None:
    before = _read(viewer, "/shop/forecast")
    with database.transaction() as session:
        session.execute(update(Product).where(Product.sku == "P0").values(is_active=False))
        session.execute(update(Product).where(Product.sku == "P1").values(category="Moved"))
        session.execute(delete(ShopForecast).where(ShopForecast.product_id == shop[2].id))
    after = _read(viewer, "/shop/forecast")
    assert (after["products"], after["products_without_forecast"]) == (6, 1)
    assert (_units(after) < _units(before)).all()
    moved = _read(viewer, _path("Moved"))
    alone = _units(_read(viewer, "/products/P1/forecast"))
    assert np.allclose(_units(moved), alone, rtol=0, atol=ROUNDING)
    assert moved["total"]["quantiles"]["0.975"] > moved["total"]["predicted"]
    assert moved["backtest"] == {
        "periods": 0.0,
        "wape": None,
        "bias": None,
        "coverage80": None,
        "coverage95": None,
    }


def test_forecasts_of_other_days_are_added_up_where_they_meet(
    viewer: FlaskClient, shop: list[Product], database: Database
) -> None:
    """One product was forecast a day later, and one was left behind weeks ago."""
    with database.transaction() as session:
        for product, days in ((shop[0], 1), (shop[1], -20)):
            moved = ShopForecast.start_date + dt.timedelta(days=days)
            session.execute(
                update(ShopForecast).where(ShopForecast.product_id == product.id).values(start_date=moved)
            )
    body = _read(viewer, "/shop/forecast")
    assert (body["products"], body["products_without_forecast"]) == (7, 1)
    assert body["forecast"][0]["date"] == str(YESTERDAY + dt.timedelta(days=2))
    assert len(body["forecast"]) == 27
    parts = [_read(viewer, f"/products/{product.sku}/forecast") for product in shop]
    wanted = {point["date"] for point in body["forecast"]}
    taken = [parts[place] for place in (0, 2, 3, 4, 5, 6, 7)]
    total = sum(point["predicted"] for part in taken for point in part["forecast"] if point["date"] in wanted)
    assert body["total"]["predicted"] == pytest.approx(total, abs=0.05)


def test_without_a_past_the_spread_is_assumed(
    viewer: FlaskClient, shop: list[Product], database: Database
) -> None:
    with database.transaction() as session:
        session.execute(delete(GroupForecast))
    body = _read(viewer, "/shop/forecast")
    assert body["backtest"]["wape"] is None
    assert body["total"]["quantiles"]["0.975"] > 1.5 * body["total"]["predicted"]


def test_a_category_in_two_shards_is_one(viewer: FlaskClient, database: Database, models_dir: Path) -> None:
    ids = [sells(database, f"P{place}", 90, category="Bread").id for place in range(4)]
    forecast_products(ids[:2])
    forecast_products(ids[2:])
    body = _read(viewer, "/categories/Bread/forecast")
    assert body["products"] == 4
    assert body["backtest"]["wape"] is not None
    whole = _read(viewer, "/shop/forecast")
    assert whole["backtest"]["wape"] == body["backtest"]["wape"]


def test_what_cannot_be_found_is_said(viewer: FlaskClient, database: Database) -> None:
    def code(path: str) -> tuple[int, str]:
        answer = viewer.get(f"{API}{path}")
        return answer.status_code, answer.get_json()["error"]["code"]

    assert code("/shop/forecast") == (404, "forecast_not_found")
    factories.make_product(database, category="Bread")
    assert code("/shop/forecast") == (404, "forecast_not_found")
    assert code("/categories/Bread/forecast") == (404, "forecast_not_found")
    assert code("/categories/..%2F..%2Fetc/forecast") == (404, "category_not_found")
    assert code("/shop/forecast/uncategorised") == (404, "category_not_found")
    assert code("/categories/%00/forecast")[0] == 422
    assert code(f"/categories/{'x' * 201}/forecast") == (422, "invalid_category")


def test_paths_without_prefix_answer_the_same(viewer: FlaskClient, shop: list[Product]) -> None:
    for path in ("/shop/forecast", _path("a/forecast"), _path(None)):
        assert viewer.get(path).get_json() == _read(viewer, path)
