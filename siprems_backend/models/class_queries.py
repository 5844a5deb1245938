"""Named queries of the classes that products are in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from siprems_backend.models.products import Product
from siprems_backend.models.sales import DailySales

# Rows that do not change are not written, so that a quiet night costs nothing; in the order of ids, so that
# two runs cannot wait for each other.
CLASSIFY = text("""
WITH found AS (
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:demand_class AS text[]), CAST(:abc AS text[]), CAST(:xyz AS text[])
    ) AS f(id, demand_class, abc, xyz)
), locked AS (
    SELECT p.id FROM products p JOIN found f USING (id)
    WHERE (p.demand_class, p.abc, p.xyz) IS DISTINCT FROM (f.demand_class, f.abc, f.xyz)
    ORDER BY p.id FOR NO KEY UPDATE OF p
)
UPDATE products p SET demand_class = f.demand_class, abc = f.abc, xyz = f.xyz
FROM found f JOIN locked USING (id) WHERE p.id = f.id
""")
DECLASSIFY = text("""
UPDATE products SET demand_class = NULL, abc = NULL, xyz = NULL
WHERE NOT is_active AND (demand_class, abc, xyz) IS DISTINCT FROM (NULL, NULL, NULL)
""")


def turnover(session: Session, since: dt.date, until: dt.date) -> Sequence[Any]:
    """(id, units, revenue, price) of every product that is still sold, in days `since` to `until`, by id.

    Units and revenue are floats; returns are subtracted. The price is NULL where none is known.
    """
    sold = (
        select(
            DailySales.product_id,
            func.sum(DailySales.quantity).label("units"),
            func.sum(DailySales.revenue).label("revenue"),
        )
        .where(DailySales.date.between(since, until))
        .group_by(DailySales.product_id)
        .subquery()
    )
    statement = (
        select(
            Product.id,
            func.coalesce(sold.c.units, 0).label("units"),
            func.coalesce(sold.c.revenue, 0).label("revenue"),
            Product.price,
        )
        .outerjoin(sold, sold.c.product_id == Product.id)
        .where(Product.is_active)
        .order_by(Product.id)
    )
    return session.execute(statement).all()


def classify(session: Session, columns: Mapping[str, Sequence[Any]]) -> int:
    """Put products (`ids`) into classes (`demand_class`, `abc`, `xyz`; None: in none); how many changed."""
    changed: Any = session.execute(CLASSIFY, {name: list(values) for name, values in columns.items()})
    return int(changed.rowcount)


def declassify_inactive(session: Session) -> int:
    """Take products that are not sold any more out of all classes; how many were in any."""
    changed: Any = session.execute(DECLASSIFY)
    return int(changed.rowcount)
