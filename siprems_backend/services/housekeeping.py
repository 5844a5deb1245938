"""What Beat has done regularly, so that nothing grows without end and nothing stays broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, task_queries
from siprems_backend.services import (
    authentication,
    datasets,
    idempotency,
    imports,
    notifications,
    pipelines,
    regular_runs,
    task_files,
    worker_registry,
    workflows,
)
from siprems_backend.services.accuracy import remember
from siprems_backend.services.shop_forecasts import groups
from siprems_backend.services.task_registry import reconciler, views
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

# Kinds that Beat starts all day long say nothing after an hour.
FREQUENT = (TaskKind.RECONCILE, TaskKind.HEALTH_CHECK, TaskKind.DELIVER_NOTIFICATIONS)
FREQUENT_KEPT = timedelta(hours=1)


def clean_up() -> dict[str, int]:
    """Delete what has ended, expired or grown old, so that nothing grows for ever; how many."""
    settings = get_settings()
    now = clock.now()
    with database.transaction() as session:
        tasks = task_queries.delete_finished(
            session, now - timedelta(hours=settings.finished_tasks_kept_hours)
        )
        frequent = task_queries.delete_finished(session, now - FREQUENT_KEPT, kinds=FREQUENT)
        entries = audit.delete_before(session, now - timedelta(days=settings.audit_kept_days))
    deleted = {
        "tasks": tasks + frequent,
        "audit_rows": entries,
        "tokens": authentication.forget_expired(),
        "idempotency_keys": idempotency.forget_old(),
        "import_files": imports.forget_old_files(),
        "datasets": datasets.clean_up(),
        "pipeline_results": pipelines.clean_up(),
        "task_folders": task_files.clean_up(),
        "forecasts": remember.forget_old(),
        "group_forecasts": groups.forget_old(),
        "deliveries": notifications.upkeep.forget_old(),
        "schedule_slots": regular_runs.forget_old_slots(),
        "workers": worker_registry.forget_gone(),
        "workflows": workflows.clean_up(),
    }
    log.info("cleaned_up", **deleted)
    return deleted


def log_statistics() -> dict[str, Any]:
    """The last day's figures, also written to the log."""
    figures = views.statistics()
    figures["generated_at"] = clock.iso(figures["generated_at"])
    log.info("task_statistics", success_rate=figures["success_rate"], **figures["by_status"])
    return figures


def health_check() -> dict[str, Any]:
    """The time in the database, which proves that a worker reaches it."""
    with database.reading() as session:
        moment = task_queries.database_time(session)
    return {"status": "ok", "database_time": clock.iso(moment)}


def reconcile() -> dict[str, int]:
    """Put the ledger right; how many tasks were sent, taken back, expired and joined."""
    return reconciler.reconcile()
