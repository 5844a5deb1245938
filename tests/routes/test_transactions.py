"""Sales over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product, StockLevel
from siprems_backend.models.sales import DailySales, Transaction
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.factories import make_product

API = "/api/v1/transactions"


@pytest.fixture
def clerk(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.CLERK)


@pytest.fixture
def negative_stock_allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("ALLOW_NEGATIVE_STOCK", "true")
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


def stock(database: Database, sku: str) -> float:
    with database.reading() as session:
        return session.execute(select(Product.stock).where(Product.sku == sku)).scalar_one()


def daily(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        rows = session.execute(select(DailySales).order_by(DailySales.product_id, DailySales.date)).scalars()
        return [(row.product_id, row.date, row.quantity, row.promo, row.revenue) for row in rows]


def count(database: Database) -> int:
    with database.reading() as session:
        return len(session.execute(select(Transaction.id)).all())


@pytest.mark.parametrize(
    "sku", ["A/B", "../../etc/passwd", "12 MACARON", "x@y", "Ünïcödé", "a//b", "/lead", "x" * 200]
)
def test_a_sale_moves_stock_and_the_day(clerk: FlaskClient, database: Database, sku: str) -> None:
    product = make_product(database, sku, stock=10, price=2.5)
    answer = clerk.post(API, json={"product_sku": sku, "quantity": 2.25})
    assert answer.status_code == 201
    sale = answer.json
    assert sale | {"id": 0, "created_at": ""} == {
        "id": 0,
        "product_sku": sku,
        "product_name": sku,
        "date": clock.today().isoformat(),
        "quantity": 2.25,
        "unit_price": 2.5,
        "is_promo": False,
        "source": "api",
        "receipt_id": None,
        "created_at": "",
        "stock_left": 7.75,
    }
    assert stock(database, sku) == 7.75
    assert daily(database) == [(product.id, clock.today(), 2.25, False, 5.625)]
    with database.reading() as session:
        level = session.execute(select(StockLevel)).scalar_one()
    assert (level.product_id, level.date, level.on_hand) == (product.id, clock.today(), 7.75)
    again = clerk.get(f"/transactions/{sale['id']}").json
    assert again == {key: value for key, value in sale.items() if key != "stock_left"}
    assert clerk.get(API, query_string={"sku": sku}).json["items"] == [again]


def test_a_return_puts_back(clerk: FlaskClient, database: Database) -> None:
    product = make_product(database, "A", stock=0)
    answer = clerk.post(API, json={"product_sku": "A", "quantity": -3, "unit_price": 1, "is_promo": True})
    assert (answer.status_code, answer.json["stock_left"]) == (201, 3)
    assert daily(database) == [(product.id, clock.today(), -3, True, -3)]


def test_a_day_in_the_past_counts_for_that_day(clerk: FlaskClient, database: Database) -> None:
    product = make_product(database, "A", stock=5)
    body = {"product_sku": "A", "quantity": 1, "date": "2020-02-29"}
    assert clerk.post(API, json=body).json["date"] == "2020-02-29"
    assert daily(database) == [(product.id, dt.date(2020, 2, 29), 1, False, 0)]


def test_not_more_is_sold_than_there_is(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A/B", stock=2.5)
    answer = clerk.post(API, json={"product_sku": "A/B", "quantity": 3})
    assert answer.status_code == 409
    assert answer.json["error"] == {
        "code": "insufficient_stock",
        "message": "Only 2.5 of 'A/B' in stock, 3 wanted.",
        "fields": {"items": [{"product_sku": "A/B", "wanted": 3.0, "available": 2.5}]},
    }
    assert (stock(database, "A/B"), count(database), daily(database)) == (2.5, 0, [])


def test_decimals_add_up_exactly(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A", stock=0.3)
    items = [{"product_sku": "A", "quantity": 0.1}, {"product_sku": "A", "quantity": 0.2}]
    assert clerk.post(f"{API}/checkout", json={"items": items}).status_code == 201
    assert stock(database, "A") == 0


@pytest.mark.usefixtures("negative_stock_allowed")
def test_the_setting_lets_stock_go_below_nothing(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A", stock=1)
    assert clerk.post(API, json={"product_sku": "A", "quantity": 3}).json["stock_left"] == -2


def test_what_is_inactive_is_taken_back_but_not_sold(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A", stock=5, is_active=False)
    refused = clerk.post(API, json={"product_sku": "A", "quantity": 1})
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "product_inactive")
    assert clerk.post(API, json={"product_sku": "A", "quantity": -1}).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 0),
        ("quantity", 0.00001),
        ("quantity", "NaN"),
        ("quantity", "-Infinity"),
        ("quantity", 1e9),
        ("quantity", -1e9),
        ("quantity", True),
        ("quantity", None),
        ("quantity", "many"),
        ("quantity", [1]),
        ("quantity", "1e99999999"),
        ("unit_price", -1),
        ("unit_price", "NaN"),
        ("product_sku", ""),
        ("product_sku", None),
        ("product_sku", "a\x00b"),
        ("date", "yesterday"),
        ("date", "2024-02-30"),
        ("date", "10000-01-01"),
        ("date", 20240101),
        ("is_promo", "perhaps"),
        ("note", "hello"),
    ],
)
def test_fields_that_make_no_sense_are_named(
    clerk: FlaskClient, database: Database, field: str, value: Any
) -> None:
    make_product(database, "A")
    answer = clerk.post(API, json={"product_sku": "A", "quantity": 1, field: value})
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]["json"]
    assert count(database) == 0


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_days_nobody_sold_on_are_refused(clerk: FlaskClient, database: Database, day: str) -> None:
    make_product(database, "A")
    answer = clerk.post(API, json={"product_sku": "A", "quantity": 1, "date": day})
    assert answer.status_code == 422
    assert "date" in answer.json["error"]["fields"]


def test_tomorrow_is_today_somewhere(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A")
    for days, status in ((1, 201), (3, 422)):
        day = (clock.today() + dt.timedelta(days=days)).isoformat()
        answer = clerk.post(API, json={"product_sku": "A", "quantity": 1, "date": day})
        assert answer.status_code == status


def test_amounts_beyond_all_bounds_are_refused(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A", price=10_000)
    answer = clerk.post(API, json={"product_sku": "A", "quantity": -100_000})
    assert answer.status_code == 422
    assert "implausibly large" in answer.json["message"]
    assert count(database) == 0


def test_a_stock_beyond_all_bounds_is_refused(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A", stock=10**11)
    answer = clerk.post(API, json={"product_sku": "A", "quantity": -1})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "stock_too_large")


def test_an_unknown_product_is_not_sold(clerk: FlaskClient) -> None:
    answer = clerk.post(API, json={"product_sku": "X", "quantity": 1})
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "product_not_found")


def test_a_checkout_is_one_receipt(clerk: FlaskClient, database: Database) -> None:
    bread = make_product(database, "bread", stock=10, price=2)
    milk = make_product(database, "milk", stock=10)
    items = [
        {"product_sku": "milk", "quantity": 2},
        {"product_sku": "bread", "quantity": 1.5, "is_promo": True},
        {"product_sku": "bread", "quantity": -0.5, "unit_price": 1},
    ]
    answer = clerk.post("/transactions/checkout", json={"items": items, "date": "2024-05-01"})
    assert answer.status_code == 201
    receipt = answer.json
    assert (receipt["total"], receipt["date"]) == (2.5, "2024-05-01")
    assert [(line["product_sku"], line["quantity"], line["stock_left"]) for line in receipt["items"]] == [
        ("milk", 2, 8),
        ("bread", 1.5, 9),
        ("bread", -0.5, 9),
    ]
    day = dt.date(2024, 5, 1)
    assert daily(database) == [(bread.id, day, 1, True, 2.5), (milk.id, day, 2, False, 0)]
    listed = clerk.get(API, query_string={"receipt_id": receipt["receipt_id"]}).json
    assert listed["total"] == 3
    assert {line["source"] for line in listed["items"]} == {"checkout"}


@pytest.mark.parametrize(
    ("second", "status", "code"),
    [
        ({"product_sku": "B", "quantity": 99}, 409, "insufficient_stock"),
        ({"product_sku": "X", "quantity": 1}, 404, "product_not_found"),
        ({"product_sku": "B", "quantity": 0}, 422, "invalid_fields"),
    ],
)
def test_a_checkout_is_all_or_nothing(
    clerk: FlaskClient, database: Database, second: dict[str, Any], status: int, code: str
) -> None:
    make_product(database, "A", stock=5)
    make_product(database, "B", stock=5)
    items = [{"product_sku": "A", "quantity": 1}, second]
    answer = clerk.post(f"{API}/checkout", json={"items": items})
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert (stock(database, "A"), stock(database, "B"), count(database)) == (5, 5, 0)


def test_a_checkout_lists_everything_that_is_short(clerk: FlaskClient, database: Database) -> None:
    make_product(database, "A", stock=1)
    make_product(database, "B", stock=1)
    items = [{"product_sku": sku, "quantity": 1} for sku in ("A", "B", "A", "B")]
    error = clerk.post(f"{API}/checkout", json={"items": items}).json["error"]
    assert error["fields"]["items"] == [
        {"product_sku": "A", "wanted": 2, "available": 1},
        {"product_sku": "B", "wanted": 2, "available": 1},
    ]
    assert "1 more" in error["message"]


@pytest.mark.parametrize("items", [[], [{"product_sku": "A", "quantity": 1}] * 501, None, "A", [1]])
def test_checkouts_of_nothing_or_too_much_are_refused(clerk: FlaskClient, items: Any) -> None:
    assert clerk.post(f"{API}/checkout", json={"items": items}).status_code == 422


def test_lists_are_filtered_and_sorted(clerk: FlaskClient, database: Database) -> None:
    for sku in ("A", "B"):
        make_product(database, sku, stock=100)
    for sku, quantity, day in (("A", 3, "2024-01-01"), ("B", 1, "2024-01-03"), ("A", 2, "2024-01-02")):
        assert (
            clerk.post(API, json={"product_sku": sku, "quantity": quantity, "date": day}).status_code == 201
        )

    def quantities(**query: str) -> list[float]:
        answer = clerk.get(API, query_string=query)
        assert answer.status_code == 200, answer.json
        return [line["quantity"] for line in answer.json["items"]]

    assert quantities() == [2, 1, 3]
    assert quantities(sort="date") == [3, 2, 1]
    assert quantities(sort="-quantity") == [3, 2, 1]
    assert quantities(sku="A") == [2, 3]
    assert quantities(sku="nothing") == []
    assert quantities(date_from="2024-01-02") == [2, 1]
    assert quantities(date_to="2024-01-02") == [2, 3]
    assert quantities(source="checkout") == []
    assert quantities(page="2", page_size="2") == [3]


@pytest.mark.parametrize(
    "query",
    [
        "date_from=x",
        "source=theft",
        "receipt_id=1",
        "sort=price",
        "sku=%00",
        "date_from=2024-02-01&date_to=2024-01-01",
    ],
)
def test_queries_that_make_no_sense_are_refused(clerk: FlaskClient, query: str) -> None:
    assert clerk.get(f"{API}?{query}").status_code == 422


@pytest.mark.parametrize("line_id", ["1", str(2**63 - 1), str(2**63), "9" * 40, "-1", "x", "checkout"])
def test_lines_that_are_not_there_are_not_found(clerk: FlaskClient, line_id: str) -> None:
    assert clerk.get(f"{API}/{line_id}").status_code in (404, 405)


def test_selling_takes_a_clerk(as_role: Callable[[Role], FlaskClient], database: Database) -> None:
    make_product(database, "A")
    viewer = as_role(Role.VIEWER)
    assert viewer.get(API).status_code == 200
    assert viewer.post(API, json={"product_sku": "A", "quantity": 1}).status_code == 403
    assert viewer.post(f"{API}/checkout", json={}).status_code == 403


def at_once(app: Flask, client: FlaskClient, path: str, bodies: list[dict[str, Any]]) -> list[int]:
    """Statuses of requests sent by as many threads."""

    def send(body: dict[str, Any]) -> int:
        own = app.test_client()
        own.environ_base.update(client.environ_base)
        return own.post(path, json=body).status_code

    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(send, bodies))


def test_the_last_pieces_are_sold_once(app: Flask, clerk: FlaskClient, database: Database) -> None:
    product = make_product(database, "A", stock=10)
    statuses = at_once(app, clerk, API, [{"product_sku": "A", "quantity": 1}] * 20)
    assert sorted(statuses) == [201] * 10 + [409] * 10
    assert stock(database, "A") == 0
    assert daily(database) == [(product.id, clock.today(), 10, False, 0)]


def test_checkouts_in_opposite_order_do_not_wait_for_each_other(
    app: Flask, clerk: FlaskClient, database: Database
) -> None:
    names = [f"P{number}" for number in range(12)]
    for name in names:
        make_product(database, name, stock=1000)
    forth = {"items": [{"product_sku": name, "quantity": 1} for name in names]}
    back = {"items": [{"product_sku": name, "quantity": 1} for name in reversed(names)]}
    statuses = at_once(app, clerk, f"{API}/checkout", [forth, back] * 6)
    assert statuses == [201] * 12
    assert {stock(database, name) for name in names} == {988}
    assert {row[2] for row in daily(database)} == {12}
