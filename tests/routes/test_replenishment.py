"""The plan over HTTP."""

from __future__ import annotations

import builtins
import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from siprems_backend.extensions.database import Database
from siprems_backend.services.recommendations import WORDS
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.services.replenishment.forecasts import sold_product

API = "/api/v1/replenishment"
ORDERS = f"{API}/orders"


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    sold_product(database, "A/B", stock=5, cost=2, price=3, category="Bread", name="=Loaf")
    sold_product(database, "CAKE", stock=60, cost=10, price=30, category="Cakes")
    sold_product(database, "TEA", stock=900, category="Drinks")
    analyst = as_role(Role.ANALYST)
    analyst.post("/api/v1/suppliers", json={"name": "Mill", "minimum_order_value": 1000})
    analyst.patch("/api/v1/categories/Bread/replenishment", json={"supplier": "Mill"})
    return analyst


def _skus(client: FlaskClient, **query: Any) -> list[str]:
    answer = client.get(API, query_string=query)
    assert answer.status_code == 200, answer.json
    return [item["sku"] for item in answer.json["items"]]


def test_a_line_has_every_field(analyst: FlaskClient) -> None:
    page = analyst.get(API).json
    assert (page["planDate"], page["stale"], page["total"]) == (str(clock.today()), 0, 3)
    assert page["totals"] == {
        "lines": 3,
        "toOrder": 2,
        "high": 1,
        "medium": 1,
        "low": 1,
        "units": 145,
        "value": 650,
        "withoutCost": 0,
        "expectedCost": page["totals"]["expectedCost"],
    }
    first = page["items"][0]
    assert {"productId", "sku", "productName", "currentStock", "urgency", "category", "supplier"} <= set(
        first
    )
    assert set(WORDS) <= set(first)
    assert (first["sku"], first["supplier"], first["urgency"]) == ("A/B", "Mill", "high")
    assert first["recommendedRestock"] == 100
    assert first["reason"].endswith(": order 100 at once.")


def test_lines_are_chosen_and_sorted(analyst: FlaskClient) -> None:
    assert _skus(analyst) == ["A/B", "CAKE", "TEA"]
    assert _skus(analyst, sort="-sku") == ["TEA", "CAKE", "A/B"]
    assert _skus(analyst, sort="value") == ["CAKE", "A/B", "TEA"]
    assert _skus(analyst, supplier="Mill") == ["A/B"]
    assert _skus(analyst, category="Cakes") == ["CAKE"]
    assert _skus(analyst, urgency="low") == ["TEA"]
    assert _skus(analyst, search="a/") == ["A/B"]
    assert _skus(analyst, search="=lo") == ["A/B"]
    assert _skus(analyst, to_order="false") == ["TEA"]
    assert _skus(analyst, page=2, page_size=2) == ["TEA"]
    assert analyst.get(API, query_string={"sort": "luck"}).status_code == 422


def test_suppliers_have_sums(analyst: FlaskClient) -> None:
    groups = analyst.get(f"{API}/suppliers").json["items"]
    told = [
        (group["supplier"], group["lines"], group["toOrder"], group["value"], group["belowMinimum"])
        for group in groups
    ]
    assert told == [(None, 2, 1, 450, False), ("Mill", 1, 1, 200, True)]


def test_limited_money_goes_where_it_earns_most(analyst: FlaskClient) -> None:
    page = analyst.get(API, query_string={"capital": 500}).json
    assert [item["sku"] for item in page["items"]] == ["CAKE", "A/B", "TEA"]
    assert [item["fundedRestock"] for item in page["items"]] == [45, 25, 0]
    assert (page["capital"]["capital"], page["capital"]["spent"], page["capital"]["lines"]) == (500, 500, 2)
    assert analyst.get(API, query_string={"capital": -1}).status_code == 422


def test_files_have_all_lines(analyst: FlaskClient) -> None:
    answer = analyst.get(f"{API}/export", query_string={"to_order": "true"})
    assert answer.content_type == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["sku"], row["name"], row["recommended"], row["urgency"]) for row in table] == [
        ("A/B", "'=Loaf", "100", "high"),
        ("CAKE", "CAKE", "45", "medium"),
    ]
    book = analyst.get(f"{API}/export", query_string={"format": "xlsx", "capital": 500})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert rows[0] == [*table[0]]
    assert [row[0] for row in rows[1:]] == ["CAKE", "A/B", "TEA"]
    assert rows[1][rows[0].index("funded_units")] == 45
    same = analyst.get("/api/v1/exports/plan", query_string={"to_order": "true"})
    assert same.text == answer.text


