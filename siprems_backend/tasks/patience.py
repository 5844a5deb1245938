"""Outlasting a database that restarts: a worker without a ledger has nothing better to do than wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from siprems_backend.services.availability import DATABASE_AWAY

log = structlog.get_logger(__name__)

T = TypeVar("T")

# A restart takes seconds. Longer waits would hold up a worker that is asked to end.
PAUSES_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def outlasting(step: Callable[[], T]) -> T:
    """Do a step in the ledger, again after a pause where the database is away.

    Steps are compare-and-swaps, so that one which was done although its answer was lost does no harm.

    Raises:
        sqlalchemy.exc.OperationalError: when the database stays away for longer than all pauses together.
    """
    for pause in PAUSES_SECONDS:
        try:
            return step()
        except DATABASE_AWAY as error:
            log.warning("ledger_away", error=type(error).__name__, seconds=pause)
            time.sleep(pause)
    return step()
