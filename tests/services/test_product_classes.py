"""Classes of products, made from what the database knows and stored there."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import numpy as np
import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.models import task_queries
from siprems_backend.models.products import Product, by_sku
from siprems_backend.models.sales import DailySales
from siprems_backend.services import product_choice, product_classes, task_registry, training_run
from siprems_backend.services.product_classes import classify_products
from siprems_backend.services.task_registry import TaskKind
from tests import factories

UNTIL = dt.date(2026, 6, 30)


def _classes(database: Database, sku: str) -> tuple[str | None, str | None, str | None]:
    with database.reading() as session:
        product = by_sku(session, sku)
        assert product is not None
        return product.demand_class, product.abc, product.xyz


def _product(database: Database, sku: str, sold: list[float], **values: object) -> Product:
    product = factories.make_product(database, sku, **values)
    factories.sell(database, product, [float(each) for each in sold], until=UNTIL)
    return product


def _shop(database: Database) -> None:
    random = np.random.default_rng(4)
    _product(database, "steady", (20 + random.integers(0, 5, 200)).tolist(), price=10)
    _product(database, "uneven", np.where(np.arange(200) % 2, 1, 30).tolist(), price=1)
    _product(database, "seldom", np.where(np.arange(200) % 7 == 3, 2, 0).tolist(), price=1)
    lumps = np.where(np.arange(200) % 21 == 5, 1, 0)
    lumps[[47, 152]] = 40
    _product(database, "lumps", lumps.tolist(), price=0.5)
    factories.make_product(database, "never sold", price=5)


def test_products_are_classed_by_pattern_value_and_variability(database: Database) -> None:
    _shop(database)
    result = classify_products()
    assert _classes(database, "steady") == ("smooth", "A", "X")
    assert _classes(database, "uneven") == ("erratic", "B", "X")
    assert _classes(database, "seldom") == ("intermittent", "C", "X")
    assert _classes(database, "lumps") == ("lumpy", "C", "Z")
    assert _classes(database, "never sold") == (None, "C", None)
    assert result == {
        "products": 5,
        "changed": 5,
        "demand_class": {"erratic": 1, "intermittent": 1, "lumpy": 1, "none": 1, "smooth": 1},
        "abc": {"A": 1, "B": 1, "C": 3},
        "xyz": {"X": 3, "Z": 1, "none": 1},
    }
    assert classify_products()["changed"] == 0


def test_products_in_parts_are_classed_alike(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _shop(database)
    whole = classify_products()
    monkeypatch.setattr(product_classes, "TOGETHER", 2)
    assert classify_products() == {**whole, "changed": 0}


def test_value_is_revenue_where_it_was_recorded(database: Database) -> None:
    cheap = _product(database, "cheap", [10.0] * 60, price=1)
    with database.transaction() as session:
        session.add(
            DailySales(product_id=cheap.id, date=UNTIL - dt.timedelta(days=90), quantity=1, revenue=90_000)
        )
    _product(database, "dear", [10.0] * 60, price=10)
    classify_products()
    assert [_classes(database, sku)[1] for sku in ("cheap", "dear")] == ["A", "B"]


def test_without_any_price_units_count(database: Database) -> None:
    _product(database, "many", [100.0] * 40)
    _product(database, "few", [1.0] * 40)
    classify_products()
    assert [_classes(database, sku)[1] for sku in ("many", "few")] == ["A", "C"]


def test_what_is_not_sold_any_more_is_in_no_class(database: Database) -> None:
    _shop(database)
    classify_products()
    with database.transaction() as session:
        product = by_sku(session, "steady")
        assert product is not None
        product.is_active = False
    assert classify_products()["changed"] == 2  # The next one moves up.
    assert _classes(database, "steady") == (None, None, None)
    assert _classes(database, "uneven")[1] == "A"


def test_a_shop_without_sales_or_products(database: Database) -> None:
    assert classify_products()["products"] == 0
    factories.make_product(database, "new")
    classify_products()
    assert _classes(database, "new") == (None, "C", None)


def test_batches_are_chosen_by_class(database: Database) -> None:
    _shop(database)
    classify_products()
    assert product_choice.chosen(None, {"demand_class": "lumpy"}) == ["lumps"]
    assert product_choice.chosen(None, {"xyz": "X", "abc": "C"}) == ["seldom"]
    assert product_choice.chosen(None, {"xyz": "X", "search": "ea"}) == ["steady"]


def test_the_nightly_run_classes_the_whole_catalogue(database: Database) -> None:
    _shop(database)

    def classing(category: str | None) -> list[UUID]:
        task_id = task_registry.submit(TaskKind.TRAIN_ALL, {}).task_id
        training_run.start(task_id, category)
        with database.reading() as session:
            children = task_queries.children(session, task_id)
        return [child.id for child in children if child.kind == TaskKind.CLASSIFY_PRODUCTS]

    assert len(classing(None)) == 1
    factories.make_product(database, "cake", category="Cake")
    assert classing("Cake") == []
