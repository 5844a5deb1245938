"""Runs tasks inside a web process while there are no workers: the same ledger, the same bodies, no broker.

The ledger is the queue: a restart loses nothing, and several web processes share the work by claiming it.
"""

from __future__ import annotations

import importlib
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import structlog

from siprems_backend.extensions.queue import celery
from siprems_backend.services import worker_registry
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.learned_models.announcing import trainable_here
from siprems_backend.services.task_registry import executors, reconciler, views
from siprems_backend.services.task_registry.kinds import Queue
from siprems_backend.services.worker_registry import LOCAL, Identity
from siprems_backend.tasks.modules import TASK_MODULES
from siprems_backend.utils import clock
from siprems_backend.utils.memory import resident_mb

log = structlog.get_logger(__name__)

# A task at a time: the processor cores are the web's as well.
THREADS = 1
LOOK_EVERY_SECONDS = 0.5
RENEW_EVERY_ROUNDS = 4


class LocalExecutor:
    """One thread that looks for work and one that does it."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="local-task")
        self._running: dict[UUID, Future[None]] = {}
        self._processed = 0
        self._thread = threading.Thread(target=self._look_for_work, name="local-executor", daemon=True)
        self._me = Identity(
            worker_registry.local_name(),
            LOCAL,
            os.getpid(),
            THREADS,
            [queue.value for queue in Queue],
            clock.now(),
        )

    def start(self) -> None:
        """Begin to look for work; it is only done while nobody else would do it."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more work; what is running ends by itself or is taken up again after the restart."""
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look_for_work(self) -> None:
        rounds = 0
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            if executors.current() != LOCAL:
                continue
            try:
                if rounds % RENEW_EVERY_ROUNDS == 0:
                    worker_registry.renew(self._me, self._figures())
                    reconciler.reconcile_alone()
                self._take_work()
            except DATABASE_AWAY as error:
                log.warning("ledger_away", error=type(error).__name__)
            rounds += 1

    def _take_work(self) -> None:
        """Fill the free threads."""
        for module in TASK_MODULES:
            importlib.import_module(module)
        self._running = {key: future for key, future in self._running.items() if not future.done()}
        for task in views.next_to_start(THREADS - len(self._running)):
            self._running[task.id] = self._pool.submit(self._run, task.kind, task.id, task.kwargs)

    def _run(self, kind: str, task_id: UUID, kwargs: dict[str, Any]) -> None:
        """The body with everything the task base class keeps around it, as in a worker."""
        try:
            celery.tasks[kind].apply(kwargs=kwargs, task_id=str(task_id))
        except Exception:
            # The ledger has been told of what the body raised; this is a mistake around it.
            log.exception("local_task_broke", task_id=str(task_id))
        self._processed += 1

    def _figures(self) -> dict[str, Any]:
        return {
            "active": [{"id": str(key), "pid": os.getpid()} for key in self._running],
            "processed": {"all": self._processed},
            worker_registry.TRAINS: trainable_here(),
            "processes": [],
            "rss_mb": resident_mb(os.getpid()),
        }
