"""Profiles: made once by a task, kept with the dataset."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import database
from siprems_backend.models import datasets, task_queries
from siprems_backend.models.datasets import Dataset
from siprems_backend.models.tasks import Task
from siprems_backend.services.datasets import files
from siprems_backend.services.datasets.profile import profile
from siprems_backend.services.datasets.records import not_found, require_ready, require_visible
from siprems_backend.services.identity import Principal
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.task_registry import Submitted, TaskKind, fence, states
from siprems_backend.services.task_registry.submission import enter, new_row, replayed, sent
from siprems_backend.utils import clock


def profile_of(dataset_id: UUID, caller: Principal) -> dict[str, Any] | Submitted:
    """The profile, or the task that makes it; the first question starts it.

    Raises:
        NotFound: no such dataset, or not the caller's.
        Invalid, Conflict: the dataset failed or is not ready, or the profile could not be made.
    """
    with database.transaction() as session:
        record = datasets.by_id(session, dataset_id, lock=True)
        record = require_ready(require_visible(record, dataset_id, caller))
        if record.profile is not None:
            return {"dataset_id": dataset_id, **record.profile}
        task = _earlier_task(session, record)
        row = new_row(
            TaskKind.PROFILE_DATASET,
            {"dataset_id": str(dataset_id)},
            owner_id=record.owner_id or caller.user_id,
        )
        if task is not None:
            return replayed(task, row)
        enter(session, row)
        session.flush()
        record.profile_task_id = row["id"]
    return sent(row)


def run_profile(dataset_id: UUID, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Make the profile of a dataset and keep it.

    Raises:
        NotFound: no such dataset (any more).
        Invalid, Conflict: it failed or is not ready.
        TaskCancelled: from `on_progress`.
    """
    with database.reading() as session:
        record = datasets.by_id(session, dataset_id)
    if record is None:
        raise not_found(dataset_id)
    require_ready(record)
    made = {**profile(files.rows_path(dataset_id), on_progress), "made_at": clock.iso(clock.now())}
    with database.transaction() as session:
        record = datasets.by_id(session, dataset_id, lock=True)
        if record is None:
            raise not_found(dataset_id)
        record.profile = made
        session.flush()
        fence.require_lease(session)
    return {"dataset_id": str(dataset_id), "rows": made["rows"], "columns": len(made["columns"])}


def _earlier_task(session: Session, record: Dataset) -> Task | None:
    """The task that was asked for the profile, as long as it may still make it."""
    task = record.profile_task_id and task_queries.by_id(session, record.profile_task_id)
    if not task or task.status in {states.REVOKED, states.SUCCESS}:
        return None
    if task.status == states.FAILURE:
        raise Conflict(
            f"The profile could not be made: {task.message} Retry the task {task.id}.", code="profile_failed"
        )
    return task
