"""Suppliers over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.utils.roles import Role
from tests.factories import make_product

API = "/api/v1/suppliers"
MILL = {
    "name": "Müller & Söhne",
    "contact": "Ada",
    "email": "ada@mill.example",
    "phone": "+49 30 123",
    "note": None,
    "lead_time_days": 2.5,
    "lead_time_sd_days": 0.5,
    "review_days": 7,
    "order_days": ["monday", "thursday"],
    "ordering_cost": 4.2,
    "minimum_order_value": 150.0,
    "is_active": True,
}


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


def test_a_supplier_lives_a_whole_life(analyst: FlaskClient, database: Database) -> None:
    made = analyst.post(API, json=MILL)
    assert made.status_code == 201
    known = made.json
    assert {name: known[name] for name in MILL} == MILL
    one = f"{API}/{known['id']}"
    assert analyst.get(one).json == known
    changed = analyst.patch(one, json={"order_days": [], "lead_time_days": None, "name": "Mill"}).json
    assert (changed["order_days"], changed["lead_time_days"], changed["name"]) == ([], None, "Mill")
    assert changed["review_days"] == 7
    assert analyst.patch(one, json={}).json == changed
    assert analyst.delete(one).json["status"] == "deleted"
    for answer in (analyst.get(one), analyst.patch(one, json={"name": "x"}), analyst.delete(one)):
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "supplier_not_found")
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [f"supplier.{what}" for what in ("created", "changed", "deleted")]


def test_names_are_taken_once(analyst: FlaskClient) -> None:
    first = analyst.post(API, json={"name": "Mill"}).json
    assert analyst.post(API, json={"name": " Mill "}).json["error"]["code"] == "supplier_exists"
    other = analyst.post(API, json={"name": "Dairy"}).json
    renamed = analyst.patch(f"{API}/{other['id']}", json={"name": "Mill"})
    assert (renamed.status_code, renamed.json["error"]["code"]) == (409, "supplier_exists")
    listed = analyst.get(API, query_string={"sort": "-name"}).json
    assert [item["id"] for item in listed["items"]] == [first["id"], other["id"]]


def test_lists_are_searched(analyst: FlaskClient) -> None:
    analyst.post(API, json=MILL)
    analyst.post(API, json={"name": "100% Dairy", "is_active": False})
    found = {
        text: analyst.get(API, query_string={"search": text}).json["total"]
        for text in ("mÜller", "ADA", "mill.ex", "%", "_")
    }
    assert found == {"mÜller": 1, "ADA": 1, "mill.ex": 1, "%": 1, "_": 0}
    assert analyst.get(API, query_string={"is_active": "false"}).json["total"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"email": "nobody"},
        {"lead_time_days": -1},
        {"lead_time_days": "NaN"},
        {"lead_time_days": 1e9},
        {"review_days": 0},
        {"review_days": 1.5},
        {"order_days": ["someday"]},
        {"minimum_order_value": -3},
        {"unheard": 1},
    ],
)
def test_nonsense_is_refused(analyst: FlaskClient, wrong: dict[str, object]) -> None:
    answer = analyst.post(API, json={"name": "Mill", **wrong})
    assert answer.status_code == 422
    assert set(answer.json["error"]["fields"]["json"]) == set(wrong)


def test_who_was_ordered_from_stays_known(analyst: FlaskClient, database: Database) -> None:
    make_product(database, "A/B")
    supplier = analyst.post(API, json={"name": "Mill"}).json
    analyst.patch("/api/v1/products/A%2FB/replenishment", json={"supplier": "Mill"})
    order = {"lines": [{"sku": "A/B", "quantity": 3}]}
    assert analyst.post("/api/v1/replenishment/orders", json=order).json["items"][0]["supplier"] == "Mill"
    removed = analyst.delete(f"{API}/{supplier['id']}").json
    assert removed["status"] == "deactivated"
    assert analyst.get(f"{API}/{supplier['id']}").json["is_active"] is False
    again = analyst.post("/api/v1/replenishment/orders", json=order)
    assert (again.status_code, again.json["error"]["code"]) == (422, "supplier_inactive")


def test_reading_takes_less_than_changing(as_role: Callable[[Role], FlaskClient]) -> None:
    clerk = as_role(Role.CLERK)
    assert clerk.get(API).status_code == 200
    for answer in (clerk.post(API, json={"name": "x"}), clerk.delete(f"{API}/1")):
        assert answer.status_code == 403
