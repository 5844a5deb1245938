"""Named queries of the forecasts of the whole shop."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.orm import Session

from siprems_backend.models import staging
from siprems_backend.models.products import Product
from siprems_backend.models.shop_forecasts import LearnedForecast, ShopForecast

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
LEARNED_COLUMNS = (*COLUMNS, "model_type", "model_id")


def _merge(table: str, columns: Sequence[str], keys: Sequence[str], owner: str) -> Any:
    """What takes over staged rows, in the order of their ids, so that two cannot wait for each other.

    Rows whose `owner`, beside the product, was deleted meanwhile are passed over.
    """
    changed = [name for name in columns if name not in keys]
    staged = ", ".join(f"s.{name}" for name in columns)
    return text(f"""
INSERT INTO {table} ({", ".join(columns)})
SELECT {staged} FROM {STAGED} s JOIN products p ON p.id = s.product_id {owner}
ORDER BY {", ".join(f"s.{name}" for name in keys)}
ON CONFLICT ({", ".join(keys)}) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in changed)}, made_at = now()
""")  # noqa: S608  # nosec B608: names of columns only


MERGE = _merge(ShopForecast.__tablename__, COLUMNS, ("product_id",), "")
MERGE_LEARNED = _merge(
    LearnedForecast.__tablename__,
    LEARNED_COLUMNS,
    ("product_id", "model_type"),
    "JOIN learned_models m ON m.id = s.model_id AND m.is_active",
)

# With what clients know of the stored model, which is trained beside it.
_SERVED = f"""
SELECT {", ".join(f"f.{name}" for name in COLUMNS[:-3])}, f.made_at,
       a.accuracy, a.version, a.trained_at
FROM %s f LEFT JOIN artifacts a ON a.product_id = f.product_id AND a.is_active
WHERE f.product_id = ANY(:product_ids)
"""  # noqa: S608  # nosec B608: names of columns only
SERVED = text(_SERVED % ShopForecast.__tablename__)
SERVED_LEARNED = text(f"{_SERVED % LearnedForecast.__tablename__} AND f.model_type = :model_type")


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
    _stage(session, ShopForecast.__tablename__, COLUMNS, rows)
    session.execute(MERGE)


def store_learned(session: Session, model_type: str, model_id: int, rows: Iterable[Sequence[Any]]) -> None:
    """The same with the forecasts of a learned model; those of one that is active no more are left out."""
    staged = ([*row, model_type, model_id] for row in rows)
    _stage(session, LearnedForecast.__tablename__, LEARNED_COLUMNS, staged)
    session.execute(MERGE_LEARNED)


def _stage(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    staging.create(session, STAGED, f"LIKE {table}")
    session.execute(text(f"ALTER TABLE {STAGED} ALTER made_at DROP NOT NULL"))
    lines = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(f"COPY {STAGED} ({', '.join(columns)}) FROM STDIN", io.StringIO(lines))


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


def learned_from(session: Session, product_ids: Collection[int], model_id: int, data_hash: str) -> set[int]:
    """Those of these products of which this model has forecast just this data."""
    statement = select(LearnedForecast.product_id).where(
        LearnedForecast.product_id.in_(product_ids),
        LearnedForecast.model_id == model_id,
        LearnedForecast.data_hash == data_hash,
    )
    return set(session.scalars(statement))


def forget_learned(session: Session, model_type: str, *, but: int) -> None:
    """Delete the forecasts of a type that other models than this one made."""
    others = LearnedForecast.model_type == model_type, LearnedForecast.model_id != but
    session.execute(delete(LearnedForecast).where(*others))


def served(
    connection: Connection, product_ids: Collection[int], model_type: str | None = None
) -> dict[int, ServedForecast]:
    """The newest forecasts of these products by the blend, or by a learned model; by product id."""
    values: dict[str, Any] = {"product_ids": list(product_ids)}
    if model_type is None:
        rows = connection.execute(SERVED, values)
    else:
        rows = connection.execute(SERVED_LEARNED, {**values, "model_type": model_type})
    return {row[0]: ServedForecast(*row) for row in rows}


def of_product(
    session: Session, product_id: int, model_type: str | None = None
) -> ShopForecast | LearnedForecast | None:
    """The newest forecast of one product by the blend, or by a learned model."""
    if model_type is None:
        return session.get(ShopForecast, product_id)
    return session.get(LearnedForecast, (product_id, model_type))


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
