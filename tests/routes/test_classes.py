"""Classes of products as filters of lists, exports and batches."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.models.artifacts import StoredForecast
from siprems_backend.services import sales
from siprems_backend.services.sales import Item
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def shop(database: Database) -> None:
    for sku, classes in (("A", ("smooth", "A", "X")), ("B", ("lumpy", "C", "Z")), ("C", (None, "C", None))):
        demand_class, abc, xyz = classes
        product = factories.make_product(database, sku, demand_class=demand_class, abc=abc, xyz=xyz)
        made = {"yhat": [1.0], "lower": [0.0], "upper": [2.0]}
        with database.transaction() as session:
            session.add(
                StoredForecast(product_id=product.id, engine="prophet", start_date=clock.today(), **made)
            )


def _listed(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/api/v1/products?{query}")
    assert answer.status_code == 200, answer.json
    return [item["sku"] for item in answer.get_json()["items"]]


def _exported(client: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/exports/{path}")
    assert answer.status_code == 200, answer.json
    return list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))


def test_products_are_listed_and_sorted_by_class(analyst: FlaskClient, shop: None) -> None:
    assert _listed(analyst, "demand_class=lumpy") == ["B"]
    assert _listed(analyst, "abc=C") == ["B", "C"]
    assert _listed(analyst, "abc=C&xyz=Z&demand_class=smooth") == []
    assert _listed(analyst, "sort=-xyz") == ["B", "A", "C"]
    item = analyst.get("/api/v1/products/B").get_json()
    assert (item["demand_class"], item["abc"], item["xyz"]) == ("lumpy", "C", "Z")


@pytest.mark.parametrize("query", ["abc=a", "abc=D", "xyz=", "demand_class=fast", "demand_class=Smooth"])
def test_classes_that_are_none_are_refused(analyst: FlaskClient, query: str) -> None:
    for path in ("products", "exports/products", "exports/forecasts", "exports/sales", "accuracy/overview"):
        assert analyst.get(f"/api/v1/{path}?{query}").status_code == 422


def test_a_client_cannot_class_a_product(analyst: FlaskClient, shop: None) -> None:
    assert analyst.patch("/api/v1/products/A", json={"abc": "C"}).status_code == 422


def test_exports_are_narrowed_and_name_the_classes(analyst: FlaskClient, shop: None) -> None:
    rows = _exported(analyst, "products?abc=C")
    assert [(row["sku"], row["demand_class"], row["abc"], row["xyz"]) for row in rows] == [
        ("B", "lumpy", "C", "Z"),
        ("C", "", "C", ""),
    ]
    assert [row["sku"] for row in _exported(analyst, "forecasts?demand_class=smooth")] == ["A"]
    for sku in ("A", "B"):
        sales.sell(Item(sku, Decimal(1)), clock.today(), None)
    assert [row["sku"] for row in _exported(analyst, "sales?xyz=Z")] == ["B"]


def test_the_plan_is_narrowed(analyst: FlaskClient, shop: None) -> None:
    def planned(query: str) -> list[Any]:
        return [line["sku"] for line in analyst.get(f"/api/v1/replenishment?{query}").get_json()["items"]]

    assert planned("sort=sku") == ["A", "B", "C"]
    assert planned("abc=C&sort=sku") == ["B", "C"]
    assert planned("demand_class=smooth&xyz=X") == ["A"]
    assert analyst.get("/api/v1/replenishment?abc=Q").status_code == 422
    line = analyst.get("/api/v1/replenishment?abc=A").get_json()["items"][0]
    assert (line["demand_class"], line["abc"], line["xyz"]) == ("smooth", "A", "X")


def test_a_batch_is_chosen_by_class(analyst: FlaskClient, shop: None) -> None:
    def batch(wanted: dict[str, str]) -> Any:
        return analyst.post("/api/v1/predict/batch", json={"filter": wanted})

    assert batch({"abc": "C"}).status_code == 202
    assert batch({"abc": "B"}).get_json()["error"]["code"] == "no_products"
    assert batch({"abc": "X"}).status_code == 422
    schedule = {
        "name": "Lumps",
        "cron": "0 3 * * *",
        "task": "predict_batch",
        "parameters": {"filter": {"demand_class": "lumpy"}},
    }
    answer = analyst.post("/api/v1/schedules", json=schedule)
    assert answer.get_json()["parameters"]["filter"] == {"demand_class": "lumpy"}
