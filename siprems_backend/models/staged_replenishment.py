"""Merging imported suppliers and parameters of ordering, set-wise. An empty cell keeps what is stored."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from siprems_backend.models import staged_catalogue, staging
from siprems_backend.models.replenishment_parameters import FIELDS
from siprems_backend.models.staged_catalogue import Changes

# (column, its type); the order of the rows decides which of two for the same thing counts: the last.
SUPPLIER_COLUMNS = (
    ("contact", "text"),
    ("email", "text"),
    ("phone", "text"),
    ("note", "text"),
    ("lead_time_days", "numeric"),
    ("lead_time_sd_days", "numeric"),
    ("review_days", "smallint"),
    ("order_days", "smallint[]"),
    ("ordering_cost", "numeric"),
    ("minimum_order_value", "numeric"),
)
PARAMETER_TYPES = {
    "review_days": "smallint",
    "shelf_life_days": "integer",
    "service_by_costs": "boolean",
    "policy": "text",
}
PARAMETER_COLUMNS = tuple((name, PARAMETER_TYPES.get(name, "numeric")) for name in FIELDS[1:])
SUPPLIERS, PARAMETERS = "staged_suppliers", "staged_parameters"
SUPPLIER_KEY, PARAMETER_KEY = "name", "sku, category"


def _declared(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)


def _kept(columns: tuple[tuple[str, str], ...], stored: str) -> str:
    """What holds after the merge: the file's word, rounded as it is stored, or what is stored."""
    return ", ".join(
        f"coalesce({f'round(s.{name}, 4)' if kind == 'numeric' else f's.{name}'}, {stored}.{name}) AS {name}"
        for name, kind in columns
    )


def _differs(columns: tuple[tuple[str, str], ...], stored: str) -> str:
    """Whether anything of that is new."""
    return " OR ".join(
        f"({f'round(s.{name}, 4)' if kind == 'numeric' else f's.{name}'} IS NOT NULL AND "
        f"{f'round(s.{name}, 4)' if kind == 'numeric' else f's.{name}'} IS DISTINCT FROM {stored}.{name})"
        for name, kind in columns
    )


def _overwritten(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} = EXCLUDED.{name}" for name, _ in columns)


def _names(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(name for name, _ in columns)


# Names of columns only, never a client's text.
SUPPLIER_DIFFERENCES = f"""
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT s.name, {_kept(SUPPLIER_COLUMNS, "o")}, o.id AS old_id
FROM (SELECT DISTINCT ON (name) * FROM {SUPPLIERS} ORDER BY name, line DESC) s
LEFT JOIN suppliers o ON o.name = s.name
WHERE o.id IS NULL OR {_differs(SUPPLIER_COLUMNS, "o")}
"""  # noqa: S608  # nosec B608
MERGE_SUPPLIERS = f"""
INSERT INTO suppliers (name, {_names(SUPPLIER_COLUMNS)})
SELECT name, {_names(SUPPLIER_COLUMNS)} FROM staged_changes ORDER BY name
ON CONFLICT (name) DO UPDATE SET {_overwritten(SUPPLIER_COLUMNS)}, updated_at = now()
"""  # noqa: S608  # nosec B608
OF_SUPPLIER = (("supplier_id", "bigint"), *PARAMETER_COLUMNS)
PARAMETER_DIFFERENCES = f"""
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT p.id AS product_id, s.category, {_kept(OF_SUPPLIER, "o")}, o.id AS old_id
FROM (
    SELECT DISTINCT ON (t.sku, t.category) t.*, f.id AS supplier_id
    FROM {PARAMETERS} t LEFT JOIN suppliers f ON f.name = t.supplier
    ORDER BY t.sku, t.category, t.line DESC
) s
LEFT JOIN products p ON p.sku = s.sku
LEFT JOIN replenishment_parameters o
  ON o.product_id IS NOT DISTINCT FROM p.id AND o.category IS NOT DISTINCT FROM s.category
WHERE (s.sku IS NULL OR p.id IS NOT NULL) AND ({_differs(OF_SUPPLIER, "o")})
"""  # noqa: S608  # nosec B608
MERGE_PARAMETERS = f"""
INSERT INTO replenishment_parameters (product_id, category, {_names(OF_SUPPLIER)}, updated_by)
SELECT product_id, category, {_names(OF_SUPPLIER)}, :user_id
FROM staged_changes ORDER BY product_id, category
ON CONFLICT (product_id, category) DO UPDATE
SET {_overwritten(OF_SUPPLIER)}, updated_by = EXCLUDED.updated_by, updated_at = now()
"""  # noqa: S608  # nosec B608


def create_suppliers(session: Session) -> None:
    """Make a place for rows of suppliers."""
    columns = f'line bigint NOT NULL, name text COLLATE "C" NOT NULL, {_declared(SUPPLIER_COLUMNS)}'
    staging.create(session, SUPPLIERS, columns)


def create_parameters(session: Session) -> None:
    """Make a place for rows of parameters: of a SKU, of a category, or with neither of the shop."""
    key = 'line bigint NOT NULL, sku text COLLATE "C", category text, supplier text'
    staging.create(session, PARAMETERS, f"{key}, {_declared(PARAMETER_COLUMNS)}")


def merge_suppliers(session: Session) -> Changes:
    """Write what is new or differs."""
    changes = staged_catalogue.compare(session, SUPPLIERS, SUPPLIER_KEY, SUPPLIER_DIFFERENCES)
    staged_catalogue.merge(session, MERGE_SUPPLIERS)
    return changes


def merge_parameters(session: Session, user_id: int | None) -> Changes:
    """Write what is new or differs."""
    changes = staged_catalogue.compare(session, PARAMETERS, PARAMETER_KEY, PARAMETER_DIFFERENCES)
    session.execute(text(MERGE_PARAMETERS), {"user_id": user_id})
    return changes
