"""Who delivers to the demo shop, and on which terms: as tables named as in import files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.synthetic.assortment import BREAD, CAKES, DELI, DRINKS, GIFTS, PASTRY

BAKERY, CONFECTIONER, ROASTERS = "Old Mill Bakery", "Confectioner's Guild", "Harbour Roasters"
DAIRY, RIBBON = "Alpine Dairy", "Paper & Ribbon"

# Daily bread, drinks twice a week, gifts from far away now and then.
SUPPLIERS: tuple[Mapping[str, Any], ...] = (
    {
        "name": BAKERY,
        "contact": "Hanna Müller",
        "email": "orders@old-mill.example",
        "lead_time_days": 1,
        "order_days": "mon tue wed thu fri sat",
        "minimum_order_value": 60,
    },
    {"name": CONFECTIONER, "lead_time_days": 2, "lead_time_sd_days": 0.5, "review_days": 3},
    {
        "name": ROASTERS,
        "email": "sales@harbour-roasters.example",
        "lead_time_days": 3,
        "lead_time_sd_days": 1,
        "order_days": "tue fri",
        "minimum_order_value": 150,
    },
    {
        "name": DAIRY,
        "contact": "Urs Aebi",
        "lead_time_days": 2,
        "lead_time_sd_days": 0.7,
        "order_days": "mon thu",
        "ordering_cost": 2,
    },
    {
        "name": RIBBON,
        "lead_time_days": 10,
        "lead_time_sd_days": 3,
        "review_days": 14,
        "ordering_cost": 6,
        "minimum_order_value": 200,
    },
)
PARAMETERS: tuple[Mapping[str, Any], ...] = (
    {"service_level": 0.95, "holding_rate": 0.2},
    {"category": BREAD, "supplier": BAKERY, "service_level": 0.97},
    {"category": PASTRY, "supplier": BAKERY, "pack_size": 12},
    {"category": CAKES, "supplier": CONFECTIONER, "shelf_life_days": 7},
    {"category": DRINKS, "supplier": ROASTERS, "pack_size": 6},
    {"category": DELI, "supplier": DAIRY, "shelf_life_days": 30},
    {"category": GIFTS, "supplier": RIBBON, "service_level": 0.9},
    {"sku": "KAFFEE/250g", "pack_size": 12, "min_order_quantity": 24},
    {"sku": "12 MACARON", "service_by_costs": True, "salvage_rate": 0.2},
    {"sku": "DEL-001", "pack_size": 2.5},
    {"sku": "GFT-003", "max_stock": 60},
    {"sku": "STOLLEN", "salvage_rate": 0.3, "service_by_costs": True, "pack_size": 6},
)
SUPPLIER_COLUMNS = (
    "name",
    "contact",
    "email",
    "lead_time_days",
    "lead_time_sd_days",
    "review_days",
    "order_days",
    "ordering_cost",
    "minimum_order_value",
)
PARAMETER_COLUMNS = (
    "sku",
    "category",
    "supplier",
    "service_level",
    "service_by_costs",
    "holding_rate",
    "salvage_rate",
    "min_order_quantity",
    "pack_size",
    "shelf_life_days",
    "max_stock",
)


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Mapping[str, NDArray[Any]]:
    """Rows as columns; None where a row says nothing."""
    return {name: np.array([row.get(name) for row in rows], dtype=object) for name in names}
