"""Named queries of the forecasts of categories and of the shop: sums of those of their products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select, text
from sqlalchemy.orm import Session

from siprems_backend.models.group_forecasts import GroupForecast
from siprems_backend.models.products import Product
from siprems_backend.models.shop_forecasts import ShopForecast

# (category of a product), and whether products of it alone are asked for; NULL is a category as well.
OF_GROUP = "(:everything OR p.category IS NOT DISTINCT FROM CAST(:category AS text))"
SUMS = text(f"""
SELECT category, start_date, step_days, max(products) AS products, max(made_at) AS made_at,
       array_agg(units ORDER BY place) AS mean
FROM (
    SELECT p.category, f.start_date, f.step_days, cardinality(f.mean) AS periods, v.place,
           count(*) AS products, max(f.made_at) AS made_at, sum(v.units) AS units
    FROM products p JOIN shop_forecasts f ON f.product_id = p.id,
         unnest(f.mean) WITH ORDINALITY AS v(units, place)
    WHERE p.is_active AND {OF_GROUP}
    GROUP BY p.category, f.start_date, f.step_days, cardinality(f.mean), v.place
) AS period
GROUP BY category, start_date, step_days, periods
ORDER BY category, start_date, step_days
""")  # noqa: S608  # nosec B608: a constant
PRODUCTS = text(f"""
SELECT p.category, count(*) AS products FROM products p WHERE p.is_active AND {OF_GROUP} GROUP BY p.category
""")  # noqa: S608  # nosec B608: a constant


class Cohort(NamedTuple):
    """Products of a category whose forecasts begin on the same day, and the sum of these, (H,)."""

    category: str | None
    start_date: dt.date
    step_days: int
    products: int
    made_at: dt.datetime
    mean: list[float]


class Group(NamedTuple):
    """Which products are added up: all (`everything`), or those of a category; None: those without one."""

    everything: bool
    category: str | None = None


WHOLE_SHOP = Group(everything=True)


def cohorts(connection: Connection, group: Group) -> list[Cohort]:
    """Sums of the newest forecasts of the group's active products, by category, start and step."""
    return [Cohort(*row) for row in connection.execute(SUMS, group._asdict())]


def products(connection: Connection, group: Group) -> dict[str | None, int]:
    """How many active products the group has, by category."""
    return {row.category: row.products for row in connection.execute(PRODUCTS, group._asdict())}


def store(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep past forecasts of categories, in the place of those made from the same data."""
    if rows:
        hashes = {row["data_hash"] for row in rows}
        session.execute(delete(GroupForecast).where(GroupForecast.data_hash.in_(hashes)))
        session.execute(insert(GroupForecast), list(rows))


def _still_served() -> Any:
    """Whether a product of this category has its forecast from the same run."""
    category = Product.category.is_not_distinct_from(GroupForecast.category)
    joined = select(ShopForecast.product_id).join(Product, Product.id == ShopForecast.product_id)
    return exists(
        joined.where(ShopForecast.data_hash == GroupForecast.data_hash, category).correlate(GroupForecast)
    )


def past(connection: Connection, step_days: int) -> Iterable[Any]:
    """(category, products, origins, forecasts, actuals) of the runs that present forecasts are from."""
    columns = (
        GroupForecast.category,
        GroupForecast.products,
        GroupForecast.origins,
        GroupForecast.forecasts,
        GroupForecast.actuals,
    )
    statement = select(*columns).where(GroupForecast.step_days == step_days, _still_served())
    return connection.execute(statement.order_by(GroupForecast.data_hash, GroupForecast.place)).all()


def forget_old(session: Session, before: dt.datetime) -> int:
    """Delete past forecasts from runs that no present forecast is from; how many."""
    old = delete(GroupForecast).where(GroupForecast.made_at < before, ~_still_served())
    found: Any = session.execute(old)
    return int(found.rowcount)
