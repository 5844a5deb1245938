"""Products with how long their stock lasts by the forecast of the shop, sorted and cut in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

# Places of the quantiles in `shop_forecasts.totals`, which never change, and what they say of the demand.
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MEDIAN = "total[1][4]"


class OutlookLine(NamedTuple):
    """A product: `demand` is the median of the next days, `risk` the chance that its stock does not last."""

    sku: str
    name: str
    category: str | None
    unit: str
    price: float | None
    stock: float
    demand: float | None
    likely_most: float | None
    cover_days: float | None
    risk: float | None
    wape: float | None
    drifted: bool | None
    champion: str | None
    trained_at: dt.datetime | None


SORTABLE = frozenset({"sku", "name", "category", "price", "stock", "demand", "cover_days", "risk", "wape"})


def _risk() -> str:
    """Linear between the quantiles; beyond the outer ones what these say."""
    steps = [f"WHEN stock < total[1][1] THEN {1 - LEVELS[0]}"]
    for place in range(1, len(LEVELS)):
        low, high = LEVELS[place - 1], LEVELS[place]
        below, above = f"total[1][{place}]", f"total[1][{place + 1}]"
        share = f"(stock - {below}) / NULLIF({above} - {below}, 0)"
        steps.append(f"WHEN stock < {above} THEN {1 - low} - {high - low} * coalesce({share}, 0)")
    return f"CASE WHEN total IS NULL THEN NULL {' '.join(steps)} ELSE {1 - LEVELS[-1]} END"


# `total` has one row: the quantiles of the demand of the next `days` days. A long array is unpacked for each
# part that is taken out of it, so that they are taken out together.
JUDGED = f"""
WITH known AS MATERIALIZED (
    SELECT p.id, p.sku, p.name, p.category, p.unit, CAST(p.price AS float8) AS price,
           CAST(p.stock AS float8) AS stock, f.champion,
           f.totals[h.place:h.place][1:{len(LEVELS)}] AS total
    FROM products p
    LEFT JOIN shop_forecasts f ON f.product_id = p.id
    LEFT JOIN LATERAL (
        SELECT least(CAST(ceil(CAST(:days AS float8) / f.step_days) AS int), cardinality(f.mean)) AS place
    ) h ON true
    WHERE p.is_active
      AND (CAST(:category AS text) IS NULL OR p.category = :category)
      AND (CAST(:search AS text) IS NULL OR p.sku ILIKE :search OR p.name ILIKE :search)
), judged AS (
    SELECT known.*, {MEDIAN} AS demand, total[1][6] AS likely_most,
           CASE WHEN {MEDIAN} > 0 THEN greatest(stock, 0) * :days / {MEDIAN} END AS cover_days,
           {_risk()} AS risk, a.wape, a.drifted
    FROM known LEFT JOIN product_accuracy a ON a.product_id = known.id
)
"""  # noqa: S608  # nosec B608: numbers only
WANTED = "(:least_risk = 0 OR risk >= :least_risk) AND (NOT :drifted_only OR drifted)"
PAGE = """
SELECT page.sku, page.name, page.category, page.unit, page.price, page.stock, page.demand, page.likely_most,
       page.cover_days, page.risk, page.wape, page.drifted, page.champion, m.trained_at, page.lines
FROM (
    SELECT *, count(*) OVER () AS lines FROM judged page WHERE {wanted}
    ORDER BY {order} LIMIT :most OFFSET :passed
) page
LEFT JOIN artifacts m ON m.product_id = page.id AND m.is_active
ORDER BY {order}
"""
COUNTS = """
SELECT count(*) AS products, count(*) FILTER (WHERE risk >= :high) AS high,
       count(*) FILTER (WHERE risk >= :low AND risk < :high) AS medium,
       count(*) FILTER (WHERE stock <= 0) AS sold_out, count(*) FILTER (WHERE drifted) AS drifted,
       count(*) FILTER (WHERE risk IS NULL) AS without_forecast
FROM judged
"""


class Counts(NamedTuple):
    """How many products are at which risk."""

    products: int
    high: int
    medium: int
    sold_out: int
    drifted: int
    without_forecast: int


def page(
    connection: Connection,
    sort: str,
    most: int,
    passed: int,
    *,
    days: int,
    search: str | None = None,
    category: str | None = None,
    least_risk: float = 0.0,
    drifted_only: bool = False,
) -> tuple[Sequence[OutlookLine], int]:
    """(lines of one page in the order of a column of `SORTABLE`, falling with `-` in front; of how many)."""
    column = sort.removeprefix("-")
    if column not in SORTABLE:
        raise ValueError(f"not sortable: {column}")
    falling = "DESC" if sort.startswith("-") else "ASC"
    order = f"page.{column} {falling} NULLS LAST, page.cover_days NULLS LAST, page.id"
    statement = JUDGED + PAGE.format(wanted=WANTED, order=order)
    given = {
        **_filters(days, search, category),
        "least_risk": least_risk,
        "drifted_only": drifted_only,
        "most": most,
        "passed": passed,
    }
    rows = connection.execute(text(statement), given).all()
    return [OutlookLine(*row[:-1]) for row in rows], rows[0].lines if rows else 0


def counts(connection: Connection, *, days: int, low: float, high: float) -> Counts:
    """How many products are at which risk of running out within so many days."""
    given = {**_filters(days, None, None), "low": low, "high": high}
    return Counts(*connection.execute(text(JUDGED + COUNTS), given).one())


def _filters(days: int, search: str | None, category: str | None) -> dict[str, Any]:
    escaped = (search or "").replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {"days": days, "category": category, "search": f"%{escaped}%" if escaped else None}


def categories(connection: Connection) -> Sequence[str]:
    """The categories of products that are sold, by name."""
    found = "SELECT DISTINCT category FROM products WHERE is_active AND category IS NOT NULL ORDER BY 1"
    return list(connection.execute(text(found)).scalars())
