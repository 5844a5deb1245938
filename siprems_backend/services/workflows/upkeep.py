"""Forgetting what nobody can run any more."""

from __future__ import annotations

from datetime import timedelta

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import workflow_queries
from siprems_backend.services.task_registry import states
from siprems_backend.utils import clock

VERSIONS_KEPT = 200


def clean_up() -> int:
    """Forget workflows that were deleted, and versions that are far behind; how many of both.

    Not at once, and not what a task is still to run.
    """
    before = clock.now() - timedelta(hours=get_settings().finished_tasks_kept_hours)
    with database.transaction() as session:
        deleted = workflow_queries.forget_deleted(session, before, states.ACTIVE)
        return deleted + workflow_queries.forget_versions(session, before, VERSIONS_KEPT, states.ACTIVE)
