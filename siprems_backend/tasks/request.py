"""A task as the worker's main process sees it: the ledger hears at once when its pool process is gone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from billiard.exceptions import Terminated, WorkerLostError
from celery.worker.request import Request

from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.task_registry import losses

log = structlog.get_logger(__name__)

GONE = (WorkerLostError, Terminated, SystemExit, KeyboardInterrupt)


class LedgerRequest(Request):
    """Celery's request, which also tells the ledger."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """Free the task of a dead process before its message goes back, so that the next worker takes it."""
        error = exc_info.exception
        if isinstance(getattr(error, "exc", error), GONE):
            self._tell(losses.process_died)
        return super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)

    def on_timeout(self, soft: bool, timeout: float) -> Any:
        """End the task that is killed at its hard limit."""
        if not soft:
            self._tell(losses.time_limit_reached, timeout)
        return super().on_timeout(soft, timeout)

    def _tell(self, news: Any, *details: Any) -> None:
        try:
            news(UUID(self.id), self.hostname, *details)
        except DATABASE_AWAY as error:
            # The lease ends soon, and then whoever looks after the ledger sees it.
            log.warning("ledger_away", task_id=self.id, error=type(error).__name__)
