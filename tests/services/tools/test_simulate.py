"""The simulation of orders on the shop's own past."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.services import sales
from siprems_backend.services.sales import Item
from siprems_backend.services.simulation.outputs import MAKERS
from siprems_backend.services.tool_runner import execution, registry
from siprems_backend.services.tool_runner.parameters import checked
from tests import factories

DAY = dt.date(2024, 1, 1)
SHORT = {"reviews": 3, "lead_time_days": 2}


@pytest.fixture
def shop(database: Database) -> Database:
    """Two products that sold for ten weeks, and one that never did."""
    rng = np.random.default_rng(2)
    for sku in ("A/B é", "OTHER", "NEVER"):
        factories.make_product(database, sku, stock=100_000)
    for day in range(70):
        for sku, mean in (("A/B é", 8), ("OTHER", 3)):
            units = int(rng.poisson(mean))
            if units:
                sales.sell(Item(sku, Decimal(units)), DAY + dt.timedelta(days=day), None)
    return database


def run(folder: Path, **parameters: Any) -> dict[str, Any]:
    tool = registry.find("simulate")
    # Each run has a folder of its own.
    folder = folder / str(len(list(folder.iterdir())))
    folder.mkdir()
    return execution.execute(tool.name, checked(tool, parameters), folder, lambda *_report: None)


def test_it_replays_what_sold_and_writes_its_files(shop: Database, tmp_path: Path) -> None:
    made = run(tmp_path, **SHORT)
    assert {file["name"] for file in made["files"]} == set(MAKERS)
    summary = made["summary"]
    assert (summary["products"], summary["step"], summary["in_money"]) == (2, "day", False)
    assert summary["rules"][0]["rule"] == "plan"
    assert summary["last_date"] <= "2024-03-10"
    one = run(tmp_path, **SHORT, product_skus=["OTHER"])
    assert one["summary"]["products"] == 1


def test_what_cannot_be_replayed_is_said(shop: Database, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="replay fewer reviews"):
        run(tmp_path, reviews=10)
    with pytest.raises(NotFound):
        run(tmp_path, product_skus=["NOBODY"])
    with pytest.raises(Invalid, match="together"):
        run(tmp_path, price=3)


def test_a_shop_without_sales(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no sales yet"):
        run(tmp_path)
