"""What the plan is made from, read for many products at once, and keeping what was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from siprems_backend.models import staging
from siprems_backend.models.plan_lines import PlanLine

STAGED = "staged_plan_lines"
COLUMNS = tuple(column.name for column in PlanLine.__table__.columns if column.name != "changes")
NAMES = ", ".join(COLUMNS)
# A line is not true any more once anything differs that it was made from.
STALE = """
FROM products p
LEFT JOIN plan_lines l ON l.product_id = p.id
LEFT JOIN shop_forecasts f ON f.product_id = p.id
WHERE p.is_active AND (
    l.product_id IS NULL OR l.plan_date <> :day OR l.changes <> l.seen
    OR l.product_updated_at <> p.updated_at OR l.forecast_made_at IS DISTINCT FROM f.made_at
)
"""
LINE = text("SELECT * FROM plan_lines WHERE product_id = :product_id")
TRUE_LINE = text(f"""
SELECT * FROM plan_lines WHERE product_id = :product_id
AND EXISTS (SELECT FROM products WHERE id = :product_id AND is_active)
AND NOT EXISTS (SELECT {STALE} AND p.id = :product_id)
""")  # noqa: S608  # nosec B608: no text of a client
STALE_IDS = text(f"SELECT p.id {STALE} ORDER BY p.id LIMIT :limit")
STALE_COUNT = text(f"SELECT count(*) {STALE}")
ACTIVE_IDS = text("SELECT id FROM products WHERE is_active ORDER BY id")
# The count of changes is read before what changes, so that none of them goes unseen.
CHANGES = text("SELECT product_id, changes FROM plan_lines WHERE product_id = ANY(:product_ids)")
PRODUCTS = text("""
SELECT id, sku, name, unit, CAST(stock AS float8), CAST(price AS float8), CAST(cost AS float8), updated_at,
       abc
FROM products WHERE id = ANY(:product_ids) AND (is_active OR NOT :sold_only) ORDER BY id
""")
SOLD = text("SELECT count(*) FROM products WHERE is_active")
# As text: numpy reads it far faster than the driver makes an object of every number.
FORECASTS = text("""
SELECT product_id, start_date, step_days, made_at, least(cardinality(mean), :periods) AS periods,
       array_to_string(mean[1:CAST(:periods AS integer)], ' '),
       array_to_string(totals[1:CAST(:periods AS integer)], ' ')
FROM shop_forecasts WHERE product_id = ANY(:product_ids) ORDER BY product_id
""")
# In the order of their ids, so that two who keep the same lines cannot wait for each other.
MERGE = text(f"""
INSERT INTO plan_lines ({NAMES}, changes)
SELECT {", ".join(f"s.{name}" for name in COLUMNS)}, s.seen
FROM {STAGED} s JOIN products p ON p.id = s.product_id
ORDER BY s.product_id
ON CONFLICT (product_id) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name != "product_id")}
""")  # noqa: S608  # nosec B608: names of columns only
WAITING = text("SELECT EXISTS (SELECT FROM tasks WHERE kind = :kind AND status = 'PENDING')")


class ProductFacts(NamedTuple):
    """A product as the plan sees it."""

    id: int
    sku: str
    name: str
    unit: str
    stock: float
    price: float | None
    cost: float | None
    updated_at: dt.datetime
    value_class: str | None


class ForecastText(NamedTuple):
    """The first periods of a product's forecast; means, and quantiles of the totals, separated by blanks."""

    product_id: int
    start_date: dt.date
    step_days: int
    made_at: dt.datetime
    periods: int
    mean: str
    totals: str


def stale_ids(session: Session, day: dt.date, limit: int) -> list[int]:
    """Products whose line is not true on `day`, at most so many."""
    return list(session.scalars(STALE_IDS, {"day": day, "limit": limit}))


def stale_count(session: Session, day: dt.date) -> int:
    """How many products have a line that is not true on `day`."""
    return int(session.execute(STALE_COUNT, {"day": day}).scalar_one())


def true_line(session: Session, day: dt.date, product_id: int) -> Mapping[str, Any] | None:
    """The line of a product that is sold, if it is true on `day`."""
    row = session.execute(TRUE_LINE, {"product_id": product_id, "day": day}).mappings().one_or_none()
    return None if row is None else dict(row)


def line(session: Session, product_id: int) -> Mapping[str, Any] | None:
    """The line of a product, true or not."""
    row = session.execute(LINE, {"product_id": product_id}).mappings().one_or_none()
    return None if row is None else dict(row)


def active_ids(session: Session) -> list[int]:
    """All products that are sold."""
    return list(session.scalars(ACTIVE_IDS))


def sold(session: Session) -> int:
    """How many products are sold."""
    return int(session.execute(SOLD).scalar_one())


def changes(session: Session, product_ids: Collection[int]) -> dict[int, int]:
    """How often something changed under these products' lines; products without a line are left out."""
    return dict(session.execute(CHANGES, {"product_ids": list(product_ids)}).all())


def products(session: Session, product_ids: Collection[int], *, sold_only: bool = True) -> list[ProductFacts]:
    """These products by their ids, all or those that are still sold."""
    values = {"product_ids": list(product_ids), "sold_only": sold_only}
    return [ProductFacts(*row) for row in session.execute(PRODUCTS, values)]


def forecasts(session: Session, product_ids: Collection[int], periods: int) -> list[ForecastText]:
    """The first so many periods of these products' forecasts, by their ids; some have none."""
    values = {"product_ids": list(product_ids), "periods": periods}
    return [ForecastText(*row) for row in session.execute(FORECASTS, values)]


def store(session: Session, columns: Mapping[str, Sequence[object]]) -> None:
    """Keep lines, values by the names in `COLUMNS`; products deleted meanwhile are passed over."""
    staging.create(session, STAGED, f"LIKE {PlanLine.__tablename__}")
    session.execute(text(f"ALTER TABLE {STAGED} ALTER changes DROP NOT NULL"))
    staging.copy(session, STAGED, {name: columns[name] for name in COLUMNS})
    session.execute(MERGE)


def is_waiting(session: Session, kind: str) -> bool:
    """Whether a task of this kind waits to be started."""
    return bool(session.execute(WAITING, {"kind": kind}).scalar_one())
