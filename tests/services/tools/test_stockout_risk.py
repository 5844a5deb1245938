"""The report on what may run out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product, StockLevel
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.services.replenishment import orders, parameters
from siprems_backend.services.replenishment.proposals import Wish
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.utils import clock
from tests import factories
from tests.services.tools.conftest import RunTool

SOLD_A_DAY = 20.0


@pytest.fixture
def shop(database: Database, models_dir: Path) -> list[Product]:
    """Products that sell about 20 a day, with stock for 2, 8 and 60 days, none, and nobody knows how much."""
    products = []
    for place, (sku, days) in enumerate(
        [("SCARCE", 2), ("JUST", 8), ("PLENTY", 60), ("EMPTY", 0), ("UNKNOWN", 0)]
    ):
        product = factories.make_product(
            database, sku, stock=days * SOLD_A_DAY, price=None if sku == "JUST" else 3, category="Bread"
        )
        sold = factories.weekly_demand(100, seed=place, level=SOLD_A_DAY)
        factories.sell(database, product, sold, until=clock.today() - dt.timedelta(days=1))
        products.append(product)
    with database.transaction() as session:
        session.add(StockLevel(product_id=products[3].id, date=clock.today(), on_hand=0))
    factories.make_product(database, "NEVER SOLD", stock=5, category="Cake")
    runs.forecast_here()
    return products


def test_what_runs_out_first_comes_first(run_tool: RunTool, shop: list[Product]) -> None:
    made = run_tool("stockout_risk", days=7)
    rows = {row["sku"]: row for row in made.rows()}
    assert list(rows) == ["EMPTY", "SCARCE", "NEVER SOLD", "JUST", "PLENTY"]
    chance = {sku: float(row["probability"]) for sku, row in rows.items()}
    assert (chance["EMPTY"], chance["PLENTY"]) == (1.0, 0.0)
    assert chance["SCARCE"] > 0.99
    assert 0.1 < chance["JUST"] < 0.9
    assert float(rows["SCARCE"]["missing_units"]) == pytest.approx(
        float(rows["SCARCE"]["expected_demand"]) - 2 * SOLD_A_DAY, rel=0.05
    )
    assert float(rows["SCARCE"]["missing_value"]) == pytest.approx(
        3 * float(rows["SCARCE"]["missing_units"]), rel=1e-3
    )
    assert rows["JUST"]["missing_value"] == ""
    assert rows["SCARCE"]["runs_out"] in {str(clock.today() + dt.timedelta(days=days)) for days in (1, 2, 3)}
    assert rows["EMPTY"]["runs_out"] == str(clock.today())
    assert rows["PLENTY"]["lasts_days"] > "4"
    summary = made.summary
    assert (summary["out_of_stock"], summary["at_risk"]) == (1, 4)
    assert (summary["without_stock_records"], summary["without_forecast"]) == (1, 0)
    page = made.page()
    assert "Left out, because no stock of them was ever recorded: UNKNOWN" in page.text
    assert "script" not in page.tags


def test_longer_means_riskier(run_tool: RunTool, shop: list[Product]) -> None:
    def chances(days: int) -> list[float]:
        made = run_tool("stockout_risk", days=days, product_skus=["JUST", "PLENTY"])
        return [float(row["probability"]) for row in sorted(made.rows(), key=lambda row: row["sku"])]

    short, usual, long = chances(2), chances(7), chances(60)
    assert short[0] < usual[0] < long[0]
    assert short[1] == 0.0 < long[1]


def test_days_that_are_over_do_not_count(run_tool: RunTool, shop: list[Product], database: Database) -> None:
    before = float(run_tool("stockout_risk", days=7, product_skus=["JUST"]).rows()[0]["expected_demand"])
    with database.transaction() as session:
        session.execute(
            update(ShopForecast).values(start_date=ShopForecast.start_date - dt.timedelta(days=7))
        )
    later = float(run_tool("stockout_risk", days=7, product_skus=["JUST"]).rows()[0]["expected_demand"])
    assert later == pytest.approx(before, rel=0.2)
    with database.transaction() as session:
        session.execute(
            update(ShopForecast).values(start_date=ShopForecast.start_date - dt.timedelta(days=40))
        )
    made = run_tool("stockout_risk", days=7)
    assert (made.rows(), made.summary["without_forecast"]) == ([], 5)
    assert "no forecast reaches beyond today" in made.page().text or "no stock recorded" in made.page().text


def test_filters_and_refusals(run_tool: RunTool, shop: list[Product]) -> None:
    assert [row["sku"] for row in run_tool("stockout_risk", category="Cake").rows()] == ["NEVER SOLD"]
    assert "No product matches" in run_tool("stockout_risk", category="None such").page().text
    assert run_tool("stockout_risk", demand_class="lumpy").rows() == []
    with pytest.raises(NotFound):
        run_tool("stockout_risk", product_skus=["X"])
    for bad in ({"days": 0}, {"days": 91}, {"at_risk_from": 1}, {"abc": "D"}):
        with pytest.raises(Invalid):
            run_tool("stockout_risk", **bad)


def test_stock_has_to_last_for_the_lead_time(run_tool: RunTool, shop: list[Product]) -> None:
    assert {row["days"] for row in run_tool("stockout_risk").rows()} == {"3"}
    parameters.change_product("JUST", {"lead_time_days": 20.5}, None)
    made = run_tool("stockout_risk")
    days = {row["sku"]: row["days"] for row in made.rows()}
    assert (days["JUST"], days["PLENTY"]) == ("21", "3")
    assert "by the lead time of each product" in made.page().text


def test_what_is_on_its_way_counts_from_its_day_on(run_tool: RunTool, shop: list[Product]) -> None:
    for sku, in_days in (("SCARCE", 1), ("JUST", 7), ("EMPTY", 1)):
        (draft,) = orders.create([Wish(sku, Decimal(400))], None, None)
        orders.send(draft.id, None, clock.today() + dt.timedelta(days=in_days))
    orders.create([Wish("PLENTY", Decimal(400))], None, None)
    made = run_tool("stockout_risk", days=7)
    rows = {row["sku"]: row for row in made.rows()}
    coming = {sku: float(row["coming_in_time"]) for sku, row in rows.items()}
    assert coming == {"SCARCE": 400, "EMPTY": 400, "JUST": 0, "PLENTY": 0, "NEVER SOLD": 0}
    assert float(rows["SCARCE"]["probability"]) < 0.01
    assert 0.1 < float(rows["JUST"]["probability"]) < 0.9
    # It is empty until then.
    assert float(rows["EMPTY"]["probability"]) == 1.0
    assert float(rows["SCARCE"]["lasts_days"]) > 15
    assert "drafts do not" in made.page().text
