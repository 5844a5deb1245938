"""The one Task base class: bodies are a few lines, the ledger is kept around them."""

from __future__ import annotations

from inspect import signature
from typing import Any
from uuid import UUID

import structlog
from celery import Task
from celery.exceptions import Reject

from siprems_backend.config import get_settings
from siprems_backend.errors import TaskCancelled
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.task_registry import lifecycle
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.lifecycle import Claim
from siprems_backend.services.worker_registry import local_name
from siprems_backend.tasks.patience import outlasting
from siprems_backend.tasks.run import TaskRun, running

log = structlog.get_logger(__name__)


class HandedToChildren(Exception):
    """Raised by the body of a fan-out: its children finish the task."""


class LedgerTask(Task):
    """Runs its body only when the ledger lets it, and tells the ledger how it went."""

    abstract = True
    Request = "siprems_backend.tasks.request:LedgerRequest"
    acks_late = True
    # A lost worker's message returns to the queue; the ledger's lease and attempts bound the repetitions.
    reject_on_worker_lost = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Claim, run, finish. A message whose task is finished or taken is dropped."""
        kwargs = self._by_name(args, kwargs)
        held = self._claim(kwargs)
        if held is None:
            log.info("nothing_to_do", task_id=self.request.id)
            return None
        with running(held, self._limit_seconds()) as run:
            self.request.ledger_run = run
            return self._run_body(run, kwargs)

    def report(self, current: int, total: int, message: str = "") -> None:
        """Progress of the running body; see `TaskRun.report`."""
        self.request.ledger_run.report(current, total, message)

    def report_round(self, current: int, total: int, message: str = "", **details: Any) -> None:
        """Progress of a model's training, with the losses of its last round."""
        self.request.ledger_run.report(current, total, message, details, steady=True)

    def report_node(self, current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        """Progress of a pipeline: which of its nodes is at work, counted from 1."""
        details = {
            "status": message,
            "current_node": current_node,
            "total_nodes": total_nodes,
            "node_type": node_type,
        }
        self.request.ledger_run.report(max(current_node - 1, 0), total_nodes, message, details)

    def _claim(self, kwargs: dict[str, Any]) -> Claim | None:
        """Ask the ledger for the task; where there is no ledger to ask, give the message back to the queue.

        An exception would take the message out of the queue, and all after it while the database is away.
        """
        task_id, worker = UUID(self.request.id), self._worker_name()
        try:
            return outlasting(lambda: lifecycle.claim(task_id, TaskKind(self.name), kwargs, worker))
        except DATABASE_AWAY as error:
            raise Reject(f"The database is away: {type(error).__name__}", requeue=True) from error

    def _limit_seconds(self) -> float | None:
        """A pool interrupts its processes; a thread of a web process must look at the clock itself."""
        return get_settings().celery_task_soft_time_limit if self.request.is_eager else None

    def _worker_name(self) -> str:
        """Who runs it: a Celery worker by its name, or this web process."""
        return local_name() if self.request.is_eager else self.request.hostname

    def _run_body(self, run: TaskRun, kwargs: dict[str, Any]) -> Any:
        try:
            result = self.run(**kwargs)
        except HandedToChildren as handed:
            run.hand_over(str(handed))
        except TaskCancelled:
            run.cancel()
        except Exception as error:
            run.fail(error)
        else:
            run.succeed(result)
            return result
        return None

    def _by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Arguments by name: clients may send them by position, the ledger keeps names."""
        return dict(signature(self.run).bind_partial(*args, **kwargs).arguments)
