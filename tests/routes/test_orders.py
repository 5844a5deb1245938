"""Orders to suppliers over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.factories import make_product

API = "/api/v1/replenishment/orders"


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    make_product(database, "A/B", stock=10, cost=2.5)
    make_product(database, "C", stock=1)
    analyst = as_role(Role.ANALYST)
    mill = {"name": "Mill", "lead_time_days": 2.5, "minimum_order_value": 100}
    assert analyst.post("/api/v1/suppliers", json=mill).status_code == 201
    analyst.patch("/api/v1/products/A%2FB/replenishment", json={"supplier": "Mill"})
    return analyst


def _order(client: FlaskClient, *lines: tuple[str, float]) -> int:
    body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines]}
    made = client.post(API, json=body)
    assert made.status_code == 201, made.json
    return int(made.json["items"][0]["id"])


def _stock(client: FlaskClient, sku: str) -> float:
    return float(client.get(f"/api/v1/products/{sku.replace('/', '%2F')}").json["stock"])


def test_each_supplier_gets_an_order(analyst: FlaskClient) -> None:
    lines = [{"sku": "A/B", "quantity": 12.5, "reason": "Party"}, {"sku": "C", "quantity": 3}]
    made = analyst.post(API, json={"lines": lines, "note": "Before noon"}).json["items"]
    assert [(order["supplier"], order["lines"], order["status"]) for order in made] == [
        (None, 1, "draft"),
        ("Mill", 1, "draft"),
    ]
    mill = made[1]
    assert (mill["value"], mill["below_minimum"], mill["note"]) == (31.25, True, "Before noon")
    (line,) = analyst.get(f"{API}/{mill['id']}").json["lines"]
    assert (line["sku"], line["quantity"], line["proposed"], line["override_reason"]) == (
        "A/B",
        12.5,
        None,
        "Party",
    )
    assert analyst.get(API, query_string={"supplier": "Mill", "sku": "A/B"}).json["total"] == 1
    assert analyst.get(API, query_string={"sku": "C", "status": "open"}).json["total"] == 1
    assert analyst.get(API, query_string={"supplier": "Nobody"}).status_code == 404


def test_an_order_lives_a_whole_life(analyst: FlaskClient, database: Database) -> None:
    order_id = _order(analyst, ("A/B", 12))
    one = f"{API}/{order_id}"
    early = analyst.post(f"{one}/receipts", json={})
    assert (early.status_code, early.json["error"]["code"]) == (409, "order_not_on_its_way")
    changed = analyst.patch(
        one, json={"lines": [{"sku": "A/B", "quantity": 20}, {"sku": "C", "quantity": 1}]}
    )
    assert [line["quantity"] for line in changed.json["lines"]] == [20.0, 1.0]
    sent = analyst.post(f"{one}/send").json["order"]
    # Two and a half days of lead time end on the third.
    assert sent["expected_date"] == str(clock.today() + dt.timedelta(days=3))
    assert analyst.post(f"{one}/send").json["error"]["code"] == "order_closed"
    part = analyst.post(f"{one}/receipts", json={"lines": [{"sku": "A/B", "quantity": 7.5}]}).json
    assert (part["order"]["status"], _stock(analyst, "A/B")) == ("partly_received", 17.5)
    less = analyst.patch(one, json={"lines": [{"sku": "A/B", "quantity": 7}]})
    assert (less.status_code, less.json["error"]["code"]) == (422, "less_than_received")
    rest = analyst.post(f"{one}/receipts").json
    assert (rest["order"]["status"], _stock(analyst, "A/B"), _stock(analyst, "C")) == ("received", 30.0, 2.0)
    assert sorted((receipt["sku"], receipt["quantity"]) for receipt in rest["receipts"]) == [
        ("A/B", 7.5),
        ("A/B", 12.5),
        ("C", 1.0),
    ]
    assert analyst.post(f"{one}/cancel").json["error"]["code"] == "order_closed"
    with database.reading() as session:
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("order.%")).order_by(AuditEntry.id)
        ).all()
    assert actions == [f"order.{what}" for what in ("created", "changed", "sent", "received", "received")]


def test_no_more_arrives_than_was_ordered(analyst: FlaskClient) -> None:
    one = f"{API}/{_order(analyst, ('A/B', 5))}"
    analyst.patch(one, json={"lines": [{"sku": "C", "quantity": 2}]})
    analyst.post(f"{one}/send", json={"expected_date": "2026-01-05"})
    too_much = [{"sku": "A/B", "quantity": 5.0001}]
    refused = analyst.post(f"{one}/receipts", json={"lines": too_much})
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "more_than_ordered")
    assert refused.json["error"]["fields"] == {"lines": [{"sku": "A/B", "to_come": 5.0}]}
    assert _stock(analyst, "A/B") == 10
    # Who keeps what came too much says so first.
    raised = analyst.patch(one, json={"lines": [{"sku": "A/B", "quantity": 6}]})
    assert raised.status_code == 200
    assert analyst.post(f"{one}/receipts", json={"lines": too_much}).status_code == 201


def test_the_rest_may_be_given_up(analyst: FlaskClient) -> None:
    one = f"{API}/{_order(analyst, ('A/B', 5))}"
    analyst.post(f"{one}/send")
    analyst.post(f"{one}/receipts", json={"lines": [{"sku": "A/B", "quantity": 2}]})
    shrunk = analyst.patch(one, json={"lines": [{"sku": "A/B", "quantity": 2}]}).json["order"]
    assert shrunk["status"] == "received"
    other = f"{API}/{_order(analyst, ('A/B', 5))}"
    assert analyst.post(f"{other}/cancel").json["order"]["status"] == "cancelled"
    assert _stock(analyst, "A/B") == 12


def test_a_repeated_receipt_counts_once(analyst: FlaskClient) -> None:
    one = f"{API}/{_order(analyst, ('A/B', 5))}"
    analyst.post(f"{one}/send")
    body, headers = {"lines": [{"sku": "A/B", "quantity": 2}]}, {"Idempotency-Key": "delivery-1"}
    answers = [analyst.post(f"{one}/receipts", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert _stock(analyst, "A/B") == 12


NONSENSE: list[tuple[dict[str, Any], int, str]] = [
    ({}, 422, "invalid_fields"),
    ({"lines": []}, 422, "invalid_fields"),
    ({"lines": [{"sku": "A/B", "quantity": -1}]}, 422, "invalid_fields"),
    ({"lines": [{"sku": "A/B", "quantity": "NaN"}]}, 422, "invalid_fields"),
    ({"lines": [{"sku": "A/B", "quantity": 1}], "filter": {}}, 422, "invalid_fields"),
    ({"lines": [{"sku": "A/B", "quantity": 1}, {"sku": " A/B", "quantity": 2}]}, 422, "invalid_fields"),
    ({"lines": [{"sku": "none", "quantity": 1}]}, 404, "product_not_found"),
    ({"lines": [{"sku": "A/B"}]}, 422, "nothing_proposed"),
    ({"lines": [{"sku": "A/B", "quantity": 0}]}, 422, "nothing_proposed"),
    ({"filter": {}}, 422, "nothing_proposed"),
    ({"filter": {"urgency": "none"}}, 422, "invalid_fields"),
]


@pytest.mark.parametrize(("body", "status", "code"), NONSENSE)
def test_nonsense_is_refused(analyst: FlaskClient, body: dict[str, Any], status: int, code: str) -> None:
    answer = analyst.post(API, json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert analyst.get(API).json["total"] == 0


def test_unknown_orders_and_lines_are_named(analyst: FlaskClient) -> None:
    for answer in (
        analyst.get(f"{API}/7"),
        analyst.patch(f"{API}/7", json={}),
        analyst.post(f"{API}/7/send"),
        analyst.post(f"{API}/7/receipts"),
        analyst.post(f"{API}/7/cancel"),
    ):
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "order_not_found")
    one = f"{API}/{_order(analyst, ('A/B', 5))}"
    analyst.post(f"{one}/send")
    missing = analyst.post(f"{one}/receipts", json={"lines": [{"sku": "C", "quantity": 1}]})
    assert (missing.status_code, missing.json["error"]["code"]) == (404, "line_not_found")
    late = analyst.patch(one, json={"lines": [{"sku": "C", "quantity": 1}]})
    assert (late.status_code, late.json["error"]["code"]) == (409, "order_sent")


def test_clerks_take_in_and_no_more(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    one = f"{API}/{_order(analyst, ('A/B', 5))}"
    analyst.post(f"{one}/send")
    clerk, viewer = as_role(Role.CLERK), as_role(Role.VIEWER)
    assert viewer.get(one).status_code == 200
    assert viewer.post(f"{one}/receipts").status_code == 403
    assert clerk.post(f"{one}/cancel").status_code == 403
    assert clerk.post(f"{one}/receipts").status_code == 201


def test_what_was_ordered_is_not_deleted(analyst: FlaskClient) -> None:
    _order(analyst, ("C", 5))
    assert analyst.delete("/api/v1/products/C").json["status"] == "deactivated"
