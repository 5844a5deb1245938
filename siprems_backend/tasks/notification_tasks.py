"""Sending notifications."""

from __future__ import annotations

from celery import shared_task

from siprems_backend.services import notifications
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.DELIVER_NOTIFICATIONS.value)
def deliver_notifications(self: LedgerTask) -> dict[str, int]:
    """Send what is due to webhooks and mailboxes."""
    return notifications.deliver_due(on_progress=self.report)
