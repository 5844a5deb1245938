"""A shop that is learned in a second."""

from __future__ import annotations

from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from tests.services.shop_forecasts.shops import sells

QUICK = {"epochs": 4, "folds": 1}


def stocked(database: Database, days: int = 190) -> list[Product]:
    """Three products of two categories."""
    return [
        sells(database, "A", days, level=8.0),
        sells(database, "BB", days, level=30.0),
        sells(database, "CCC", days, level=3.0, category="Cake"),
    ]
