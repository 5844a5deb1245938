"""Parameters of ordering as they hold for each product: the nearest word counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from siprems_backend.models.replenishment_parameters import FIELDS, OF_SUPPLIERS

# The places where a parameter may be said, the nearest first; suppliers know some only.
SCOPES = ("product", "category", "supplier", "shop")
AS_THEY_ARE = {"supplier_id", "review_days", "shelf_life_days", "service_by_costs", "policy"}
ALIASES = {"product": "own", "category": "cat", "supplier": "sup", "shop": "shop"}


class Resolved(NamedTuple):
    """What holds for a product; None where nobody says anything."""

    product_id: int
    supplier_id: int | None
    lead_time_days: float | None
    lead_time_sd_days: float | None
    review_days: int | None
    service_level: float | None
    service_by_costs: bool | None
    policy: str | None
    ordering_cost: float | None
    holding_rate: float | None
    salvage_rate: float | None
    min_order_quantity: float | None
    pack_size: float | None
    shelf_life_days: int | None
    max_stock: float | None
    supplier: str | None
    order_days: Sequence[int] | None
    # Whether the service level is the shop's, and not one that somebody chose for this product or category.
    shares_level: bool


def _places(field: str) -> list[str]:
    return [scope for scope in SCOPES if scope != "supplier" or field in OF_SUPPLIERS]


def _nearest(field: str) -> str:
    words = ", ".join(f"{ALIASES[scope]}.{field}" for scope in _places(field))
    value = f"coalesce({words})"
    return f"{value} AS {field}" if field in AS_THEY_ARE else f"CAST({value} AS float8) AS {field}"


JOINS = """
FROM products p
LEFT JOIN replenishment_parameters own ON own.product_id = p.id
LEFT JOIN replenishment_parameters cat ON cat.product_id IS NULL AND cat.category = p.category
LEFT JOIN replenishment_parameters shop ON shop.product_id IS NULL AND shop.category IS NULL
LEFT JOIN suppliers sup ON sup.id = coalesce(own.supplier_id, cat.supplier_id, shop.supplier_id)
WHERE (CAST(:product_ids AS bigint[]) IS NULL OR p.id = ANY(:product_ids))
ORDER BY p.id
"""
RESOLVED = text(
    f"SELECT p.id, {', '.join(_nearest(field) for field in FIELDS)}, sup.name, sup.order_days, "
    f"coalesce(own.service_level, cat.service_level) IS NULL {JOINS}"
)  # nosec B608: names of columns only
SAID = text(
    "SELECT "
    + ", ".join(
        f"{ALIASES[scope]}.{field} AS {scope}_{field}" for field in FIELDS for scope in _places(field)
    )
    + JOINS
)  # nosec B608: names of columns only


def resolved(session: Session, product_ids: Collection[int] | None = None) -> dict[int, Resolved]:
    """What holds for these products, or all, by their ids."""
    ids = None if product_ids is None else list(product_ids)
    return {row[0]: Resolved(*row) for row in session.execute(RESOLVED, {"product_ids": ids})}


def sources(session: Session, product_id: int) -> dict[str, str]:
    """Where each parameter of a product is said: its scope by field, without those that nobody says."""
    row = session.execute(SAID, {"product_ids": [product_id]}).mappings().one()
    said = {
        field: [scope for scope in _places(field) if row[f"{scope}_{field}"] is not None] for field in FIELDS
    }
    return {field: scopes[0] for field, scopes in said.items() if scopes}
