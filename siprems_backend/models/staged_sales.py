"""Merging imported sales: one statement for each step, however many rows there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from siprems_backend.models import staging

LINES = "staged_sales"
COLUMNS = """
    sku text COLLATE "C" NOT NULL, date date NOT NULL, quantity numeric NOT NULL, unit_price numeric,
    is_promo boolean, reference text COLLATE "C"
"""
# Sums must fit numeric(16, 4) even when earlier sales of the same day are added to them.
LARGEST_AMOUNT = 10**11

# Lines of one product, day and reference are one sale. A line with both signs of quantity in its group is
# weighted by its size, so that a return does not push the price out of the range that was really paid.
GATHER = """
CREATE TEMPORARY TABLE staged_sums ON COMMIT DROP AS
SELECT p.id AS product_id, s.date, coalesce(s.reference, :default_key) AS external_key,
       round(sum(s.quantity), 4) AS quantity,
       round(CASE
           WHEN count(s.unit_price) = 0 THEN NULL
           WHEN count(*) = 1 OR sum(abs(s.quantity)) FILTER (WHERE s.unit_price IS NOT NULL) = 0
               THEN avg(s.unit_price)
           ELSE sum(abs(s.quantity) * s.unit_price)
                / sum(abs(s.quantity)) FILTER (WHERE s.unit_price IS NOT NULL)
       END, 4) AS unit_price,
       bool_or(s.is_promo) AS is_promo
FROM staged_sales s JOIN products p ON p.sku = s.sku
GROUP BY p.id, s.date, coalesce(s.reference, :default_key)
"""

# What a file does not say (no price column, no promotion column) stays as it is.
CHANGED = """
CREATE TEMPORARY TABLE staged_changes ON COMMIT DROP AS
SELECT * FROM (
    SELECT s.product_id, s.date, s.external_key, s.quantity,
           coalesce(s.unit_price, t.unit_price) AS unit_price,
           coalesce(s.is_promo, t.is_promo, false) AS is_promo,
           t.id AS old_id, t.quantity AS old_quantity, t.unit_price AS old_price, t.is_promo AS old_promo
    FROM staged_sums s
    LEFT JOIN transactions t
        ON t.product_id = s.product_id AND t.date = s.date AND t.external_key = s.external_key
) AS compared
WHERE old_id IS NULL
   OR (quantity, unit_price, is_promo) IS DISTINCT FROM (old_quantity, old_price, old_promo)
"""

MERGE = """
INSERT INTO transactions AS t
    (product_id, date, quantity, unit_price, is_promo, source, external_key, import_id, created_by)
SELECT product_id, date, quantity, unit_price, is_promo, 'import', external_key, :import_id, :user_id
FROM staged_changes ORDER BY product_id, date, external_key
ON CONFLICT (product_id, date, external_key) WHERE external_key IS NOT NULL DO UPDATE
SET quantity = EXCLUDED.quantity, unit_price = EXCLUDED.unit_price, is_promo = EXCLUDED.is_promo,
    import_id = EXCLUDED.import_id
"""

ROLL_UP = """
INSERT INTO daily_sales AS d (product_id, date, quantity, promo, revenue)
SELECT t.product_id, t.date, sum(t.quantity), bool_or(t.is_promo),
       coalesce(sum(round(t.quantity * t.unit_price, 4)), 0)
FROM transactions t
JOIN (SELECT DISTINCT product_id, date FROM staged_changes) AS touched
    ON touched.product_id = t.product_id AND touched.date = t.date
