"""Planned promotions over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.utils.roles import Role
from tests.factories import make_product

API = "/api/v1/promotions"
DAYS = {"date_from": "2026-06-01", "date_to": "2026-06-07"}
BREAD = {"sku": "A/B", **DAYS}


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    make_product(database, "A/B", category="Bread")
    make_product(database, "CAKE", category="Cakes")
    return as_role(Role.ANALYST)


def test_a_plan_lives_a_whole_life(analyst: FlaskClient, database: Database) -> None:
    made = analyst.post(API, json=BREAD)
    assert made.status_code == 201
    plan = made.json
    assert {**plan, "id": 0, "created_at": "", "created_by": 0} == {
        **BREAD,
        "id": 0,
        "category": None,
        "name": "Promotion",
        "source": "api",
        "created_by": 0,
        "created_at": "",
    }
    one = f"{API}/{plan['id']}"
    assert analyst.get(one).json == plan
    assert analyst.patch(one, json={"date_to": "2026-06-09"}).json == {**plan, "date_to": "2026-06-09"}
    assert analyst.patch(one, json={}).json == {**plan, "date_to": "2026-06-09"}
    cakes = {"category": "Cakes", **DAYS, "name": "June"}
    assert analyst.put(one, json=cakes).json == {**plan, **cakes, "sku": None}
    removed = analyst.delete(one)
    assert (removed.status_code, removed.data) == (204, b"")
    for answer in (
        analyst.get(one),
        analyst.put(one, json=BREAD),
        analyst.patch(one, json={"name": "x"}),
        analyst.delete(one),
    ):
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "promotion_not_found")
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [f"promotion.{what}" for what in ("created", "changed", "changed", "deleted")]


def test_the_same_plan_is_made_once(analyst: FlaskClient) -> None:
    first = analyst.post(API, json=BREAD).json
    again = analyst.post(API, json=BREAD)
    assert (again.status_code, again.json["error"]["code"]) == (409, "promotion_exists")
    # Plans of one product may overlap.
    other = analyst.post(API, json={**BREAD, "date_to": "2026-06-30"}).json
    moved = analyst.patch(f"{API}/{other['id']}", json={"date_to": "2026-06-07"})
    assert (moved.status_code, moved.json["error"]["code"]) == (409, "promotion_exists")
    assert analyst.get(f"{API}/{other['id']}").json == other
    assert analyst.put(f"{API}/{first['id']}", json=BREAD).status_code == 200
    assert analyst.get(API).json["total"] == 2


def test_a_repeated_request_plans_once(analyst: FlaskClient) -> None:
    headers = {"Idempotency-Key": "plan-1"}
    answers = [analyst.post(API, json=BREAD, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sku": None}, "sku"),
        ({"category": "Bread"}, "sku"),
        ({"sku": ""}, "sku"),
        ({"date_from": None}, "date_from"),
        ({"date_from": "0001-01-01"}, "date_from"),
        ({"date_to": "9999-12-31"}, "date_to"),
        ({"date_to": "2026-05-31"}, "date_to"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_fields_that_make_no_sense_are_named(
    analyst: FlaskClient, change: dict[str, Any], field: str
) -> None:
    answer = analyst.post(API, json={**BREAD, **change})
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]["json"]


def test_products_and_categories_must_be_known(analyst: FlaskClient) -> None:
    unknown = analyst.post(API, json={**BREAD, "sku": "NOPE"})
    assert (unknown.status_code, unknown.json["error"]["code"]) == (404, "product_not_found")
    unknown = analyst.post(API, json={**DAYS, "category": "Breads"})
    assert (unknown.status_code, unknown.json["error"]["code"]) == (422, "category_not_found")
    assert "Breads" in unknown.json["message"]
    assert analyst.get(API).json["total"] == 0


def test_a_plan_cannot_be_made_to_end_before_it_begins(analyst: FlaskClient) -> None:
    plan = analyst.post(API, json=BREAD).json
    answer = analyst.patch(f"{API}/{plan['id']}", json={"date_from": "2026-06-08"})
    assert answer.status_code == 422
    assert "date_to" in answer.json["error"]["fields"]
    assert analyst.get(f"{API}/{plan['id']}").json == plan


def test_lists_are_filtered_and_sorted(analyst: FlaskClient) -> None:
    june = {**BREAD, "name": "June_1"}
    year = {"sku": "CAKE", "date_from": "2026-01-01", "date_to": "2026-12-31", "name": "100% year"}
    july = {"category": "Bread", "date_from": "2026-07-01", "date_to": "2026-07-01", "name": "July"}
    for plan in (june, year, july):
        assert analyst.post(API, json=plan).status_code == 201

    def names(**query: str) -> list[str]:
        answer = analyst.get(API, query_string=query)
        assert answer.status_code == 200, answer.json
        return [plan["name"] for plan in answer.json["items"]]

    assert names() == ["100% year", "June_1", "July"]
    assert names(sort="-date_from") == ["July", "June_1", "100% year"]
    assert names(sku="A/B") == ["June_1"]
    assert names(category="Bread") == ["July"]
    assert names(date_from="2026-06-08") == ["100% year", "July"]
    assert names(date_to="2026-05-31") == ["100% year"]
    assert names(date_from="2026-06-07", date_to="2026-06-07") == ["100% year", "June_1"]
    assert names(search="%") == ["100% year"]
    assert names(page="2", page_size="2") == ["July"]


@pytest.mark.parametrize("query", ["sort=colour", "date_from=2024-02-01&date_to=2024-01-01", "page=0"])
def test_queries_that_make_no_sense_are_refused(analyst: FlaskClient, query: str) -> None:
    assert analyst.get(f"{API}?{query}").status_code == 422


def test_a_deleted_product_takes_its_plans_along(analyst: FlaskClient) -> None:
    assert analyst.post(API, json=BREAD).status_code == 201
    assert analyst.delete("/api/v1/products/A%2FB").status_code == 200
    assert analyst.get(API).json["total"] == 0


def test_planning_takes_an_analyst(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    clerk = as_role(Role.CLERK)
    assert clerk.get(API).status_code == 200
    assert clerk.post(API, json=BREAD).status_code == 403
    for answer in (clerk.put(f"{API}/1", json=BREAD), clerk.patch(f"{API}/1"), clerk.delete(f"{API}/1")):
        assert answer.status_code == 403
