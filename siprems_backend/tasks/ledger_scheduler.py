"""Beat on the ledger: Celery's process, without a schedule of its own and without a file."""

from __future__ import annotations

from typing import Any

import structlog
from celery.beat import Scheduler

from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.regular_runs import RegularRuns

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0


class LedgerScheduler(Scheduler):
    """Asks every second what is due. Slots are taken in the database, so any number of Beats may run."""

    max_interval = LOOK_EVERY_SECONDS

    def setup_schedule(self) -> None:
        """There is nothing to read: the database knows what was started."""
        self._runs = RegularRuns()
        self._failures = 0

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Start what is due; seconds until the next look. Nothing that fails ends Beat."""
        try:
            self._runs.start_due()
        except DATABASE_AWAY as error:
            log.warning("beat_without_database", error=type(error).__name__)
            return self._pause()
        except Exception:
            log.exception("beat_failed")
            return self._pause()
        if self._failures:
            log.info("beat_goes_on", failures=self._failures)
        self._failures = 0
        return LOOK_EVERY_SECONDS

    def _pause(self) -> float:
        self._failures += 1
        return min(LOOK_EVERY_SECONDS * self._failures, LONGEST_PAUSE_SECONDS)

    @property
    def info(self) -> str:
        """What Celery's banner says of it."""
        return "    . slots -> database"
