"""One execution of a task: what the ledger is told from the claim to the end."""

from __future__ import annotations

import logging
import random
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded

from siprems_backend.errors import ServiceError, TaskCancelled, Unavailable
from siprems_backend.services.availability import in_words, is_transient
from siprems_backend.services.task_registry import fan_out, fence, lifecycle
from siprems_backend.services.task_registry.lifecycle import Claim
from siprems_backend.tasks.heartbeat import heartbeat
from siprems_backend.tasks.patience import outlasting
from siprems_backend.tasks.task_log import TaskLogHandler
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)
# For the process's log only: starts and ends stand in the ledger's row, and need no lines beside it.
process_log = structlog.get_logger("siprems.task")

MOST_RETRIES = 3
REPORT_EVERY_SECONDS = 0.25


class TaskRun:
    """Holds a claim while the body runs."""

    def __init__(self, held: Claim, logs: TaskLogHandler, limit_s: float | None) -> None:
        self._held = held
        self._logs = logs
        self._deadline = None if limit_s is None else time.monotonic() + limit_s
        self._last_report = -REPORT_EVERY_SECONDS
        # What a kind of task told of its progress beyond numbers and message: of a pipeline, which node.
        self._details: Mapping[str, Any] | None = None

    def report(
        self,
        current: int,
        total: int,
        message: str = "",
        details: Mapping[str, Any] | None = None,
        *,
        steady: bool = False,
    ) -> None:
        """Progress of the body; writes at most four times a second, and whenever the details are others.

        `steady` is progress whose details never stay the same: they are written when the time has come.

        Raises:
            TaskCancelled: when the task must stop.
            SoftTimeLimitExceeded: when it has taken too long and no pool looks at the clock.
        """
        now = time.monotonic()
        if self._deadline is not None and now > self._deadline:
            raise SoftTimeLimitExceeded
        is_old = current < total and (steady or details == self._details)
        if is_old and now - self._last_report < REPORT_EVERY_SECONDS:
            return
        self._last_report, self._details = now, details
        lines = self._logs.drain()
        if outlasting(lambda: lifecycle.report(self._held, current, total, message, lines, details=details)):
            raise TaskCancelled

    def succeed(self, result: Any) -> None:
        """The body returned."""
        process_log.info("task_finished")
        lines = self._logs.rest()
        outlasting(lambda: lifecycle.succeed(self._held, result, lines))
        self._tell_parent()

    def hand_over(self, message: str) -> None:
        """The body left its work to children, which may already have ended."""
        lines = self._logs.rest()
        outlasting(lambda: lifecycle.hand_to_children(self._held, message, lines))
        outlasting(lambda: fan_out.update_parent(self._held.task_id))

    def cancel(self) -> None:
        """The body stopped because the ledger asked it to."""
        log.info("task_cancelled")
        lines = self._logs.rest()
        outlasting(lambda: lifecycle.revoke(self._held, lines))
        self._tell_parent()

    def fail(self, error: BaseException) -> None:
        """The body raised: try again if that may help, otherwise end."""
        if is_transient(error) and self._held.attempts <= MOST_RETRIES:
            self._try_again(error)
            return
        if isinstance(error, SoftTimeLimitExceeded):
            error = Unavailable(
                "The task took longer than its time limit and was stopped.", code="time_limit"
            )
        # What a person can mend needs no stack; what we did wrong does.
        expected = isinstance(error, ServiceError)
        trace = "" if expected else "".join(traceback.format_exception(error))
        log.warning("task_failed", error=str(error), exc_info=None if expected else error)
        lines, cause = self._logs.rest(), error
        outlasting(lambda: lifecycle.fail(self._held, cause, trace, lines))
        self._tell_parent()

    def _try_again(self, error: BaseException) -> None:
        """Back-off of 2^n seconds with jitter, so that a crowd does not return at once."""
        delay = 2**self._held.attempts * random.uniform(0.75, 1.25)  # noqa: S311  # nosec B311: no secret
        until = clock.now() + timedelta(seconds=delay)
        log.warning("task_retry", error=str(error), seconds=round(delay, 1))
        reason = in_words(error)
        lines = self._logs.rest()
        outlasting(lambda: lifecycle.postpone(self._held, reason, until, lines))

    def _tell_parent(self) -> None:
        parent_id = self._held.parent_id
        if parent_id is not None:
            outlasting(lambda: fan_out.update_parent(parent_id))


@contextmanager
def running(held: Claim, limit_s: float | None = None) -> Iterator[TaskRun]:
    """The run of a claimed task: its lines are collected and its lease is renewed until the block ends.

    `limit_s` is for executors that cannot interrupt a body: it ends at its first report after so long.
    """
    handler = TaskLogHandler()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        bound = structlog.contextvars.bound_contextvars(**_context(held))
        with bound, fence.holding(held), heartbeat.keeping(held):
            process_log.info("task_started", kind=held.kind.value, attempt=held.attempts)
            yield TaskRun(held, handler, limit_s)
    finally:
        root.removeHandler(handler)


def _context(held: Claim) -> dict[str, str]:
    """What every log line of the run carries; the request id leads back to whoever asked for the task."""
    asked = {} if held.request_id is None else {"request_id": held.request_id}
    return {"task_id": str(held.task_id), **asked}
