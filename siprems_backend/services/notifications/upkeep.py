"""Keeping the log of deliveries bounded."""

from __future__ import annotations

from datetime import timedelta

from siprems_backend.extensions.database import database
from siprems_backend.models import delivery_queries
from siprems_backend.utils import clock

KEPT = timedelta(days=7)
KEPT_EACH = 5000
# All attempts take a day; what waits longer has an owner who is deactivated, or nobody who sends.
SENT_WITHIN = timedelta(days=3)


def forget_old() -> int:
    """Delete old deliveries, and of each subscription all but the newest; how many."""
    now = clock.now()
    with database.transaction() as session:
        delivery_queries.fail_old(session, now - SENT_WITHIN, "Could not be sent in time.")
        return delivery_queries.forget(session, now - KEPT, KEPT_EACH)
