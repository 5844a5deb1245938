"""Forecasts of many products at once, on the real database and volume."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, text

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.models import history_queries
from siprems_backend.models.products import Product
from siprems_backend.services import (
    bulk_forecasts,
    forecasting,
    prediction,
    stored_forecasts,
    training,
    training_run,
)
from tests import factories

YESTERDAY = dt.date(2026, 6, 30)
# What is told has four decimals.
HALF_OF_LAST = 5.1e-5


@pytest.fixture
def bread(database: Database, models_dir: Path) -> Product:
    product = factories.make_product(database, "BRD-001", stock=30)
    factories.sell(database, product, factories.weekly_demand(450), until=YESTERDAY)
    return product


def _refresh(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        ids = [product_id for product_id, _ in history_queries.active_products(session)]
    return bulk_forecasts.refresh(ids)


def _shop(database: Database, count: int = 6) -> list[Product]:
    """Products with models, the last of them served by its average."""
    products = [factories.make_product(database, f"P{place}") for place in range(count)]
    for seed, product in enumerate(products):
        days = 450 if seed < count - 1 else 100
        factories.sell(database, product, factories.weekly_demand(days, seed), until=YESTERDAY)
    training_run.train_here()
    return products


def test_stored_forecasts_follow_the_last_day_of_sales(bread: Product, database: Database) -> None:
    with pytest.raises(NotFound, match="No forecast"):
        stored_forecasts.stored_forecast("BRD-001")
    training.train_product("BRD-001")
    stored = stored_forecasts.stored_forecast("BRD-001")
    assert (len(stored["forecast"]), stored["forecast"][0]["date"]) == (28, "2026-07-01")
    factories.sell(database, bread, [30.0, 31.0], until=YESTERDAY + dt.timedelta(days=2))
    result = _refresh(database)
    assert result == {"products": 1, "refreshed": 1, "failed": 0, "reasons": {}}
    assert stored_forecasts.stored_forecast("BRD-001")["forecast"][0]["date"] == "2026-07-03"


def test_all_forecasts_are_what_each_product_gets_alone(database: Database, models_dir: Path) -> None:
    products = _shop(database)
    factories.sell(database, products[0], [30.0], until=YESTERDAY + dt.timedelta(days=1))
    assert _refresh(database)["refreshed"] == len(products)
    engines = set()
    for product in products:
        made = prediction.predict(product.sku, 28).made
        stored = stored_forecasts.stored_forecast(product.sku)
        engines.add(stored["engine"])
        assert (stored["engine"], stored["step"]) == (made.engine, "day")
        for name, values in (("predicted", made.yhat), ("lower", made.lower), ("upper", made.upper)):
            told = [point[name] for point in stored["forecast"]]
            np.testing.assert_allclose(told, values, rtol=1e-12, atol=HALF_OF_LAST)
    assert engines == {"prophet", "window-average"}


def test_training_stores_what_serving_answers(database: Database, models_dir: Path) -> None:
    for product in _shop(database, 3):
        stored = [point["predicted"] for point in stored_forecasts.stored_forecast(product.sku)["forecast"]]
        np.testing.assert_allclose(
            stored, prediction.predict(product.sku, 28).made.yhat, rtol=1e-12, atol=HALF_OF_LAST
        )


def test_a_catalogue_is_refreshed_with_few_queries(database: Database, models_dir: Path) -> None:
    _shop(database)
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    _refresh(database)
    assert len([line for line in said if line.lstrip().startswith(("SELECT", "WITH", "INSERT"))]) <= 10


def test_an_unusable_model_is_reported_and_stops_no_other(database: Database, models_dir: Path) -> None:
    products = _shop(database, 4)
    for path in (models_dir / "model_P1.json", *models_dir.glob("versions/model_P1/*.json")):
        path.unlink()
        path.write_bytes(b"{")
    result = _refresh(database)
    assert (result["products"], result["refreshed"], result["failed"]) == (len(products), 3, 1)
    assert list(result["reasons"]) == ["P1"]
    assert "train it again" in result["reasons"]["P1"]


def test_a_product_deleted_meanwhile_is_passed_over(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = _shop(database, 3)
    real = forecasting.forecast_rows

    def deleting(*given: object) -> object:
        with database.transaction() as session:
            session.execute(text("DELETE FROM daily_sales WHERE product_id = :id"), {"id": products[1].id})
            session.execute(text("DELETE FROM products WHERE id = :id"), {"id": products[1].id})
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(forecasting, "forecast_rows", deleting)
    _refresh(database)
    monkeypatch.undo()
    assert [stored_forecasts.stored_forecast(sku)["engine"] for sku in ("P0", "P2")] == [
        "prophet",
        "window-average",
    ]


def test_an_empty_instance_has_nothing_to_refresh(database: Database, models_dir: Path) -> None:
    assert _refresh(database)["products"] == 0


def test_progress_is_reported_by_the_chunk(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = _shop(database)
    monkeypatch.setattr(bulk_forecasts, "TOGETHER", 4)
    heard: list[tuple[int, int]] = []
    ids = [product.id for product in products]
    bulk_forecasts.refresh(ids, on_progress=lambda done, total, _message="": heard.append((done, total)))
    assert heard == [(0, 6), (4, 6)]


def test_a_batch_lists_what_cannot_be_forecast(bread: Product, database: Database) -> None:
    factories.make_product(database, "IDLE")
    factories.sell(database, factories.make_product(database, "NEW"), [4, 6, 5], until=YESTERDAY)
    result = bulk_forecasts.predict_batch(["NOPE", "NEW", "IDLE", "BRD-001"], 3, engine="prophet")
    assert list(result["forecasts"]) == ["NEW", "BRD-001"]
    assert sorted(result["failed"]) == ["IDLE", "NOPE"]
    assert "no sales yet" in result["failed"]["IDLE"]
    made = result["forecasts"]["BRD-001"]
    assert (made["engine"], made["start_date"], made["step"]) == ("prophet", "2026-07-01", "day")
    assert len(made["yhat"]) == len(made["lower"]) == len(made["upper"]) == 3
    assert result["forecasts"]["NEW"]["engine"] == "window-average"
    # The missing model was trained, and the forecast kept.
    assert forecasting.load_model("BRD-001") is not None
    assert len(stored_forecasts.stored_forecast("BRD-001")["forecast"]) == 3


def test_a_product_that_cannot_be_trained_fails_no_batch(
    bread: Product, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.sell(database, factories.make_product(database, "BAD"), [3.0] * 70, until=YESTERDAY)
    real = training.train_history

    def sometimes(product: Product, *rest: object) -> object:
        if product.sku == "BAD":
            raise ZeroDivisionError("a bug")
        return real(product, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "train_history", sometimes)
    result = bulk_forecasts.predict_batch(["BAD", "BRD-001"], 7, engine="prophet")
    assert list(result["forecasts"]) == ["BRD-001"]
    assert "Something went wrong" in result["failed"]["BAD"]


def test_a_batch_in_a_shop_without_sales(database: Database, models_dir: Path) -> None:
    factories.make_product(database, "A")
    result = bulk_forecasts.predict_batch(["A"], 7)
    assert result["forecasts"] == {}
    assert "no sales yet" in result["failed"]["A"]
