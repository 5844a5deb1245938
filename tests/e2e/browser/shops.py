"""The shops that are driven: the demo, and a real grocer where SIPREMS_DATA names the folder of its sales."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from siprems_backend.extensions.database import database
from siprems_backend.services import demo, imports, users
from siprems_backend.services.imports import ImportKind
from siprems_backend.utils.roles import Role

OWNER, VIEWER = "owner@example.com", "viewer@example.com"
PASSWORD = "a long enough password"
GROCER = Path(os.environ.get("SIPREMS_DATA", "")) / "complete_journey_daily"
# A grocer's sales tell neither of stock nor of costs: little enough that much is to be ordered.
ON_HAND, COST = 20, 0.7


@dataclass(frozen=True)
class Shop:
    """How a shop is filled, and what of it is looked for: `search` finds one product only, `many` some."""

    fill: Callable[[], None]
    sku: str
    product: str
    search: str
    many: str
    category: str


def _demo() -> None:
    demo.load(OWNER, PASSWORD)


def _grocer() -> None:
    users.create(OWNER, "Olga Owner", PASSWORD, Role.ADMIN)
    imports.import_path(GROCER / "products.csv", ImportKind.PRODUCTS)
    imports.import_path(GROCER / "sales.csv.gz", ImportKind.SALES)
    with (GROCER / "products.csv").open(newline="", encoding="utf-8") as file:
        prices = {row["sku"]: float(row["price"]) for row in csv.DictReader(file)}
    skus = list(prices)
    tables = {
        ImportKind.PRODUCTS: {"sku": skus, "unit_cost": [COST * price for price in prices.values()]},
        ImportKind.STOCK: {"sku": skus, "on_hand": [ON_HAND] * len(skus)},
        ImportKind.SUPPLIERS: {"name": ["Market"], "lead_time_days": [3], "review_days": [7]},
        ImportKind.REPLENISHMENT: {"sku": [None], "category": [None], "supplier": ["Market"]},
    }
    for kind, columns in tables.items():
        with database.transaction() as session:
            report = imports.import_columns(session, columns, kind, "made for the browser")
        assert report["rejected"] == 0, report


SHOPS = {"demo": Shop(_demo, "BRD-001", "Farmhouse loaf", "farmhouse", "GFT", "Bread")}
if GROCER.is_dir():
    SHOPS["grocer"] = Shop(_grocer, "1082185", "BANANAS 40 LB (National)", "bananas 40", "eggs", "PRODUCE")
