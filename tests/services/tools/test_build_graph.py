"""The graph of products."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import numpy as np
import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.services.tools.build_graph.layout import layout
from tests import factories
from tests.services.tools.conftest import Report, RunTool

UNTIL = dt.date(2026, 6, 30)
NASTY = '</script><b>A & "B"</b>'


@pytest.fixture
def shop(database: Database) -> None:
    """Two products that move together, two that sell on the same days, and some that do not."""
    random = np.random.default_rng(2)
    moved = np.exp(random.normal(0, 0.6, 200))
    often = random.binomial(1, 0.2, 200)
    sold = {
        "TEA": random.poisson(20 * moved),
        NASTY: random.poisson(15 * moved),
        "PEN": often,
        "INK": often * random.binomial(1, 0.9, 200),
    }
    sold |= {f"OTHER {place}": random.poisson(5, 200) for place in range(6)}
    for sku, units in sold.items():
        product = factories.make_product(database, sku, category="Paper" if sku in {"PEN", "INK"} else None)
        factories.sell(database, product, units.astype(float).tolist(), until=UNTIL)


def _data(report: Report) -> Any:
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', report.html(), re.DOTALL)
    return json.loads(text)


def test_related_products_and_no_others_are_drawn(run_tool: RunTool, shop: None) -> None:
    made = run_tool("build_graph")
    assert made.names == ["product_graph.html", "product_graph.csv"]
    assert made.summary == {
        "products_compared": 10,
        "products_related": 4,
        "relations": 2,
        "moving_together": 1,
        "sold_together": 1,
    }
    rows = {row["sku"]: row for row in made.rows()}
    assert rows["TEA"]["related_sku"] == NASTY
    assert float(rows["TEA"]["correlation"]) > 0.6
    assert (rows["PEN"]["related_sku"], rows["PEN"]["correlation"]) == ("INK", "")
    assert float(rows["PEN"]["jaccard"]) > 0.8
    data = _data(made)
    assert {node["sku"] for node in data["nodes"]} == {"TEA", NASTY, "PEN", "INK"}
    assert len(data["edges"]) == 2


def test_the_page_needs_nothing_and_names_end_no_script(run_tool: RunTool, shop: None) -> None:
    made = run_tool("build_graph")
    html, page = made.html(), made.page()
    assert html.count("</script>") == 2
    assert NASTY in page.text
    assert not [value for _, name, value in page.attributes if name in {"src", "href"}]
    policy = [value for tag, name, value in page.attributes if tag == "meta" and "default-src" in value]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"]
    assert "http" not in html.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_one_kind_or_one_category(run_tool: RunTool, shop: None) -> None:
    assert run_tool("build_graph", relations="sold_together").summary["relations"] == 1
    assert run_tool("build_graph", relations="moving_together").summary["sold_together"] == 0
    assert run_tool("build_graph", category="Paper").summary["products_compared"] == 2
    assert run_tool("build_graph", most_relations=1, relations="sold_together").summary["relations"] == 1


def test_without_relations_the_page_says_why(run_tool: RunTool, database: Database) -> None:
    assert "There is nothing to compare" in run_tool("build_graph").page().text
    random = np.random.default_rng(3)
    for place in range(3):
        product = factories.make_product(database, f"P{place}")
        factories.sell(database, product, random.poisson(4, 60).astype(float).tolist(), until=UNTIL)
    made = run_tool("build_graph")
    assert "None of these products has a relation" in made.page().text
    assert made.summary["products_compared"] == 3
    assert made.rows() == []


def test_a_layout_keeps_neighbours_near_and_groups_apart() -> None:
    left, right = np.array([0, 1, 2, 4, 6]), np.array([1, 2, 3, 5, 7])
    places = layout(8, left, right)
    assert np.array_equal(places, layout(8, left, right))
    assert (places >= 0).all()
    near = np.linalg.norm(places[left] - places[right], axis=1)
    assert near.max() < 4.0
    boxes = [places[members] for members in ([0, 1, 2, 3], [4, 5], [6, 7])]
    for one in range(3):
        for other in range(one):
            apart = (boxes[one].min(axis=0) > boxes[other].max(axis=0)) | (
                boxes[other].min(axis=0) > boxes[one].max(axis=0)
            )
            assert apart.any()
    assert layout(0, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)).shape == (0, 2)
