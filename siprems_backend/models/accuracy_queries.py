"""Named queries of past forecasts and of how good they turned out to be."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import CursorResult, Select, bindparam, delete, func, select, text, update
from sqlalchemy.orm import Session

from siprems_backend.models import staging
from siprems_backend.models.accuracy import PastForecast, ProductAccuracy, ShopAccuracy
from siprems_backend.models.products import CLASSES, Product

VALUES = (
    PastForecast.mean,
    PastForecast.q025,
    PastForecast.q100,
    PastForecast.q500,
    PastForecast.q900,
    PastForecast.q975,
)
KEY = ("product_id", "origin")
REMEMBERED = (*KEY, "step_days", "engine", *(column.key for column in VALUES))
# JSON's lists and an array's text differ by their brackets only.
AS_ARRAY = str.maketrans("[]", "{}")


class Remembered(NamedTuple):
    """One forecast: values (6, h) are mean and quantiles in the order of the table's columns."""

    product_id: int
    origin: dt.date
    step_days: int
    engine: str
    values: NDArray[np.float32]


class Listed(NamedTuple):
    """A product with its figures."""

    sku: str
    name: str
    category: str | None
    demand_class: str | None
    abc: str | None
    xyz: str | None
    figures: ProductAccuracy


def _merge(table: str, columns: Sequence[str], keys: Sequence[str], also: str = "") -> str:
    """SQL that takes staged rows over, those of deleted products left out, in the order of their keys."""
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in keys)
    names = ", ".join(columns)
    return f"""
    INSERT INTO {table} ({names})
    SELECT {", ".join(f"s.{name}" for name in columns)}
    FROM staged_{table} s JOIN products p ON p.id = s.product_id ORDER BY s.product_id
    ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {changed}{also}
    """  # noqa: S608  # nosec B608: names of columns only


MERGE_FORECASTS = text(_merge("past_forecasts", REMEMBERED, KEY, ", made_at = now()"))


def remember(session: Session, forecasts: Iterable[Remembered]) -> None:
    """Keep forecasts; of one product and origin the newest replaces what was kept before."""
    staging.create(session, "staged_past_forecasts", "LIKE past_forecasts")
    session.execute(text("ALTER TABLE staged_past_forecasts ALTER made_at DROP NOT NULL"))
    lines = "".join(_line(each) for each in forecasts)
    cursor = session.connection().connection.cursor()
    copy = f"COPY staged_past_forecasts ({', '.join(REMEMBERED)}) FROM STDIN"
    cursor.copy_expert(copy, io.StringIO(lines))
    session.execute(MERGE_FORECASTS)


def _line(made: Remembered) -> str:
    """A row in COPY's text; as JSON, thousands of arrays are written in no time."""
    arrays = (orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY).decode() for row in made.values)
    engine = made.engine.translate(staging.ESCAPES)
    head = f"{made.product_id}\t{made.origin}\t{made.step_days}\t{engine}"
    return "\t".join((head, *(each.translate(AS_ARRAY) for each in arrays))) + "\n"


def forget_forecasts(session: Session, before: dt.datetime) -> int:
    """Delete forecasts made before a moment; how many."""
    result = session.execute(delete(PastForecast).where(PastForecast.made_at < before))
    return result.rowcount if isinstance(result, CursorResult) else 0


# (product id, days since 1970 of the origin, engine, periods, values of all columns separated by blanks).
ForecastText = tuple[int, int, str, int, str]


def _in_line() -> Any:
    joined: Any = VALUES[0]
    for column in VALUES[1:]:
        joined = func.array_cat(joined, column)
    return func.array_to_string(joined, " ")


FORECASTS = (
    select(
        PastForecast.product_id,
        PastForecast.origin - dt.date(1970, 1, 1),
        PastForecast.engine,
        func.cardinality(PastForecast.mean),
        _in_line(),
    )
    .where(PastForecast.product_id.in_(bindparam("product_ids", expanding=True)))
    .where(PastForecast.origin >= bindparam("since"), PastForecast.step_days == bindparam("step_days"))
    .order_by(PastForecast.product_id, PastForecast.origin)
)


def forecasts(
    session: Session, product_ids: Sequence[int], since: dt.date, step_days: int
) -> Sequence[ForecastText]:
    """Forecasts of these products from an origin on; numbers as text, see `history_queries.daily_series`."""
    values = {"product_ids": list(product_ids), "since": since, "step_days": step_days}
    return session.execute(FORECASTS, values).all()


def remembered_products(session: Session) -> Sequence[int]:
    """Ids of the products that are sold and of which a forecast is kept, those of a category side by side."""
    kept = select(PastForecast.product_id).where(PastForecast.product_id == Product.id).exists()
    statement = select(Product.id).where(Product.is_active, kept).order_by(Product.category, Product.id)
    return session.scalars(statement).all()


PRODUCT_COLUMNS = tuple(
    column.key for column in ProductAccuracy.__table__.columns if column.key != "acted_as_of"
)
MERGE_PRODUCTS = text(_merge("product_accuracy", PRODUCT_COLUMNS, KEY[:1]))
SHOP_COLUMNS = tuple(column.key for column in ShopAccuracy.__table__.columns)


