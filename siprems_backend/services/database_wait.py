"""Waiting for a database that is still starting."""

from __future__ import annotations

import time

from siprems_backend.errors import Unavailable
from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.services.availability import DATABASE_AWAY

PAUSE_SECONDS = 0.5


def wait_for_database(seconds: float) -> None:
    """Return as soon as the database answers a query.

    Raises:
        Unavailable: when it has not after so many seconds; the message ends with the last reason.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with database.reading() as session:
                task_queries.database_time(session)
            return
        except DATABASE_AWAY as error:
            if time.monotonic() + PAUSE_SECONDS > deadline:
                raise Unavailable(
                    f"The database has not answered for {seconds:g} s: {reason(error)}",
                    code="database_unavailable",
                ) from None
        time.sleep(PAUSE_SECONDS)


def reason(error: Exception) -> str:
    """The driver's own first words, without the statement and the hints below."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0].strip() if text else type(error).__name__
