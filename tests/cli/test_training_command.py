"""`siprems train`."""

from __future__ import annotations

import datetime as dt
import re

import click
import pytest
from click.testing import Result
from flask import Flask

from siprems_backend.cli import STARTED_BY_SIPREMS, siprems
from siprems_backend.extensions.database import Database
from tests import factories

LAST = dt.date(2026, 6, 30)


def train(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["siprems", "train", *arguments], env={"COLUMNS": "200"})


@pytest.fixture
def shop(database: Database) -> list[str]:
    skus = ["A", "B", "[red]"]
    for number, sku in enumerate(skus):
        product = factories.make_product(database, sku)
        factories.sell(database, product, factories.weekly_demand(120, seed=number), until=LAST)
    factories.make_product(database, "NEVER")
    return skus


def test_a_whole_catalogue_is_summed_up(app: Flask, shop: list[str]) -> None:
    done = train(app, "--all")
    assert done.exit_code == 0, done.output
    row = next(line for line in done.output.splitlines() if "success" in line)
    assert [cell.strip() for cell in row.split("│")[1:4]] == ["success", "window-average", "3"]
    assert "[red]" not in done.output
    assert "Forecasts of the whole shop: 4 made, 0 still good, 0 failed." in done.output
    again = train(app, "--all").output
    assert "unchanged" in again
    assert re.search(r"0 made, [1-9] still good, 0 failed\.", again)


def test_products_that_are_named_are_told_of_each(app: Flask, shop: list[str]) -> None:
    output = train(app, "[red]", "A").output
    assert "│ [red] " in output
    assert "│ A " in output


def test_usages_name_what_was_typed() -> None:
    typed = click.Context(click.Group("flask"), info_name=STARTED_BY_SIPREMS)
    assert siprems.make_context("siprems", ["train"], parent=typed).command_path == "./siprems"
    container = click.Context(click.Group("flask"), info_name="flask")
    assert siprems.make_context("siprems", ["train"], parent=container).command_path == "flask siprems"
