"""The day that is planned for: today in a shop that sells, the day after its data where those are old."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from siprems_backend.models import plan_queries
from siprems_backend.utils import clock

# A shop may be shut for weeks. One whose last sale is longer ago is a record of the past, and planned for as
# if it were then: orders for today would be for days of which no forecast says anything.
LIVE_DAYS = 35


def planning_day(session: Session) -> dt.date:
    """The day that orders are planned on."""
    last = plan_queries.last_sale(session)
    today = clock.today()
    if last is None or today - last <= dt.timedelta(days=LIVE_DAYS):
        return today
    return last + dt.timedelta(days=1)
