"""The summary of the morning: what it finds, and what people are told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from siprems_backend.extensions.database import Database
from siprems_backend.services.notifications.letter import letter
from siprems_backend.services.replenishment import orders, refreshing, summary
from siprems_backend.services.replenishment.proposals import Wish
from siprems_backend.utils import clock
from tests.services.replenishment.forecasts import sold_product


def test_it_names_what_runs_out_what_to_order_and_what_is_dead(database: Database) -> None:
    sold_product(database, "OUT", stock=5, cost=2, name="Bread <fresh>")
    sold_product(database, "DUE", stock=60, cost=1)
    sold_product(database, "DEAD", 0.001, stock=500, cost=3)
    (order,) = orders.create([Wish("DUE", Decimal(1))], None, None)
    orders.send(order.id, None, clock.today() - dt.timedelta(days=2))
    refreshing.refresh_all()
    found = summary.of_today()
    counts = {name: found[name] for name in ("lines", "to_order", "runs_out", "overdue", "dead", "suppliers")}
    assert counts == {"lines": 3, "to_order": 2, "runs_out": 1, "overdue": 1, "dead": 1, "suppliers": 1}
    assert [each["sku"] for each in found["first_out"]] == ["OUT"]
    assert [(each["sku"], each["value"]) for each in found["dead_stock"]] == [("DEAD", 1500)]
    assert found["by_supplier"] == [{"supplier": None, "lines": 2, "value": found["order_value"]}]
    said = letter("morning.summary", {"task": {"kind": "x"}, "summary": found})
    assert said.subject == "SIPREMS: What to order today"
    for part in ("2 of 3 products are to be ordered", "Bread <fresh> (OUT)", "1 order should have", "DEAD"):
        assert part in said.text
    assert "Bread &lt;fresh&gt;" in said.html


def test_an_empty_shop_has_nothing_to_say(database: Database) -> None:
    found = summary.of_today()
    assert (found["lines"], found["first_out"], found["dead_stock"]) == (0, [], [])
    assert "0 of 0 products" in letter("morning.summary", {"summary": found}).text
