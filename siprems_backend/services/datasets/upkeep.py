"""Removing what is left of datasets that came to nothing."""

from __future__ import annotations

from datetime import timedelta

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import datasets
from siprems_backend.services.datasets import files
from siprems_backend.services.imports import storage
from siprems_backend.services.task_registry import states
from siprems_backend.utils import clock

# A file is received, or written, before its row says so.
YOUNG = timedelta(hours=6)


def clean_up() -> int:
    """Forget datasets that never became ready, and files without a dataset; how many of both."""
    return _forget_unusable() + _forget_orphans()


def _forget_unusable() -> int:
    limit = clock.now() - timedelta(hours=get_settings().finished_tasks_kept_hours)
    with database.transaction() as session:
        old = [
            dataset_id
            for dataset_id in datasets.unusable_before(session, limit)
            if datasets.task_that_uses(session, dataset_id, states.ACTIVE) is None
        ]
        for dataset_id in old:
            datasets.remove(session, dataset_id)
    for dataset_id in old:
        files.forget(dataset_id)
    return len(old)


def _forget_orphans() -> int:
    limit, found = clock.now() - YOUNG, files.by_id()
    with database.reading() as session:
        known = datasets.existing(session, list(found))
    ownerless = [path for dataset_id, paths in found.items() if dataset_id not in known for path in paths]
    removed = 0
    for path in [*ownerless, *files.unfinished()]:
        if storage.written_before(path, limit):
            path.unlink(missing_ok=True)
            removed += 1
    return removed
