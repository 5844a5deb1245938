"""Shops to forecast."""

from __future__ import annotations

import datetime as dt

from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from tests import factories

YESTERDAY = dt.date(2026, 6, 30)


def sells(
    database: Database, sku: str, days: int = 120, *, level: float = 40.0, category: str | None = "Bread"
) -> Product:
    """A product with so many days of plausible sales."""
    product = factories.make_product(database, sku, category=category)
    factories.sell(
        database, product, factories.weekly_demand(days, seed=len(sku), level=level), until=YESTERDAY
    )
    return product
