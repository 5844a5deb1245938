"""The analysis of value and variability."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from tests import factories
from tests.services.tools.conftest import RunTool

UNTIL = dt.date(2026, 6, 30)
NASTY = "</script><script>alert(1)</script>"


@pytest.fixture
def shop(database: Database) -> None:
    random = np.random.default_rng(3)
    for sku, name, level, price, category in (
        ("BIG", "Bread", 50.0, 10.0, "Bread"),
        ("MIDDLE", NASTY, 20.0, 2.0, "Cake"),
        ("SMALL", "Crumbs", 2.0, 0.5, "Cake"),
    ):
        product = factories.make_product(database, sku, name=name, price=price, category=category)
        factories.sell(database, product, random.poisson(level, 120).astype(float).tolist(), until=UNTIL)
    factories.make_product(database, "NEVER SOLD", price=3)
    factories.make_product(database, "GONE", is_active=False)


def test_products_are_classed_with_their_shares(run_tool: RunTool, shop: None) -> None:
    made = run_tool("abc_xyz")
    assert made.names == ["abc_xyz.html", "abc_xyz.csv", "abc_xyz.xlsx"]
    assert made.summary["abc"] == {"A": 1, "B": 1, "C": 2}
    assert (made.summary["products"], made.summary["value_is"]) == (4, "money")
    rows = made.rows()
    assert [row["sku"] for row in rows] == ["BIG", "MIDDLE", "SMALL", "NEVER SOLD"]
    assert [row["abc"] + row["xyz"] for row in rows] == ["AX", "BX", "CX", "C"]
    assert float(rows[2]["cumulated_share"]) == pytest.approx(1.0)
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1.0, abs=1e-5)
    assert "order often" in rows[0]["advice"]
    assert made.sheet()[1][:2] == ("BIG", "Bread")
    assert len(made.sheet()) == 5


def test_the_page_is_whole_and_escapes_names(run_tool: RunTool, shop: None) -> None:
    page = run_tool("abc_xyz").page()
    assert "script" not in page.tags
    assert NASTY in page.text
    assert "1 product (25 %) make" in page.text
    assert not [value for _, name, value in page.attributes if name in {"src", "href"}]


def test_a_category_is_classed_by_itself(run_tool: RunTool, shop: None) -> None:
    made = run_tool("abc_xyz", category="Cake")
    assert [(row["sku"], row["abc"]) for row in made.rows()] == [("MIDDLE", "A"), ("SMALL", "C")]
    strict = run_tool("abc_xyz", x_until=0.01, y_until=0.02)
    assert {row["xyz"] for row in strict.rows()} == {"Z", ""}


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({"a_until": 0.9, "b_until": 0.9}, "Must be above a_until"),
        ({"x_until": 2, "y_until": 1}, "Must be above x_until"),
        ({"a_until": 0}, "0"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    run_tool: RunTool, limits: dict[str, float], problem: str
) -> None:
    with pytest.raises(Invalid) as refused:
        run_tool("abc_xyz", **limits)
    assert problem in str(refused.value.fields)


def test_an_empty_shop_is_told_what_to_do(run_tool: RunTool, database: Database) -> None:
    empty = run_tool("abc_xyz")
    assert "There is no product" in empty.page().text
    factories.make_product(database, "A")
    unsold = run_tool("abc_xyz")
    assert "None of these products sold anything" in unsold.page().text
    assert [row["abc"] for row in unsold.rows()] == ["C"]