def keep_products(session: Session, columns: Mapping[str, Sequence[Any]]) -> None:
    """Keep products' figures, by column, in the place of their former ones."""
    staging.create(session, "staged_product_accuracy", "LIKE product_accuracy")
    staging.copy(session, "staged_product_accuracy", {name: columns[name] for name in PRODUCT_COLUMNS})
    session.execute(MERGE_PRODUCTS)


def forget_products(session: Session, kept: Sequence[int]) -> None:
    """Delete the figures of products other than these: nothing is known of their forecasts any more."""
    gone = select(func.unnest(text("CAST(:kept AS bigint[])"))).scalar_subquery()
    session.execute(
        delete(ProductAccuracy).where(ProductAccuracy.product_id.not_in(gone)), {"kept": list(kept)}
    )


def keep_shop(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the shop's figures of days, in the place of their former ones."""
    for row in rows:
        session.merge(ShopAccuracy(**row))


def drifted_anew(session: Session) -> Sequence[int]:
    """Ids of the products that drift and whose newest figures were not acted on yet."""
    statement = (
        select(ProductAccuracy.product_id)
        .join(Product, Product.id == ProductAccuracy.product_id)
        .where(ProductAccuracy.drifted, Product.is_active)
        .where(ProductAccuracy.acted_as_of.is_distinct_from(ProductAccuracy.as_of))
        .order_by(ProductAccuracy.product_id)
    )
    return session.scalars(statement).all()


def note_action(session: Session, product_ids: Sequence[int]) -> None:
    """Note that the drift of these products is being acted on."""
    changed = update(ProductAccuracy).where(ProductAccuracy.product_id.in_(product_ids))
    session.execute(changed.values(acted_as_of=ProductAccuracy.as_of))


def of_product(session: Session, product_id: int) -> ProductAccuracy | None:
    """A product's figures."""
    return session.get(ProductAccuracy, product_id)


def shop_days(session: Session, since: dt.date) -> Sequence[ShopAccuracy]:
    """The shop's figures from a day on, by day."""
    return session.scalars(
        select(ShopAccuracy).where(ShopAccuracy.date >= since).order_by(ShopAccuracy.date)
    ).all()


def newest_day(session: Session) -> dt.date | None:
    """The last day that any figure is of."""
    return session.scalar(select(func.max(ShopAccuracy.date)))


GROUPS = {"category": Product.category, **CLASSES}
ORDERS = {
    "worst": (ProductAccuracy.absolute_error.desc(),),
    "biased": (func.abs(ProductAccuracy.error).desc(),),
    "drifted": (func.abs(ProductAccuracy.drift).desc(),),
}
ONLY = {"worst": None, "biased": ProductAccuracy.biased, "drifted": ProductAccuracy.drifted}
Filters = Mapping[str, Any]


def totals(session: Session, filters: Filters, by: str | None = None) -> Sequence[Any]:
    """Figures pooled over all products that the filters let through, or over each group of them, by name."""
    counted = ProductAccuracy.periods
    units = func.nullif(func.sum(ProductAccuracy.units), 0)
    periods = func.nullif(func.sum(counted), 0)
    pooled = (
        func.count().label("products"),
        func.coalesce(func.sum(ProductAccuracy.units), 0.0).label("units"),
        (func.sum(ProductAccuracy.absolute_error) / units).label("wape"),
        (func.sum(ProductAccuracy.error) / units).label("bias"),
        func.avg(ProductAccuracy.mase).label("mase"),
        func.avg(ProductAccuracy.pinball).label("pinball"),
        (func.sum(ProductAccuracy.coverage80 * counted) / periods).label("coverage80"),
        (func.sum(ProductAccuracy.coverage95 * counted) / periods).label("coverage95"),
        func.count().filter(ProductAccuracy.biased).label("biased"),
        func.count().filter(ProductAccuracy.drifted).label("drifted"),
    )
    if by is None:
        return session.execute(_filtered(select(*pooled), filters)).all()
    group = GROUPS[by]
    statement = select(group.label("name"), *pooled).group_by(group).order_by(group.asc().nulls_last())
    return session.execute(_filtered(statement, filters)).all()


def listed(session: Session, which: str, filters: Filters, limit: int) -> Sequence[Listed]:
    """The products that missed the most units, or of those that are biased or drift the clearest."""
    columns: Any = select(Product.sku, Product.name, Product.category, *CLASSES.values(), ProductAccuracy)
    statement = _filtered(columns, filters)
    only = ONLY[which]
    if only is not None:
        statement = statement.where(only)
    rows = session.execute(statement.order_by(*ORDERS[which], ProductAccuracy.product_id).limit(limit))
    return [Listed(*row) for row in rows]


def _filtered(statement: Select[Any], filters: Filters) -> Select[Any]:
    statement = statement.select_from(ProductAccuracy).join(Product, Product.id == ProductAccuracy.product_id)
    for name, value in filters.items():
        statement = statement.where(GROUPS[name] == value)
    return statement.where(Product.is_active)
