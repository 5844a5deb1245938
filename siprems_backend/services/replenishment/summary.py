"""The summary of the morning: what runs out, what to order from whom, what lies dead."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import plan_queries, plan_summaries
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.utils import clock

# A message has room for so many of each.
MOST_LISTED = 10


def of_today() -> dict[str, Any]:
    """Counts, and the first of each list, of the plan as it stands."""
    with database.reading() as session:
        day = planning_day(session)
        totals = plan_queries.totals(session)
        suppliers = plan_queries.by_supplier(session, to_order=True)
        out, first_out = plan_summaries.runs_out(session, MOST_LISTED)
        dead, dead_value, dead_stock = plan_summaries.dead(session, MOST_LISTED)
        overdue = plan_summaries.overdue(session, day)
    return {
        "status": "completed",
        "plan_date": day.isoformat(),
        "lines": totals.lines,
        "to_order": totals.to_order,
        "order_value": round(totals.value, 2),
        "runs_out": out,
        "overdue": overdue,
        "dead": dead,
        "dead_value": round(dead_value, 2),
        "first_out": [{**row._asdict(), "stockout_date": row.stockout_date.isoformat()} for row in first_out],
        "suppliers": len(suppliers),
        "by_supplier": [
            {"supplier": row.supplier, "lines": row.to_order, "value": round(row.value, 2)}
            for row in suppliers[:MOST_LISTED]
        ],
        "dead_stock": [
            {**row._asdict(), "value": None if row.value is None else round(float(row.value), 2)}
            for row in dead_stock
        ],
        "timestamp": clock.iso(clock.now()),
    }
