"""The plan of what to order."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from siprems_backend.services.replenishment import refreshing, summary
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.REFRESH_PLAN.value)
def refresh_plan(self: LedgerTask) -> dict[str, Any]:
    """Make the plan anew."""
    return refreshing.refresh_all(on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.MORNING_SUMMARY.value)
def morning_summary(self: LedgerTask) -> dict[str, Any]:
    """Make the plan of the day and sum up what somebody should do."""
    refreshing.refresh_all(on_progress=self.report)
    return summary.of_today()
