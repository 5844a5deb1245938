"""Accuracy of forecasts that were made, as clients see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services.accuracy import watch
from siprems_backend.services.accuracy.remember import remember
from siprems_backend.services.product_classes import classify_products
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.accuracy.forecasts import UNTIL, forecast, forecast_daily

AsRole = Callable[[Role], FlaskClient]


@pytest.fixture
def viewer(as_role: AsRole) -> FlaskClient:
    return as_role(Role.VIEWER)


def _read(client: FlaskClient, path: str) -> Any:
    return client.get(path).get_json()


def _shop(database: Database) -> None:
    """A product that is forecast well, one that is not, and one that hardly sells."""
    for sku, category, sold, mean in (
        ("A/1", "Bread", [20.0] * 60, 20.0),
        ("LOW", "Cake", [9.0] * 60, 3.0),
        ("RARE", None, [0.0, 0.0, 0.0, 1.0] * 15, 0.3),
    ):
        product = factories.make_product(database, sku, category=category)
        factories.sell(database, product, sold, until=UNTIL)
        forecast_daily(database, product, mean, origins=20)
    classify_products()


def test_a_products_figures_and_time_line(viewer: FlaskClient, database: Database) -> None:
    _shop(database)
    watch.score()
    body = _read(viewer, "/api/v1/products/LOW/accuracy?days=5")
    assert (body["product_sku"], body["step"], body["engine"], body["note"]) == ("LOW", "day", "auto", None)
    figures = body["figures"]
    assert (figures["periods"], figures["units"], figures["absolute_error"]) == (20, 180.0, 120.0)
    assert figures["wape"] == pytest.approx(2 / 3)
    assert figures["bias"] == pytest.approx(-2 / 3)
    assert (figures["tracking_signal"], figures["cumulative_signal"], figures["biased"]) == (1.0, 20.0, True)
    assert body["drift"]["drifted"]
    assert (body["drift"]["sales_are"], body["drift"]["since"]) == ("above", "2026-06-11")
    assert [point["date"] for point in body["timeline"]] == [f"2026-06-{day}" for day in range(26, 31)]
    point = body["timeline"][-1]
    assert (point["actual"], point["forecast"], point["ahead"], point["counts"]) == (9.0, 3.0, 1, True)
    assert point["lower_95"] <= point["lower_80"] <= point["median"] <= point["upper_80"] < point["upper_95"]
    assert point["tracking_signal"] == 1.0


def test_a_good_product_does_not_drift(viewer: FlaskClient, database: Database) -> None:
    _shop(database)
    watch.score()
    body = _read(viewer, "/products/A%2F1/accuracy")
    assert (body["figures"]["wape"], body["demand_class"], body["abc"]) == (0.0, "smooth", "A")
    assert body["drift"] == {"drifted": False, "since": None, "statistic": 0.0, "sales_are": None}
    assert len(body["timeline"]) == 20


def test_closed_days_are_shown_and_do_not_count(viewer: FlaskClient, database: Database) -> None:
    product = factories.make_product(database)
    factories.sell(database, product, [5.0, None, 5.0], until=UNTIL)
    forecast_daily(database, product, 5.0, origins=2)
    timeline = _read(viewer, "/api/v1/products/BRD-001/accuracy")["timeline"]
    assert [(point["actual"], point["counts"]) for point in timeline] == [(None, False), (5.0, True)]


def test_an_honest_answer_before_anything_can_be_compared(viewer: FlaskClient, database: Database) -> None:
    product = factories.make_product(database)
    path = "/api/v1/products/BRD-001/accuracy"
    empty = _read(viewer, path)
    assert (empty["figures"], empty["drift"], empty["timeline"]) == (None, None, [])
    assert "No forecast of this product was made" in empty["note"]
    factories.sell(database, product, [5.0] * 10, until=UNTIL)
    with database.transaction() as session:
        remember(session, [forecast(product, UNTIL, [5.0] * 7)])
    assert "No forecast of this product was made" in _read(viewer, path)["note"]
    factories.sell(database, product, [6.0], until=UNTIL + dt.timedelta(days=1))
    seen = _read(viewer, path)
    assert "has not looked at this product yet" in seen["note"]
    assert [point["actual"] for point in seen["timeline"]] == [6.0]


def test_unknown_products_and_bad_requests(viewer: FlaskClient) -> None:
    assert _read(viewer, "/api/v1/products/X/accuracy")["error"]["code"] == "product_not_found"
    for query in ("days=0", "days=366", "days=x", "limit=3"):
        assert viewer.get(f"/api/v1/products/X/accuracy?{query}").status_code == 422
    for query in ("limit=0", "limit=201", "demand_class=quick", "sort=sku"):
        assert viewer.get(f"/api/v1/accuracy/overview?{query}").status_code == 422


def test_the_overview(viewer: FlaskClient, database: Database) -> None:
    _shop(database)
    watch.score()
    body = _read(viewer, "/api/v1/accuracy/overview?days=7")
    assert (body["as_of"], body["step"]) == ("2026-06-30", "day")
    shop = body["shop"]
    assert (shop["products"], shop["drifted"], shop["units"]) == (3, 1, 400.0 + 180.0 + 5.0)
    assert shop["wape"] == pytest.approx((120.0 + 15 * 0.3 + 5 * 0.7) / 585.0, rel=1e-5)
    assert len(body["timeline"]) == 7
    assert body["timeline"][-1]["products"] == 3
    assert [(group["name"], group["products"]) for group in body["by_category"]] == [
        ("Bread", 1),
        ("Cake", 1),
        (None, 1),
    ]
    classes = {group["name"]: group["products"] for group in body["by_demand_class"]}
    assert classes == {"smooth": 2, "intermittent": 1}
    assert [(group["name"], group["products"]) for group in body["by_abc"]] == [("A", 2), ("C", 1)]
    assert [(group["name"], group["products"]) for group in body["by_xyz"]] == [("X", 3)]
    assert body["worst"][0]["demand_class"] == "smooth"
    assert [each["product_sku"] for each in body["worst"]] == ["LOW", "RARE", "A/1"]
    assert [each["product_sku"] for each in body["drifted"]] == ["LOW"]
    assert [each["product_sku"] for each in body["biased"]] == ["LOW"]
    assert body["drifted"][0]["drift"]["sales_are"] == "above"


def test_the_overview_is_narrowed(viewer: FlaskClient, database: Database) -> None:
    _shop(database)
    watch.score()
    cake = _read(viewer, "/api/v1/accuracy/overview?category=Cake")
    assert (cake["shop"]["products"], [each["product_sku"] for each in cake["worst"]]) == (1, ["LOW"])
    steady = _read(viewer, "/api/v1/accuracy/overview?demand_class=smooth&abc=A&limit=1")
    assert [each["product_sku"] for each in steady["worst"]] == ["LOW"]
    rare = _read(viewer, "/api/v1/accuracy/overview?demand_class=intermittent&xyz=X")
    assert [each["product_sku"] for each in rare["worst"]] == ["RARE"]
    assert rare["drifted"] == []
    none = _read(viewer, "/api/v1/accuracy/overview?category=None%20such")
    assert cake["note"] is None
    assert none["note"] == "No product with figures is of this category and these classes."


def test_the_overview_of_a_shop_that_was_never_watched(viewer: FlaskClient) -> None:
    body = _read(viewer, "/api/v1/accuracy/overview")
    assert body["note"].startswith("No forecast could be held against sales yet.")
    assert (body["as_of"], body["timeline"], body["worst"]) == (None, [], [])
    assert (body["shop"]["products"], body["shop"]["wape"]) == (0, None)
