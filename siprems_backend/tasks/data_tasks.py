"""Files brought in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from siprems_backend.services import datasets, imports
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.IMPORT_FILE.value)
def import_file_task(self: LedgerTask, import_id: str) -> dict[str, Any]:
    """Import an uploaded file."""
    return imports.run_import(UUID(import_id), on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.CONVERT_DATASET.value)
def convert_dataset_task(self: LedgerTask, dataset_id: str) -> dict[str, Any]:
    """Make a dataset of an uploaded file."""
    return datasets.convert(UUID(dataset_id), on_progress=self.report)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.PROFILE_DATASET.value)
def profile_dataset_task(self: LedgerTask, dataset_id: str) -> dict[str, Any]:
    """Make the profile of a dataset."""
    return datasets.run_profile(UUID(dataset_id), on_progress=self.report)
