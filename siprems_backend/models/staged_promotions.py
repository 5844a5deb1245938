"""Merging imported plans of promotions, set-wise."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from siprems_backend.models import staged_catalogue, staging
from siprems_backend.models.staged_catalogue import Changes

PLANS = "staged_promotions"
COLUMNS = """
    sku text COLLATE "C", category text, date_from date NOT NULL, date_to date NOT NULL, name text NOT NULL
"""
KEY = "sku, category, date_from, date_to, name"

# A plan is nothing but its key: it is there already, or it is new.
DIFFERENCES = """
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT DISTINCT p.id AS product_id, s.category, s.date_from, s.date_to, s.name, NULL::bigint AS old_id
FROM staged_promotions s LEFT JOIN products p ON p.sku = s.sku
WHERE num_nonnulls(p.id, s.category) = 1
  AND NOT EXISTS (
      SELECT FROM planned_promotions o WHERE o.product_id = p.id
      AND o.date_from = s.date_from AND o.date_to = s.date_to AND o.name = s.name)
  AND NOT EXISTS (
      SELECT FROM planned_promotions o WHERE o.category = s.category
      AND o.date_from = s.date_from AND o.date_to = s.date_to AND o.name = s.name)
"""
MERGE = """
INSERT INTO planned_promotions (product_id, category, date_from, date_to, name, source, created_by)
SELECT product_id, category, date_from, date_to, name, 'import', :user_id
FROM staged_changes ORDER BY product_id, category, date_from, date_to, name
ON CONFLICT DO NOTHING
"""


def create(session: Session) -> None:
    """Make the temporary table of plans."""
    staging.create(session, PLANS, COLUMNS)


def compare(session: Session) -> Changes:
    """Keep the plans that are not stored yet."""
    return staged_catalogue.compare(session, PLANS, KEY, DIFFERENCES)


def merge(session: Session, user_id: int | None) -> None:
    """Write what `compare` kept."""
    session.execute(text(MERGE), {"user_id": user_id})