def test_what_was_exported_can_be_imported(analyst: FlaskClient) -> None:
    suppliers = analyst.get("/api/v1/exports/suppliers").text
    assert suppliers.splitlines()[1].startswith("Mill,")
    parameters = analyst.get("/api/v1/exports/replenishment").text
    assert parameters.splitlines()[1].startswith(",Bread,Mill,")


def test_a_planner_changes_proposals_and_is_learned_from(analyst: FlaskClient) -> None:
    lines = [
        {"sku": "A/B", "quantity": 120, "reason": "Town festival"},
        {"sku": "CAKE", "quantity": 0, "reason": "Oven is broken"},
    ]
    made = analyst.post(ORDERS, json={"lines": lines}).json["items"]
    assert [(order["supplier"], order["overridden"]) for order in made] == [(None, 1), ("Mill", 1)]
    kept = [analyst.get(f"{ORDERS}/{order['id']}").json["lines"][0] for order in made]
    assert [(line["proposed"], line["quantity"], line["override_reason"]) for line in kept] == [
        (45, 0, "Oven is broken"),
        (100, 120, "Town festival"),
    ]
    for _ in range(4):
        analyst.post(ORDERS, json={"lines": [{"sku": "A/B", "quantity": 140}]})
    by_product = analyst.get(f"{API}/overrides").json["items"]
    bread = by_product[0]
    assert (bread["sku"], bread["proposals"], bread["changed"], bread["raised"]) == ("A/B", 5, 5, 5)
    assert bread["mean_change"] == pytest.approx((20 + 4 * 40) / 5 / 100, abs=1e-3)
    assert bread["hint"].startswith("5 of 5 proposals were changed, to 36% more")
    assert (by_product[1]["sku"], by_product[1]["declined"], by_product[1]["hint"]) == ("CAKE", 1, None)
    (by_user,) = analyst.get(f"{API}/overrides", query_string={"group_by": "user"}).json["items"]
    assert (by_user["proposals"], by_user["share_changed"], by_user["reasons"]) == (6, 1, 2)
    nothing = analyst.get(f"{API}/overrides", query_string={"since": "2100-01-01"}).json
    assert nothing["items"] == []


def test_all_that_is_proposed_is_ordered_at_once(analyst: FlaskClient) -> None:
    made = analyst.post(ORDERS, json={"filter": {}}).json["items"]
    assert [(order["supplier"], order["quantity"], order["overridden"]) for order in made] == [
        (None, 45, 0),
        ("Mill", 100, 0),
    ]
    for order in made:
        analyst.post(f"{ORDERS}/{order['id']}/send")
    assert _skus(analyst, to_order="true") == []
    again = analyst.post(ORDERS, json={"filter": {"supplier": "Mill"}})
    assert again.json["error"]["code"] == "nothing_proposed"


def test_reading_the_plan_opens_no_model_file(
    analyst: FlaskClient, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    really = builtins.open, Path.open, io.open

    def watched(file: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(str(file))
        return really[0](file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", watched)
    monkeypatch.setattr(io, "open", watched)
    for path in ("", "/suppliers", "/export", "/export?format=xlsx", "?capital=100"):
        assert analyst.get(f"{API}{path}").status_code == 200
    assert not [path for path in opened if str(models_dir) in path]
    # The watch does see a model that is opened.
    (models_dir / "model_x.json").write_text("{}")
    (models_dir / "model_x.json").open().close()
    assert [path for path in opened if str(models_dir) in path]


def test_a_viewer_reads_the_plan(as_role: Callable[[Role], FlaskClient], client: FlaskClient) -> None:
    viewer = as_role(Role.VIEWER)
    paths = (API, f"{API}/suppliers", f"{API}/export", f"{API}/overrides")
    assert [viewer.get(path).status_code for path in paths] == [200] * 4
    assert [client.get(path).status_code for path in paths] == [401] * 4