GROUP BY t.product_id, t.date
ORDER BY t.product_id, t.date
ON CONFLICT (product_id, date) DO UPDATE
SET quantity = EXCLUDED.quantity, promo = EXCLUDED.promo, revenue = EXCLUDED.revenue
"""

# What is left also becomes the stock level of the day, as it does when a sale arrives alone.
MOVE_STOCK = """
WITH moved AS (
    UPDATE products p SET stock = p.stock - taken.quantity, updated_at = now()
    FROM (
        SELECT product_id, sum(quantity - coalesce(old_quantity, 0)) AS quantity
        FROM staged_changes GROUP BY product_id
    ) AS taken
    WHERE p.id = taken.product_id AND taken.quantity <> 0
    RETURNING p.id, p.stock
)
INSERT INTO stock_levels (product_id, date, on_hand)
SELECT id, :today, stock FROM moved ORDER BY id
ON CONFLICT (product_id, date) DO UPDATE SET on_hand = EXCLUDED.on_hand
"""


@dataclass(frozen=True)
class MergeCounts:
    """Sales of a file after its lines were summed: what they did to the stored ones."""

    distinct: int
    inserted: int
    updated: int


def create(session: Session) -> None:
    """Make the temporary table of lines."""
    staging.create(session, LINES, COLUMNS)


def add_unknown_products(session: Session, table: str = LINES) -> int:
    """Create a product for every SKU that has none, named like its SKU; how many."""
    # The table's name is a constant of ours, here and below, never a client's text.
    statement = text(
        f"INSERT INTO products (sku, name) SELECT DISTINCT s.sku, s.sku FROM {table} s "  # noqa: S608  # nosec B608
        "WHERE NOT EXISTS (SELECT FROM products p WHERE p.sku = s.sku) ORDER BY 1 "
        "ON CONFLICT (sku) DO NOTHING"
    )
    return _rows_written(session, statement)


def lock_products(session: Session, table: str = LINES) -> int:
    """Lock the products of the staged rows, lowest id first, lest two imports deadlock; how many."""
    statement = text(
        f"SELECT id FROM products WHERE sku IN (SELECT sku FROM {table}) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608  # nosec B608
    )
    return len(session.execute(statement).all())


def gather(session: Session, default_key: str) -> MergeCounts:
    """Sum the lines, compare them with the stored sales and keep the differences for `merge`."""
    session.execute(text("DROP TABLE IF EXISTS pg_temp.staged_sums, pg_temp.staged_changes"))
    staging.analyze(session, LINES)
    session.execute(text(GATHER), {"default_key": default_key})
    staging.analyze(session, "staged_sums")
    session.execute(text(CHANGED))
    staging.analyze(session, "staged_changes")
    total = session.execute(text("SELECT count(*) FROM staged_sums")).scalar_one()
    changed = session.execute(text("SELECT count(*), count(old_id) FROM staged_changes")).one()
    return MergeCounts(total, changed[0] - changed[1], changed[1])


def implausible(session: Session) -> tuple[str, str] | None:
    """The (SKU, date) of a sum too large to store, if there is one."""
    statement = text(
        "SELECT p.sku, s.date::text FROM staged_sums s JOIN products p ON p.id = s.product_id "
        "WHERE abs(s.quantity) > :limit OR abs(s.quantity * coalesce(s.unit_price, 0)) > :limit LIMIT 1"
    )
    row = session.execute(statement, {"limit": LARGEST_AMOUNT}).first()
    return (row[0], row[1]) if row else None


def merge(session: Session, import_id: UUID, user_id: int | None) -> None:
    """Write the differences that `gather` found."""
    session.execute(text(MERGE), {"import_id": import_id, "user_id": user_id})


def refresh_daily(session: Session) -> None:
    """Sum again the days that `merge` touched."""
    session.execute(text(ROLL_UP))


def move_stock(session: Session, today: date) -> None:
    """Take what was newly sold from the stock; a corrected sale moves it by the difference only."""
    session.execute(text(MOVE_STOCK), {"today": today})


def overdrawn(session: Session, limit: int) -> list[str]:
    """SKUs of the touched products whose stock fell below nothing, at most `limit`."""
    statement = text(
        "SELECT sku FROM products WHERE stock < 0 AND id IN (SELECT product_id FROM staged_changes) "
        "ORDER BY sku LIMIT :limit"
    )
    return list(session.execute(statement, {"limit": limit}).scalars())


def span(session: Session) -> tuple[int, str | None, str | None]:
    """Products, first and last date of the staged lines."""
    row = session.execute(
        text("SELECT count(DISTINCT product_id), min(date)::text, max(date)::text FROM staged_sums")
    ).one()
    return row[0], row[1], row[2]


def _rows_written(session: Session, statement: object) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[call-overload]
