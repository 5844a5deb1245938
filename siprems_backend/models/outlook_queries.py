"""What a forecast is shown with: its product, its recent past and the events around it, in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text


class OutlookRow(NamedTuple):
    """A product and its surroundings.

    `quantities` are numbers separated by blanks, one a day up to `last_open`: units sold, 0 on open days
    without a sale, nan on days the shop was shut. None where there are no days, and no events.
    """

    id: int
    sku: str
    name: str
    stock: float
    launched: dt.date | None
    last_open: dt.date | None
    quantities: str | None
    event_dates: Sequence[dt.date] | None
    event_names: Sequence[str] | None


# As text rather than as rows, for the reason given at `history_queries.daily_series`. The bound of the sales'
# dates says no more than the join; with it the planner leaves their other years alone.
OUTLOOK = text("""
WITH span AS MATERIALIZED (
    SELECT id, sku, name, CAST(stock AS float8) AS stock,
           (SELECT min(date) FROM daily_sales WHERE product_id = products.id) AS launched,
           (SELECT max(date) FROM daily_sales WHERE quantity > 0) AS last_open
    FROM products WHERE sku = :sku
)
SELECT span.*, past.quantities, around.dates, around.names
FROM span, LATERAL (
    SELECT string_agg(
               CASE WHEN sold.quantity >= 0 THEN CAST(sold.quantity AS text)
                    WHEN sold.quantity < 0 OR EXISTS (
                        SELECT FROM daily_sales WHERE date = span.last_open - back AND quantity > 0
                    ) THEN '0'
                    ELSE 'nan' END,
               ' ' ORDER BY back DESC
           ) AS quantities
    FROM generate_series(0, least(:past - 1, span.last_open - span.launched)) AS back
    LEFT JOIN daily_sales sold
      ON sold.product_id = span.id AND sold.date > span.last_open - :past
     AND sold.date = span.last_open - back
) AS past, LATERAL (
    SELECT array_agg(date ORDER BY date, id) AS dates, array_agg(name ORDER BY date, id) AS names
    FROM events WHERE date > span.last_open - :past - 6 AND date <= span.last_open + :ahead + 13
) AS around
""")


def outlook(connection: Connection, sku: str, past: int, ahead: int) -> OutlookRow | None:
    """A product with its last `past` days and the events until `ahead` days after them; None if unknown.

    The events are those of the whole weeks around these days.
    """
    values = {"sku": sku, "past": past, "ahead": ahead}
    row = connection.execute(OUTLOOK, values).one_or_none()
    return None if row is None else OutlookRow(*row)
