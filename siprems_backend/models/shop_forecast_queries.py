"""Named queries of the forecasts of the whole shop."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from siprems_backend.models import staging
from siprems_backend.models.products import Product
from siprems_backend.models.shop_forecasts import ShopForecast

COLUMNS = (
    "product_id",
    "start_date",
    "step_days",
    "origin",
    "mean",
    "quantiles",
    "totals",
    "ceiling",
    "shares",
    "champion",
    "reason",
    "backtest",
    "components",
    "data_hash",
    "task_id",
)
STAGED = "staged_shop_forecasts"
# JSON's lists and an array's text differ by their brackets only.
AS_ARRAY = str.maketrans("[]", "{}")
NAMES = ", ".join(COLUMNS)
# In the order of their ids, so that two that store the same products cannot wait for each other.
MERGE = text(f"""
INSERT INTO shop_forecasts ({NAMES})
SELECT {", ".join(f"s.{name}" for name in COLUMNS)} FROM {STAGED} s JOIN products p ON p.id = s.product_id
ORDER BY s.product_id
ON CONFLICT (product_id) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[1:])}, made_at = now()
""")  # noqa: S608  # nosec B608: names of columns only

# With what clients know of the stored model, which is trained beside it.
SERVED = text(f"""
SELECT {", ".join(f"f.{name}" for name in COLUMNS[:-3])}, f.made_at,
       a.accuracy, a.version, a.trained_at
FROM shop_forecasts f LEFT JOIN artifacts a ON a.product_id = f.product_id AND a.is_active
WHERE f.product_id = ANY(:product_ids)
""")  # noqa: S608  # nosec B608: names of columns only


class ServedForecast(NamedTuple):
    """A product's forecast, and accuracy, version and age of its own model, if it has one."""

    product_id: int
    start_date: dt.date
    step_days: int
    origin: dt.date
    mean: list[float]
    quantiles: list[list[float]]
    totals: list[list[float]]
    ceiling: float
    shares: dict[str, float]
    champion: str
    reason: str
    backtest: dict[str, Any] | None
    made_at: dt.datetime
    accuracy: float | None
    version: int | None
    trained_at: dt.datetime | None


def store(session: Session, rows: Iterable[Sequence[Any]]) -> None:
    """Keep products' newest forecasts, values in the order of `COLUMNS`, in the place of their former ones.

    Arrays may be numpy's. Products deleted meanwhile are passed over.
    """
    staging.create(session, STAGED, f"LIKE {ShopForecast.__tablename__}")
    session.execute(text(f"ALTER TABLE {STAGED} ALTER made_at DROP NOT NULL"))
    lines = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(f"COPY {STAGED} ({NAMES}) FROM STDIN", io.StringIO(lines))
    session.execute(MERGE)


def _field(value: Any) -> str:
    """A value in the text format of COPY; writing an array as JSON is what makes thousands of rows cheap."""
    if value is None:
        return "\\N"
    if isinstance(value, dict):
        return orjson.dumps(value).decode().translate(staging.ESCAPES)
    if isinstance(value, str):
        return value.translate(staging.ESCAPES)
    if hasattr(value, "ndim"):
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode().translate(AS_ARRAY)
    return str(value)


def made_from(session: Session, product_ids: Collection[int], data_hash: str) -> set[int]:
    """Those of these products whose newest forecast was made from data with this hash."""
    statement = select(ShopForecast.product_id).where(
        ShopForecast.product_id.in_(product_ids), ShopForecast.data_hash == data_hash
    )
    return set(session.scalars(statement))


def served(connection: Connection, product_ids: Collection[int]) -> dict[int, ServedForecast]:
    """The newest forecasts of these products, by product id."""
    rows = connection.execute(SERVED, {"product_ids": list(product_ids)})
    return {row[0]: ServedForecast(*row) for row in rows}


def of_product(session: Session, product_id: int) -> ShopForecast | None:
    """The newest forecast of one product."""
    return session.get(ShopForecast, product_id)


def by_category(session: Session, category: str | None = None) -> Sequence[int]:
    """Ids of the products (of a category) that are still sold, those of a category side by side."""
    statement = select(Product.id).where(Product.is_active).order_by(Product.category, Product.id)
    if category is not None:
        statement = statement.where(Product.category == category)
    return session.scalars(statement).all()


def with_neighbours(session: Session, product_ids: Collection[int], limit: int) -> Sequence[int]:
    """Ids of these products, then of others of their categories and of any, that are still sold."""
    asked = Product.id.in_(product_ids)
    categories = select(Product.category).where(asked, Product.category.is_not(None)).distinct()
    related = func.coalesce(Product.category.in_(categories.scalar_subquery()), False)
    statement = (
        select(Product.id)
        .where(Product.is_active | asked)
        .order_by(asked.desc(), related.desc(), Product.id)
        .limit(max(limit, len(product_ids)))
    )
    return session.scalars(statement).all()
