"""Looking at datasets and deleting them, as much of them as the caller may see."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, datasets
from siprems_backend.models.datasets import Dataset
from siprems_backend.services.datasets import files
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import states
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role


def get(dataset_id: UUID, caller: Principal) -> Dataset:
    """One dataset.

    Raises:
        NotFound: no such dataset, or not the caller's; which of the two is not told.
    """
    with database.reading() as session:
        return require_visible(datasets.by_id(session, dataset_id), dataset_id, caller)


def require_visible(record: Dataset | None, dataset_id: UUID, caller: Principal) -> Dataset:
    """The dataset, if the caller may see it.

    Raises:
        NotFound: otherwise.
    """
    if record is None or (record.owner_id != caller.user_id and not caller.may(Role.OPERATOR)):
        raise not_found(dataset_id)
    return record


def not_found(dataset_id: UUID) -> NotFound:
    """What is said of a dataset that is not there, or not the caller's."""
    return NotFound(f"There is no dataset {dataset_id}.", code="dataset_not_found")


def listing(request: PageRequest, caller: Principal) -> Page[Dataset]:
    """The caller's datasets, or everybody's for an operator; the newest first."""
    owner_id = None if caller.may(Role.OPERATOR) else caller.user_id
    with database.reading() as session:
        found, total = datasets.page(
            session, owner_id=owner_id, offset=request.offset, limit=request.page_size
        )
    return Page(found, request.page, request.page_size, total)


def require_not_failed(record: Dataset) -> None:
    """See that the file of a dataset could be read, as far as anybody tried.

    Raises:
        Invalid: it could not; why.
    """
    if record.status == datasets.FAILED:
        error = record.error or {}
        raise Invalid(error.get("message", "The file could not be read."), code=error.get("code"))


def require_ready(record: Dataset) -> Dataset:
    """The dataset, if its rows can be read.

    Raises:
        Invalid: its file could not be read.
        Conflict: its file is still being read.
    """
    require_not_failed(record)
    if record.status != datasets.READY:
        raise Conflict(
            "The dataset is still being read; ask again in a moment.",
            code="dataset_not_ready",
            retry_after_seconds=2,
        )
    return record


def parquet_file(dataset_id: UUID, caller: Principal) -> Path:
    """The Parquet file with the rows of a dataset.

    Raises:
        NotFound: no such dataset, or not the caller's.
        Invalid, Conflict: it failed or is not ready.
    """
    require_ready(get(dataset_id, caller))
    return files.rows_path(dataset_id)


def preview(dataset_id: UUID, rows: int, caller: Principal) -> dict[str, Any]:
    """The first rows of a dataset; long texts are cut, and of wide tables fewer rows are kept.

    Raises:
        NotFound: no such dataset, or not the caller's.
        Invalid, Conflict: it failed or is not ready.
    """
    record = require_ready(get(dataset_id, caller))
    try:
        with files.preview_path(dataset_id).open("rb") as lines:
            found = [orjson.loads(line) for line in islice(lines, rows)]
    except FileNotFoundError:
        raise not_found(dataset_id) from None
    return {
        "dataset_id": dataset_id,
        "columns": [column["name"] for column in record.columns or []],
        "rows": found,
        "total_rows": record.rows,
    }


def remove(dataset_id: UUID, caller: Principal) -> None:
    """Delete a dataset and its files.

    Raises:
        NotFound: no such dataset, or not the caller's.
        Conflict: a task that has not finished uses it.
    """
    with database.transaction() as session:
        require_visible(datasets.by_id(session, dataset_id, lock=True), dataset_id, caller)
        task_id = datasets.task_that_uses(session, dataset_id, states.ACTIVE)
        if task_id is not None:
            raise Conflict(
                f"The task {task_id} uses the dataset; cancel it or wait for its end.", code="dataset_in_use"
            )
        datasets.remove(session, dataset_id)
        audit.record(session, "dataset.delete", user_id=caller.user_id, target=f"dataset {dataset_id}")
    files.forget(dataset_id)
