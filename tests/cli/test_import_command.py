"""`siprems import`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from siprems_backend.extensions.database import Database


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "products.csv").write_text("sku,name\nA,Bread\n")
    (tmp_path / "events.csv").write_text("event_name,event_date,event_type\nFair,2024-06-16,festival\n")
    (tmp_path / "sales.csv").write_text("sku,date,quantity,note\nA,2024-01-01,2,[x]\nA,2024-01-01,[/red],\n")
    (tmp_path / "stock_history.csv").write_text("sku,date,stock_on_hand\nA,2024-01-01,5\n")
    (tmp_path / "promotions.csv").write_text("sku,date_from,date_to\nA,2024-01-01,2024-01-07\n")
    (tmp_path / "weather.csv").write_text("date,rain\n2024-01-01,1\n")
    return tmp_path


def siprems(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["siprems", "import", *arguments], env={"COLUMNS": "200"})


def test_a_folder_is_imported_in_order(app: Flask, database: Database, shop: Path) -> None:
    result = siprems(app, str(shop))
    assert result.exit_code == 0, result.output
    places = [
        result.output.index(f"{name}:")
        for name in ("products.csv", "events.csv", "sales.csv", "promotions.csv")
    ]
    assert places == sorted(places)
    assert "sales.csv line 3: quantity is not a number ('[/red]')" in result.output
    assert "columns not used: note" in result.output
    with database.reading() as session:
        counts = session.execute(
            text("SELECT name, stock::int, (SELECT count(*) FROM planned_promotions) FROM products")
        )
        assert tuple(counts.one()) == ("Bread", 5, 1)


def test_a_second_run_says_that_nothing_changed(app: Flask, database: Database, shop: Path) -> None:
    siprems(app, str(shop))
    result = siprems(app, str(shop / "sales.csv"))
    assert "Nothing new" in result.output


def test_a_kind_may_be_given(app: Flask, database: Database, shop: Path) -> None:
    odd = (shop / "events.csv").rename(shop / "calendar.csv")
    assert siprems(app, str(odd)).exit_code == 1
    assert siprems(app, str(odd), "--kind", "events").exit_code == 0
    assert siprems(app, str(shop), "--kind", "products").output.count("100%") == 1


def test_refused_files_end_with_a_message(app: Flask, database: Database, shop: Path) -> None:
    result = siprems(app, str(shop / "weather.csv"))
    assert result.exit_code == 1
    assert "Error: The file has no columns 'sku', 'quantity'" in result.output
    assert "It was read as sales." in result.output
    assert "--kind" in result.output
    assert "events needs name, date;" in result.output


def test_a_folder_without_files_says_what_it_looked_for(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    result = siprems(app, str(tmp_path))
    assert result.exit_code == 1
    assert "no file named products" in result.output


def test_stock_moves_when_asked(app: Flask, database: Database, shop: Path) -> None:
    siprems(app, str(shop))
    (shop / "more.csv").write_text("sku,date,quantity\nA,2024-01-02,3\n")
    assert siprems(app, str(shop / "more.csv"), "--move-stock").exit_code == 0
    with database.reading() as session:
        assert session.execute(text("SELECT stock::int FROM products")).scalar_one() == 2
