"""The catalogue over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.models.products import StockLevel
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.factories import make_product

ODD_SKUS = [
    "A/B",
    "../../etc/passwd",
    "12 MACARON",
    "x@y",
    "Ünïcödé",
    "a//b",
    "/lead",
    "trail/",
    "100%",
    "a?b#c",
    "a+b",
    "%2F",
    "..",
    ".",
    "stats/",
    "木",
    "x" * 200,
    "Ü" * 200,
]


def path(sku: str, prefix: str = "/api/v1/products") -> str:
    return f"{prefix}/{quote(sku, safe='')}"


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


def add(client: FlaskClient, sku: str, **values: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/products", json={"sku": sku, **values})
    assert answer.status_code == 201, answer.json
    return answer.json


def skus(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [item["sku"] for item in answer.json["items"]]


@pytest.mark.parametrize("sku", ODD_SKUS)
def test_an_odd_sku_lives_a_whole_life(analyst: FlaskClient, sku: str) -> None:
    assert add(analyst, sku)["sku"] == sku
    assert analyst.get(path(sku)).json["sku"] == sku
    assert analyst.get(path(sku, "/products")).json["sku"] == sku
    assert analyst.patch(path(sku), json={"price": 1.5}).json["price"] == 1.5
    assert analyst.put(path(sku), json={"name": "New"}).json["name"] == "New"
    assert skus(analyst.get("/api/v1/products", query_string={"sku": sku})) == [sku]
    assert skus(analyst.get("/api/v1/products", query_string={"search": sku})) == [sku]
    assert analyst.delete(path(sku)).json["status"] == "deleted"
    assert analyst.get(path(sku)).status_code == 404


def test_a_new_product_has_defaults(analyst: FlaskClient) -> None:
    product = add(analyst, "BRD-001")
    assert product | {"id": 0, "created_at": "", "updated_at": ""} == {
        "id": 0,
        "sku": "BRD-001",
        "name": "BRD-001",
        "category": None,
        "unit": "unit",
        "price": None,
        "cost": None,
        "stock": 0.0,
        "is_active": True,
        "demand_class": None,
        "abc": None,
        "xyz": None,
        "created_at": "",
        "updated_at": "",
    }
    assert product["created_at"].endswith("Z")


def test_a_sku_is_taken_once_however_it_is_written(analyst: FlaskClient) -> None:
    add(analyst, "Über")
    for again in ("Über", " Über ", "U\u0308ber"):
        answer = analyst.post("/api/v1/products", json={"sku": again})
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "product_exists")
    assert analyst.get(path("U\u0308ber")).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", "   "),
        ("sku", "a\x00b"),
        ("sku", "a\nb"),
        ("sku", "x" * 201),
        ("sku", 12),
        ("sku", None),
        ("name", ""),
        ("name", "x" * 501),
        ("name", None),
        ("price", -1),
        ("price", "NaN"),
        ("price", "Infinity"),
        ("price", 1e9),
        ("price", True),
        ("price", "1e999999"),
        ("stock", -0.5),
        ("stock", None),
        ("stock", 1e10),
        ("is_active", "perhaps"),
        ("unit", "x" * 21),
        ("colour", "red"),
    ],
)
def test_fields_that_make_no_sense_are_named(analyst: FlaskClient, field: str, value: Any) -> None:
    answer = analyst.post("/api/v1/products", json={"sku": "A", field: value})
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]["json"]
    assert analyst.get("/api/v1/products").json["total"] == 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '"A"',
        "null",
        "1",
        '{"sku": "A", "price": NaN}',
        '{"sku": "\\ud800"}',
    ],
)
def test_bodies_that_are_no_product_are_refused(analyst: FlaskClient, body: str) -> None:
    answer = analyst.post("/api/v1/products", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_sku_that_cannot_be_is_refused_in_the_path(analyst: FlaskClient, method: str) -> None:
    for sku, status in (("\x00", 422), ("x" * 201, 422), (" ", 422)):
        body = {} if method in ("get", "delete") else {"json": {}}
        answer = getattr(analyst, method)(path(sku), **body)
        assert (answer.status_code, answer.json["error"]["code"]) == (status, "invalid_sku")


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_unknown_product_is_said_to_be_unknown(analyst: FlaskClient, method: str) -> None:
    answer = getattr(analyst, method)(path("X"), **({"json": {}} if method == "patch" else {}))
    assert answer.status_code == 404
    assert answer.json == {
        "error": {"code": "product_not_found", "message": "No product with SKU 'X'."},
        "message": "No product with SKU 'X'.",
    }


def test_put_creates_then_replaces_all_but_the_stock(analyst: FlaskClient) -> None:
    first = analyst.put(path("A/B"), json={"name": "Bread", "price": 2, "category": "Bakery", "stock": 7})
    assert first.status_code == 201
    second = analyst.put(path("A/B"), json={"name": "Loaf", "sku": "A/B"})
    assert second.status_code == 200
    assert (second.json["id"], second.json["name"], second.json["stock"]) == (first.json["id"], "Loaf", 7)
    assert (second.json["price"], second.json["category"]) == (None, None)


def test_patch_changes_what_is_given_and_nothing_else(analyst: FlaskClient) -> None:
    before = add(analyst, "A", name="Bread", price=2, category="Bakery", stock=7)
    after = analyst.patch(path("A"), json={"category": None, "stock": 2.25}).json
    assert after["updated_at"] > before["updated_at"]
    assert after | {"updated_at": ""} == before | {"category": None, "stock": 2.25, "updated_at": ""}
    assert analyst.patch(path("A"), json={}).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_sku_cannot_be_changed(analyst: FlaskClient, method: str) -> None:
    add(analyst, "A")
    answer = getattr(analyst, method)(path("A"), json={"sku": "B"})
    assert answer.status_code == 422
    assert "cannot be changed" in answer.json["message"]


def test_a_stock_that_is_set_is_the_level_of_the_day(analyst: FlaskClient, database: Database) -> None:
    product = add(analyst, "A", stock=5)
    analyst.patch(path("A"), json={"stock": 3})
    add(analyst, "B")
    with database.reading() as session:
        levels = session.execute(select(StockLevel)).scalars().all()
    assert [(level.product_id, level.date, level.on_hand) for level in levels] == [
        (product["id"], clock.today(), 3)
    ]


def test_a_product_with_sales_is_deactivated_one_without_deleted(
    analyst: FlaskClient, database: Database
) -> None:
    add(analyst, "sold", stock=5)
    add(analyst, "unsold", stock=5)
    assert analyst.post("/transactions", json={"product_sku": "sold", "quantity": 1}).status_code == 201
    answer = analyst.delete(path("sold")).json
    assert (answer["sku"], answer["status"]) == ("sold", "deactivated")
    assert "sales" in answer["message"]
    assert analyst.delete(path("unsold")).json["status"] == "deleted"
    assert analyst.get(path("sold")).json["is_active"] is False
    assert analyst.get("/transactions").json["total"] == 1
    with database.reading() as session:
        entries = session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars().all()
    assert [(entry.action, entry.target) for entry in entries] == [
        ("product.deactivated", "sold"),
        ("product.deleted", "unsold"),
    ]
    assert all(entry.user_id for entry in entries)


def test_lists_are_filtered_searched_and_sorted(analyst: FlaskClient) -> None:
    add(analyst, "B-1", name="Rye bread", category="Bakery", stock=3, price=4)
    add(analyst, "A_1", name="Äpfel 100%", category="Fruit", stock=9)
    add(analyst, "C-1", name="Gone", stock=1, is_active=False, price=1)
    get = lambda **query: skus(analyst.get("/api/v1/products", query_string=query))  # noqa: E731
    assert get() == ["A_1", "B-1", "C-1"]
    assert get(sort="-sku") == ["C-1", "B-1", "A_1"]
    assert get(sort="-stock") == ["A_1", "B-1", "C-1"]
    assert get(sort="price") == ["C-1", "B-1", "A_1"]
    assert get(sort="-price") == ["B-1", "C-1", "A_1"]
    assert get(category="Bakery") == ["B-1"]
    assert get(category="bakery") == []
    assert get(is_active="false") == ["C-1"]
    assert get(search="BREAD") == ["B-1"]
    assert get(search="b-") == ["B-1"]
    assert get(search="äPFEL") == ["A_1"]
    assert get(search="_") == ["A_1"]
    assert get(search="%") == ["A_1"]
    assert get(search="\\") == []
    assert get(search="'; DROP TABLE products; --") == []
    assert get(search="") == ["A_1", "B-1", "C-1"]


def test_pages_are_cut_and_counted(analyst: FlaskClient) -> None:
    for number in range(5):
        add(analyst, f"P{number}")
    answer = analyst.get("/products?page=2&page_size=2").json
    assert [item["sku"] for item in answer["items"]] == ["P2", "P3"]
    assert (answer["page"], answer["page_size"], answer["total"]) == (2, 2, 5)
    assert analyst.get("/products?page=1000000000").json["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=99999999999999999999",
        "page_size=201",
        "page_size=0",
        "sort=password",
        "sort=--sku",
        "is_active=2",
        "search=%00",
        "kategory=Bakery",
        "sku=",
    ],
)
def test_queries_that_make_no_sense_are_refused(analyst: FlaskClient, query: str) -> None:
    answer = analyst.get(f"/api/v1/products?{query}")
    assert answer.status_code == 422
    assert query.split("=", maxsplit=1)[0] in answer.json["error"]["fields"]["query"]


def test_stats_count_and_value_the_stock(analyst: FlaskClient, database: Database) -> None:
    empty = analyst.get("/products/stats").json
    assert (empty["total"], empty["stock_value"], empty["categories"]) == (0, 0, [])
    add(analyst, "A", category="Bakery", stock=2, price=3, cost=1)
    add(analyst, "B", category="Bakery", stock=0, price=3)
    add(analyst, "C", stock=1.5, price=2, is_active=False)
    make_product(database, "D", stock=-4, price=100)
    assert analyst.get("/products/stats").json == {
        "total": 4,
        "active": 3,
        "inactive": 1,
        "out_of_stock": 2,
        "stock_units": 3.5,
        "stock_value": 9.0,
        "stock_cost": 2.0,
        "categories": [
            {"category": "Bakery", "products": 2, "stock_units": 2, "stock_value": 6, "stock_cost": 2},
            {"category": None, "products": 2, "stock_units": 1.5, "stock_value": 3, "stock_cost": 0},
        ],
    }


def test_a_product_named_like_the_statistics_is_found_by_filter(analyst: FlaskClient) -> None:
    assert analyst.put("/products/stats", json={}).status_code == 201
    assert "total" in analyst.get("/products/stats").json
    assert skus(analyst.get("/products?sku=stats")) == ["stats"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CLERK])
def test_changing_the_catalogue_takes_an_analyst(as_role: Callable[[Role], FlaskClient], role: Role) -> None:
    caller = as_role(role)
    assert caller.get("/products").status_code == 200
    assert caller.get("/products/stats").status_code == 200
    assert caller.post("/products", json={"sku": "A"}).status_code == 403
    assert caller.put("/products/A", json={}).status_code == 403
    assert caller.patch("/products/A", json={}).status_code == 403
    assert caller.delete("/products/A").status_code == 403


def test_strangers_see_nothing(client: FlaskClient) -> None:
    assert client.get("/products").status_code == 401
    assert client.post("/products", json={"sku": "A"}).status_code == 401


def test_a_deleted_product_leaves_no_model_to_its_successor(
    as_role: Callable[[Role], FlaskClient], models_dir: Path
) -> None:
    analyst = as_role(Role.ANALYST)
    analyst.post("/products", json={"sku": "A/B", "name": "A"})
    (models_dir / "model_A%2FB.json").write_bytes(b"{}")
    assert analyst.delete(path("A/B")).json["status"] == "deleted"
    assert not list(models_dir.glob("model_*"))
