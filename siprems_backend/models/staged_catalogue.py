"""Merging imported products, events and stock levels, set-wise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from siprems_backend.models import staging

# The order of the rows in the file decides which of two rows for the same thing counts: the last.
PRODUCTS = "staged_products"
PRODUCT_COLUMNS = """
    line bigint NOT NULL, sku text COLLATE "C" NOT NULL, name text, category text, unit text,
    price numeric, cost numeric, stock numeric
"""
EVENTS = "staged_events"
EVENT_COLUMNS = """
    line bigint NOT NULL, name text COLLATE "C" NOT NULL, date date NOT NULL, type text,
    include_in_prediction boolean, description text, country text
"""
STOCK = "staged_stock"
STOCK_COLUMNS = (
    'line bigint NOT NULL, sku text COLLATE "C" NOT NULL, date date NOT NULL, on_hand numeric NOT NULL'
)

# In all three, an empty cell or an absent column keeps what is stored.
PRODUCT_DIFFERENCES = """
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT * FROM (
    SELECT s.sku, coalesce(s.name, p.name, s.sku) AS name, coalesce(s.category, p.category) AS category,
           coalesce(s.unit, p.unit, 'unit') AS unit, coalesce(round(s.price, 4), p.price) AS price,
           coalesce(round(s.cost, 4), p.cost) AS cost, coalesce(round(s.stock, 4), p.stock, 0) AS stock,
           p.id AS old_id, s.stock IS NOT NULL AND round(s.stock, 4) IS DISTINCT FROM p.stock AS restocked,
           (p.name, p.category, p.unit, p.price, p.cost, p.stock) IS NOT DISTINCT FROM
           (coalesce(s.name, p.name), coalesce(s.category, p.category), coalesce(s.unit, p.unit),
            coalesce(round(s.price, 4), p.price), coalesce(round(s.cost, 4), p.cost),
            coalesce(round(s.stock, 4), p.stock)) AS same
    FROM (SELECT DISTINCT ON (sku) * FROM staged_products ORDER BY sku, line DESC) s
    LEFT JOIN products p ON p.sku = s.sku
) AS compared
WHERE old_id IS NULL OR NOT same
"""
MERGE_PRODUCTS = """
INSERT INTO products AS p (sku, name, category, unit, price, cost, stock)
SELECT sku, name, category, unit, price, cost, stock FROM staged_changes ORDER BY old_id, sku
ON CONFLICT (sku) DO UPDATE
SET name = EXCLUDED.name, category = EXCLUDED.category, unit = EXCLUDED.unit, price = EXCLUDED.price,
    cost = EXCLUDED.cost, stock = EXCLUDED.stock, updated_at = now()
"""

# A stock that somebody counted is also the stock level of the day.
RECORD_LEVELS = """
INSERT INTO stock_levels (product_id, date, on_hand)
SELECT p.id, :today, p.stock FROM staged_changes c JOIN products p ON p.sku = c.sku WHERE c.restocked
ORDER BY p.id
ON CONFLICT (product_id, date) DO UPDATE SET on_hand = EXCLUDED.on_hand
"""

EVENT_DIFFERENCES = """
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT * FROM (
    SELECT s.name, s.date, coalesce(s.type, e.type, 'event') AS type,
           coalesce(s.include_in_prediction, e.include_in_prediction, true) AS include_in_prediction,
           coalesce(s.description, e.description) AS description, coalesce(s.country, e.country) AS country,
           e.id AS old_id,
           (e.type, e.include_in_prediction, e.description, e.country) IS NOT DISTINCT FROM
           (coalesce(s.type, e.type), coalesce(s.include_in_prediction, e.include_in_prediction),
            coalesce(s.description, e.description), coalesce(s.country, e.country)) AS same
    FROM (SELECT DISTINCT ON (name, date) * FROM staged_events ORDER BY name, date, line DESC) s
    LEFT JOIN events e ON e.name = s.name AND e.date = s.date
) AS compared
WHERE old_id IS NULL OR NOT same
"""
MERGE_EVENTS = """
INSERT INTO events AS e (name, date, type, include_in_prediction, description, country)
SELECT name, date, type, include_in_prediction, description, country
FROM staged_changes ORDER BY name, date
ON CONFLICT (name, date) DO UPDATE
SET type = EXCLUDED.type, include_in_prediction = EXCLUDED.include_in_prediction,
    description = EXCLUDED.description, country = EXCLUDED.country
"""

STOCK_DIFFERENCES = """
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT p.id AS product_id, s.date, round(s.on_hand, 4) AS on_hand, l.product_id AS old_id
FROM (SELECT DISTINCT ON (sku, date) * FROM staged_stock ORDER BY sku, date, line DESC) s
JOIN products p ON p.sku = s.sku
LEFT JOIN stock_levels l ON l.product_id = p.id AND l.date = s.date
WHERE l.on_hand IS DISTINCT FROM round(s.on_hand, 4)
"""
MERGE_STOCK = """
INSERT INTO stock_levels AS l (product_id, date, on_hand)
SELECT product_id, date, on_hand FROM staged_changes ORDER BY product_id, date
ON CONFLICT (product_id, date) DO UPDATE SET on_hand = EXCLUDED.on_hand
"""
# Only a level that is new, and the latest known one, says what is on the shelf now: importing old levels
# again must not undo the sales since.
LATEST_STOCK = """
UPDATE products p SET stock = greatest(c.on_hand, CAST(:lowest AS numeric)), updated_at = now()
FROM staged_changes c
WHERE c.product_id = p.id
  AND c.date = (SELECT max(l.date) FROM stock_levels l WHERE l.product_id = p.id)
  AND p.stock IS DISTINCT FROM greatest(c.on_hand, CAST(:lowest AS numeric))
"""


@dataclass(frozen=True)
class Changes:
    """Distinct things in the staged rows, and how many are new or differ from the stored ones."""

    distinct: int
    inserted: int
    updated: int


def create(session: Session, table: str, columns: str) -> None:
    """Make the temporary table of rows."""
    staging.create(session, table, columns)


def compare(session: Session, table: str, key: str, differences: str) -> Changes:
    """Keep the rows of `table` that differ from what is stored; `key` says which rows are the same thing."""
    session.execute(text("DROP TABLE IF EXISTS pg_temp.staged_changes"))
    staging.analyze(session, table)
    session.execute(text(differences))
    # Table and key are names from this module, never a client's text.
    things = text(f"SELECT count(DISTINCT ({key})) FROM {table}")  # noqa: S608  # nosec B608
    distinct = session.execute(things).scalar_one()
    changed = session.execute(text("SELECT count(*), count(old_id) FROM staged_changes")).one()
    return Changes(distinct, changed[0] - changed[1], changed[1])


def merge(session: Session, statement: str) -> None:
    """Write what `compare` kept."""
    session.execute(text(statement))


def record_levels(session: Session, today: date) -> None:
    """Make the stock of the products it was changed for their level of today."""
    session.execute(text(RECORD_LEVELS), {"today": today})


def take_latest_stock(session: Session, allow_negative: bool) -> None:
    """Make the newest imported level the product's stock."""
    session.execute(text(LATEST_STOCK), {"lowest": None if allow_negative else 0})
