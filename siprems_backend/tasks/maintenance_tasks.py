"""Housekeeping that Beat starts."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from siprems_backend.services import housekeeping
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import LedgerTask


@shared_task(base=LedgerTask, name=TaskKind.CLEANUP.value)
def cleanup_old_tasks() -> dict[str, int]:
    """Forget what nobody needs any more."""
    return housekeeping.clean_up()


@shared_task(base=LedgerTask, name=TaskKind.STATISTICS.value)
def update_task_statistics() -> dict[str, Any]:
    """Write the day's figures into the log, where monitoring finds them."""
    return housekeeping.log_statistics()


@shared_task(base=LedgerTask, name=TaskKind.HEALTH_CHECK.value)
def health_check() -> dict[str, Any]:
    """Show that Beat, broker, a worker and the database work together."""
    return housekeeping.health_check()


@shared_task(base=LedgerTask, name=TaskKind.RECONCILE.value)
def reconcile_ledger() -> dict[str, int]:
    """Send what was never sent, take back what dead workers hold, join what is complete."""
    return housekeeping.reconcile()
