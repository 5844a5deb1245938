"""The shop's service level, shared out among the products of a catalogue."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from siprems_backend.services.replenishment import parameters, views
from siprems_backend.utils.pagination import PageRequest
from siprems_engine.inventory.shared_levels import FEWEST_PRODUCTS
from tests.services.replenishment.forecasts import sold_product

CLASSES = {"A": "A", "B": "B", "C": "C", "NEW": None, "OWN": "A", "MILK": "A"}


def _shop(database: Database, products: int) -> dict[str, float]:
    """Levels of the plan's lines by SKU, in a shop of so many products."""
    for sku, value_class in CLASSES.items():
        product = sold_product(database, sku, category="Milk" if sku == "MILK" else "Bread")
        with database.transaction() as session:
            session.execute(update(Product).where(Product.id == product.id).values(abc=value_class))
    for number in range(products - len(CLASSES)):
        sold_product(database, f"OTHER-{number}")
    parameters.change_product("OWN", {"service_level": Decimal("0.9")}, None)
    parameters.change_category("Milk", {"service_level": Decimal("0.99")}, None)
    return {line.sku: line.service_level for line in views.page(PageRequest(1, 200)).items}


def test_what_sells_most_runs_out_least(database: Database) -> None:
    found = _shop(database, FEWEST_PRODUCTS)
    expected = {"A": 38 / 39, "B": 0.95, "C": 9.5 / 10.5, "NEW": 0.95, "OWN": 0.9, "MILK": 0.99}
    assert {sku: found[sku] for sku in expected} == pytest.approx(expected, abs=1e-4)


def test_a_few_products_have_the_same_level(database: Database) -> None:
    found = _shop(database, FEWEST_PRODUCTS - 1)
    assert {found[sku] for sku in ("A", "B", "C", "NEW")} == {0.95}
