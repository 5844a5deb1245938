"""Many tasks by one request."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from siprems_backend.services import bulk_tasks
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import HandedToChildren, LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.BULK.value)
def run_bulk(self: LedgerTask, tasks: int, digest: str) -> None:  # noqa: ARG001  They tell requests apart.
    """Send out the tasks of one request."""
    sent = bulk_tasks.start(UUID(self.request.id))
    raise HandedToChildren(f"{sent} tasks sent")
