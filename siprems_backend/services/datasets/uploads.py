"""Receiving: a file is stored, its dataset entered, and a task converts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, TooLarge
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, datasets
from siprems_backend.models.datasets import Dataset
from siprems_backend.services import task_registry
from siprems_backend.services.datasets import files, records
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import storage
from siprems_backend.services.imports.storage import Readable, StoredFile
from siprems_backend.services.imports.uploads import display_name
from siprems_backend.services.task_registry import Submitted, TaskKind
from siprems_backend.utils import clock, disk
from siprems_backend.utils.single_line import single_line

LONGEST_NAME = 200
# Files up to this size are converted in about a second; whoever sends one is kept waiting for it.
SMALL_BYTES = 16 * 1024**2
PATIENCE_SECONDS = 5.0
# The id of a dataset with an idempotency key is made from the key, so that a second request finds the first.
KEY_SPACE = UUID("0c6f2f0a-6f0b-4c0b-8d39-6b9c6a1f4f57")


class Upload(Readable, Protocol):
    """A file on its way in; the form's `fields` are complete once it was read to its end."""

    @property
    def filename(self) -> str:
        """What the client calls the file."""

    @property
    def fields(self) -> Mapping[str, str]:
        """Texts that came with it; `name` names the dataset."""


@dataclass(frozen=True)
class SubmittedDataset:
    """A dataset that is not ready yet, and the task that converts it."""

    record: Dataset
    task: Submitted


def add(
    upload: Upload, owner: Principal, *, idempotency_key: str | None = None
) -> Dataset | SubmittedDataset:
    """Receive a file and have a worker make a dataset of it; a small one is waited for.

    Raises:
        Invalid: no name, an empty file, one that holds no table, or a key used with another request.
        TooLarge: more bytes than a file may have, or than the owner may have in all.
        UnsupportedFile, VolumeFull: of an unknown format, or without room.
    """
    record = receive(upload, owner, idempotency_key)
    task = task_registry.submit(
        TaskKind.CONVERT_DATASET,
        {"dataset_id": str(record.id)},
        owner=owner,
        # With its time: a key may be used again for a dataset that was deleted.
        idempotency_key=f"dataset:{record.id}:{record.created_at.timestamp()}",
    )
    if record.task_id is None:
        _attach(record.id, task.task_id)
    small = record.uploaded_bytes <= SMALL_BYTES and task.queued
    if small and task_registry.finishes_within(PATIENCE_SECONDS, task.task_id, owner):
        record = records.get(record.id, owner)
    records.require_not_failed(record)
    return record if record.status == datasets.READY else SubmittedDataset(record, task)


def receive(upload: Upload, owner: Principal, idempotency_key: str | None = None) -> Dataset:
    """Store a file and enter its dataset; nobody works on it yet.

    Raises:
        Invalid, TooLarge, UnsupportedFile, VolumeFull: see `add`; nothing stays behind.
    """
    dataset_id = _dataset_id(owner, idempotency_key)
    with database.transaction() as session:
        known = datasets.by_id(session, dataset_id)
        used = datasets.bytes_of(session, owner.user_id)
    if known is None:
        _require_room(used, 1)
    largest = get_settings().max_dataset_bytes
    # A repeated request is received beside the first one's file, compared and thrown away.
    stored = storage.receive_into(upload, files.uploads(), uuid4() if known else dataset_id, largest)
    if known is not None:
        stored.path.unlink()
    return _entered(dataset_id, upload, stored, owner)


def _entered(dataset_id: UUID, upload: Upload, stored: StoredFile, owner: Principal) -> Dataset:
    try:
        values = _values(upload, stored, owner)
        with database.transaction() as session:
            record = datasets.by_id(session, dataset_id)
            if record is None:
                record = _enter(session, {"id": dataset_id, **values})
        return _same_request(record, values)
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise


def _enter(session: Session, values: dict[str, Any]) -> Dataset:
    _require_room(datasets.bytes_of(session, values["owner_id"]), values["size_bytes"])
    if datasets.add_if_new(session, **values):
        details = {"bytes": values["size_bytes"], "sha256": values["sha256"]}
        target = f"dataset {values['id']}"
        audit.record(session, "dataset.add", user_id=values["owner_id"], target=target, details=details)
    record = datasets.by_id(session, values["id"])
    assert record is not None  # noqa: S101  Entered by us or, a moment earlier, by the same request's twin.
    return record


def _values(upload: Upload, stored: StoredFile, owner: Principal) -> dict[str, Any]:
    filename = display_name(upload.filename)
    return {
        "owner_id": owner.user_id,
        "name": _name(upload.fields.get("name"), filename),
        "filename": filename,
        "format": _format(stored.path),
        "sha256": stored.sha256,
        "uploaded_bytes": stored.size,
        "size_bytes": stored.size,
        "status": datasets.WAITING,
        "created_at": clock.now(),
    }


def _format(path: Path) -> str:
    """The format that was found: what follows the id, `csv.gz` included."""
    return path.name.partition(".")[2]


def _name(wanted: str | None, filename: str) -> str:
    """The name that was asked for, or that of the file.

    Raises:
        Invalid: no single line of text.
    """
    try:
        return single_line(wanted or "", LONGEST_NAME) or single_line(filename[-LONGEST_NAME:], LONGEST_NAME)
    except ValueError as error:
        raise Invalid(f"The name cannot be used: {error}", fields={"name": [str(error)]}) from None


def _require_room(used: int, more: int) -> None:
    quota = get_settings().dataset_quota_bytes
    if used + more > quota:
        raise TooLarge(
            f"Your datasets may have {disk.as_text(quota)} together and have {disk.as_text(used)}; "
            "delete some of them first.",
            code="dataset_quota",
        )


def _dataset_id(owner: Principal, idempotency_key: str | None) -> UUID:
    if idempotency_key is None:
        return uuid4()
    require_acceptable(idempotency_key)
    return uuid5(KEY_SPACE, f"{owner.user_id}:{idempotency_key}")


def _same_request(record: Dataset, values: dict[str, Any]) -> Dataset:
    if (record.sha256, record.name) != (values["sha256"], values["name"]):
        raise Invalid(
            "This Idempotency-Key was used with another request; take a new key for every new request.",
            code="idempotency_key_reused",
        )
    return record


def _attach(dataset_id: UUID, task_id: UUID) -> None:
    with database.transaction() as session:
        record = datasets.by_id(session, dataset_id, lock=True)
        if record is not None:
            record.task_id = task_id
