"""`siprems plan`."""

from __future__ import annotations

from flask import Flask

from siprems_backend.extensions.database import Database
from tests.services.replenishment.forecasts import sold_product


def test_the_plan_is_printed(app: Flask, database: Database) -> None:
    sold_product(database, "A/B", stock=5, cost=2, price=3)
    sold_product(database, "TEA", stock=900)
    runner = app.test_cli_runner()
    printed = runner.invoke(args=["siprems", "plan"])
    assert printed.exit_code == 0, printed.output
    assert "A/B" in printed.output
    assert "TEA" not in printed.output
    assert "1 products to order, worth 200.00" in printed.output
    everything = runner.invoke(args=["siprems", "plan", "--all", "--refresh"])
    assert "TEA" in everything.output
    bought = runner.invoke(args=["siprems", "plan", "--capital", "50"])
    assert "50.00 of 50.00 would be spent" in bought.output
