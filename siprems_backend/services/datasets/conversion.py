"""Converting: the task that makes a dataset of what was received."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import NotFound, ServiceError, TaskCancelled, TooLarge
from siprems_backend.extensions.database import database
from siprems_backend.models import datasets
from siprems_backend.models.datasets import Dataset
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.datasets import files
from siprems_backend.services.datasets.opening import open_upload
from siprems_backend.services.datasets.records import not_found
from siprems_backend.services.datasets.writing import Written, write
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.task_registry import fence
from siprems_backend.utils import clock, disk


def convert(dataset_id: UUID, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Make a dataset of an uploaded file; a second call returns what the first one made.

    Raises:
        NotFound: no such dataset, or its file was cleaned up.
        FileRefused, TooLarge: the file holds no table, or one too large; nothing of it was kept.
        TaskCancelled: from `on_progress`; nothing was kept.
    """
    with database.reading() as session:
        record = datasets.by_id(session, dataset_id)
    if record is None:
        raise not_found(dataset_id)
    if record.status != datasets.READY:
        record = _converted(dataset_id, on_progress)
        files.forget_upload(dataset_id)
    return summary(record)


def summary(record: Dataset) -> dict[str, Any]:
    """A ready dataset in a few words."""
    return {
        "dataset_id": str(record.id),
        "name": record.name,
        "rows": record.rows,
        "columns": record.columns,
        "bytes": record.size_bytes,
    }


def _converted(dataset_id: UUID, on_progress: OnProgress) -> Dataset:
    try:
        with open_upload(_uploaded(dataset_id)) as table:
            written = write(table, files.rows_path(dataset_id), files.preview_path(dataset_id), on_progress)
        return _finish(dataset_id, written)
    except TaskCancelled:
        _fail(dataset_id, "cancelled", "The upload was cancelled; send the file again.", final=True)
        raise
    except ServiceError as error:
        _fail(dataset_id, error.code, error.message, final=True)
        raise
    except Exception:
        # Another attempt may go better: the uploaded file stays for it.
        with contextlib.suppress(*DATABASE_AWAY):
            _fail(dataset_id, "conversion_failed", "The file could not be read by a mistake of ours.")
        raise


def _uploaded(dataset_id: UUID) -> Path:
    path = files.uploaded_path(dataset_id)
    if path is None:
        raise NotFound("The uploaded file is no longer there; send it again.", code="upload_gone")
    return path


def _finish(dataset_id: UUID, written: Written) -> Dataset:
    with database.transaction() as session:
        record = datasets.by_id(session, dataset_id, lock=True)
        if record is None:
            raise not_found(dataset_id)
        _require_room(session, record, written.size)
        record.status, record.error = datasets.READY, None
        record.rows, record.columns, record.size_bytes = written.rows, written.columns, written.size
        record.finished_at = clock.now()
        session.flush()
        fence.require_lease(session)
    return record


def _require_room(session: Session, record: Dataset, size: int) -> None:
    """A packed file may have become larger than what was reserved for it."""
    quota = get_settings().dataset_quota_bytes
    if record.owner_id is None or size <= record.size_bytes:
        return
    used = datasets.bytes_of(session, record.owner_id) - record.size_bytes + size
    if used > quota:
        raise TooLarge(
            f"With this dataset of {disk.as_text(size)} yours would have more than {disk.as_text(quota)}; "
            "delete some of them first.",
            code="dataset_quota",
        )


def _fail(dataset_id: UUID, code: str, message: str, *, final: bool = False) -> None:
    """Say why there is no dataset, and keep nothing of it; a worker that lost its task says nothing."""
    with contextlib.suppress(TaskCancelled):
        with database.transaction() as session:
            fence.require_lease(session)
            record = datasets.by_id(session, dataset_id, lock=True)
            if record is not None:
                record.status, record.error = datasets.FAILED, {"code": code, "message": message}
                record.finished_at = clock.now()
                record.size_bytes = 0 if final else record.size_bytes
        if final:
            files.forget(dataset_id)
