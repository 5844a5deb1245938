"""Parameters of ordering over HTTP: the nearest word counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services.replenishment.parameters import DEFAULTS
from siprems_backend.utils.roles import Role
from tests.factories import make_product

SHOP = "/api/v1/replenishment/settings"
BREAD = "/api/v1/categories/Bread%20%2F%20Rolls/replenishment"
LOAF = "/api/v1/products/LOAF%2F1/replenishment"


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    make_product(database, "LOAF/1", category="Bread / Rolls")
    make_product(database, "ODD", category=None)
    analyst = as_role(Role.ANALYST)
    mill = {"name": "Mill", "lead_time_days": 4, "review_days": 5, "ordering_cost": 9}
    assert analyst.post("/api/v1/suppliers", json=mill).status_code == 201
    return analyst


def test_the_nearest_word_counts(analyst: FlaskClient) -> None:
    before = analyst.get(LOAF).json
    assert before["scope"] == "product"
    assert {name: before["effective"][name] for name in DEFAULTS} == dict(DEFAULTS)
    assert set(before["sources"].values()) == {"default"}
    assert set(before["own"].values()) == {None}
    analyst.patch(SHOP, json={"supplier": "Mill", "lead_time_days": 9, "review_days": 14, "pack_size": 6})
    analyst.patch(BREAD, json={"lead_time_days": 2, "shelf_life_days": 3})
    after = analyst.patch(LOAF, json={"pack_size": 12, "service_level": 0.98}).json
    effective, sources = after["effective"], after["sources"]
    assert effective["supplier"] == "Mill"
    expected = {
        "lead_time_days": (2.0, "category"),
        "review_days": (5, "supplier"),
        "ordering_cost": (9.0, "supplier"),
        "pack_size": (12.0, "product"),
        "service_level": (0.98, "product"),
        "shelf_life_days": (3, "category"),
        "supplier": ("Mill", "shop"),
        "holding_rate": (0.25, "default"),
        "max_stock": (None, "default"),
    }
    assert {name: (effective[name], sources[name]) for name in expected} == expected
    # A product without a category hears the shop.
    odd = analyst.get("/api/v1/products/ODD/replenishment").json
    assert (odd["effective"]["lead_time_days"], odd["sources"]["lead_time_days"]) == (4.0, "supplier")
    assert odd["effective"]["pack_size"] == 6.0


def test_what_was_said_is_taken_back(analyst: FlaskClient) -> None:
    analyst.patch(BREAD, json={"pack_size": 4, "policy": "newsvendor", "service_by_costs": True})
    assert analyst.get(BREAD).json["own"]["policy"] == "newsvendor"
    analyst.patch(LOAF, json={"pack_size": 8})
    assert analyst.patch(LOAF, json={"pack_size": None}).json["effective"]["pack_size"] == 4.0
    assert analyst.delete(BREAD).status_code == 204
    assert analyst.delete(LOAF).status_code == 204
    assert analyst.get(LOAF).json["effective"]["pack_size"] == 1.0
    assert analyst.get(BREAD).json["own"]["policy"] is None


def test_the_shop_shows_what_is_built_in(analyst: FlaskClient) -> None:
    shown = analyst.patch(SHOP, json={"review_days": 1}).json
    assert (shown["scope"], shown["effective"]["review_days"], shown["sources"]["review_days"]) == (
        "shop",
        1,
        "shop",
    )
    assert shown["sources"]["service_level"] == "default"


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_level": 0.4},
        {"service_level": 1},
        {"pack_size": 0},
        {"pack_size": 0.00001},
        {"pack_size": "Infinity"},
        {"shelf_life_days": 0},
        {"max_stock": -1},
        {"salvage_rate": 1.5},
        {"policy": "guess"},
        {"supplier": ""},
    ],
)
def test_nonsense_is_refused(analyst: FlaskClient, wrong: dict[str, object]) -> None:
    for place in (LOAF, BREAD, SHOP):
        answer = analyst.patch(place, json=wrong)
        assert (answer.status_code, list(answer.json["error"]["fields"]["json"])) == (422, list(wrong))


def test_what_nobody_knows_is_named(analyst: FlaskClient) -> None:
    answers = {
        "product_not_found": analyst.get("/api/v1/products/none/replenishment"),
        "category_not_found": analyst.patch("/api/v1/categories/none/replenishment", json={"pack_size": 2}),
        "supplier_not_found": analyst.patch(LOAF, json={"supplier": "Nobody"}),
    }
    assert {answer.json["error"]["code"] for answer in answers.values()} == set(answers)


def test_a_deleted_supplier_says_nothing_any_more(analyst: FlaskClient) -> None:
    analyst.patch(LOAF, json={"supplier": "Mill"})
    supplier_id = analyst.get("/api/v1/suppliers").json["items"][0]["id"]
    analyst.delete(f"/api/v1/suppliers/{supplier_id}")
    effective = analyst.get(LOAF).json["effective"]
    assert (effective["supplier"], effective["lead_time_days"]) == (None, DEFAULTS["lead_time_days"])


def test_a_viewer_reads_only(as_role: Callable[[Role], FlaskClient], analyst: FlaskClient) -> None:
    viewer = as_role(Role.VIEWER)
    assert [viewer.get(place).status_code for place in (LOAF, BREAD, SHOP)] == [200, 200, 200]
    assert [viewer.patch(place, json={}).status_code for place in (LOAF, BREAD, SHOP)] == [403, 403, 403]
