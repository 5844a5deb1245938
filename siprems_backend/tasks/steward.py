"""What a worker's main process does beside tasks: show that it lives, look after the ledger and itself."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state
from redis.exceptions import ConnectionError as RedisConnectionError

from siprems_backend.extensions.broker import broker
from siprems_backend.extensions.queue import BrokerAway
from siprems_backend.services import worker_registry
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.learned_models.announcing import trainable_here
from siprems_backend.services.task_registry import reconciler
from siprems_backend.services.worker_registry import CELERY, RENEW_EVERY_SECONDS, Identity
from siprems_backend.tasks.cancelled_timers import forget_cancelled
from siprems_backend.utils import clock
from siprems_backend.utils.memory import resident_mb

log = structlog.get_logger(__name__)

# A worker with a free process that has taken nothing for so long, while messages wait, has gone deaf: it
# connects again, and if that does not help, ends, so that whoever supervises it starts another.
DEAF_AFTER_SECONDS = 10.0
GIVE_UP_AFTER_SECONDS = 40.0


class Steward(bootsteps.StartStopStep):
    """Runs in the worker's event loop, between messages: no thread may live in a process that forks."""

    requires = {"celery.worker.components:Pool", "celery.worker.components:Timer"}  # noqa: RUF012  Celery's.

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._timer: Any = None
        self._me: Identity | None = None
        self._hearing = _Hearing()

    def start(self, worker: Any) -> None:
        """Enter the worker and come back every two seconds."""
        self._tend(worker)
        self._timer = worker.timer.call_repeatedly(RENEW_EVERY_SECONDS, self._tend, (worker,))

    def stop(self, worker: Any) -> None:
        """Take the worker out, so that nobody waits for it."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            worker_registry.leave(worker.hostname)
        except DATABASE_AWAY as error:
            log.warning("ledger_away", error=type(error).__name__)

    def _tend(self, worker: Any) -> None:
        forget_cancelled(worker.timer)
        try:
            worker_registry.renew(self._identity(worker), _figures(worker))
            reconciler.take_back_orphans(worker.hostname, _in_hands())
            reconciler.reconcile_alone()
        except DATABASE_AWAY as error:
            log.warning("ledger_away", error=type(error).__name__)
        self._hearing.check(worker)

    def _identity(self, worker: Any) -> Identity:
        if self._me is None:
            queues = list(worker.app.amqp.queues.consume_from)
            self._me = Identity(worker.hostname, CELERY, os.getpid(), worker.concurrency, queues, clock.now())
        return self._me


class _Hearing:
    """Notices when messages wait and a free worker does not take them."""

    def __init__(self) -> None:
        self._taken = -1
        self._since = time.monotonic()
        self._connected_again = False

    def check(self, worker: Any) -> None:
        """Look once.

        Raises:
            redis.exceptions.ConnectionError: to make the worker connect to its broker again.
        """
        now, taken = time.monotonic(), sum(state.total_count.values())
        if taken != self._taken or not _should_take_more(worker):
            self._taken, self._since, self._connected_again = taken, now, False
            return
        silent = now - self._since
        if silent > GIVE_UP_AFTER_SECONDS:
            log.error("worker_deaf", seconds=round(silent), action="ending")
            os.kill(os.getpid(), signal.SIGTERM)
        elif silent > DEAF_AFTER_SECONDS and not self._connected_again:
            self._connected_again = True
            log.error("worker_deaf", seconds=round(silent), action="connecting again")
            raise RedisConnectionError("messages wait and none arrives")


def _should_take_more(worker: Any) -> bool:
    """Whether a process is free although messages wait."""
    if len(state.reserved_requests) >= worker.concurrency:
        return False
    try:
        return any(broker.lengths(list(worker.app.amqp.queues.consume_from)).values())
    except BrokerAway:
        return False


def _in_hands() -> set[str]:
    """Tasks whose messages this worker has taken and not given up."""
    return {request.id for request in [*state.reserved_requests, *state.active_requests]}


def _figures(worker: Any) -> dict[str, Any]:
    processes = [process.pid for process in getattr(getattr(worker.pool, "_pool", None), "_pool", ())]
    return {
        "active": [
            {"id": request.id, "name": request.name, "pid": request.worker_pid}
            for request in list(state.active_requests)
        ],
        "processed": dict(state.total_count),
        worker_registry.TRAINS: trainable_here(),
        "processes": [{"pid": pid, "rss_mb": resident_mb(pid)} for pid in processes],
        "rss_mb": resident_mb(os.getpid()),
    }
