"""Uploads: a file is received, a task imports it, the file goes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, NotFound, ServiceError, TaskCancelled
from siprems_backend.extensions.database import database
from siprems_backend.models import imports
from siprems_backend.models.imports import Import
from siprems_backend.services import task_registry
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import storage
from siprems_backend.services.imports.kinds import LOADERS, ImportKind
from siprems_backend.services.imports.readers import open_table
from siprems_backend.services.imports.runs import record_end_without_result, run
from siprems_backend.services.imports.storage import Readable
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.task_registry import Submitted, TaskKind
from siprems_backend.utils import clock

LONGEST_FILENAME = 300
# The id of an import with an idempotency key is made from the key, so that a second request finds the first.
KEY_SPACE = UUID("5b0e3f0c-6a55-4c39-9a3e-0d1f6f8a7c21")


@dataclass(frozen=True)
class SubmittedImport:
    """A received file and the task that imports it."""

    record: Import
    task: Submitted


def submit(
    stream: Readable,
    filename: str,
    kind: ImportKind,
    owner: Principal,
    *,
    move_stock: bool = False,
    idempotency_key: str | None = None,
) -> SubmittedImport:
    """Receive a file and hand it to a task.

    Raises:
        ServiceError: the file cannot be received, see `accept_upload`.
    """
    record = accept_upload(
        stream, filename, kind, owner, move_stock=move_stock, idempotency_key=idempotency_key
    )
    task = task_registry.submit(
        TaskKind.IMPORT_FILE,
        {"import_id": str(record.id)},
        owner=owner,
        idempotency_key=f"import:{record.id}",
    )
    if record.task_id is None:
        with database.transaction() as session:
            imports.attach_task(session, record.id, task.task_id)
    return SubmittedImport(record, task)


def accept_upload(
    stream: Readable,
    filename: str,
    kind: ImportKind,
    owner: Principal | None,
    *,
    move_stock: bool = False,
    idempotency_key: str | None = None,
) -> Import:
    """Store an uploaded file and its record; nobody works on it yet.

    Raises:
        Invalid: the file is empty, or the idempotency key malformed or used with another file or options.
        TooLarge, UnsupportedFile, VolumeFull: the file is too large, of an unknown format, or has no room.
    """
    import_id = _import_id(owner, idempotency_key)
    with database.reading() as session:
        known = imports.by_id(session, import_id)
    # A repeated request is received beside the first one's file, compared and thrown away.
    stored = storage.receive(stream, import_id if known is None else uuid4())
    values = {
        "id": import_id,
        "kind": kind.value,
        "filename": display_name(filename),
        "sha256": stored.sha256,
        "size_bytes": stored.size,
        "created_by": owner.user_id if owner else None,
        "report": {"status": "waiting", "move_stock": move_stock},
        "created_at": clock.now(),
    }
    if known is None:
        return _enter(values, stored.path)
    stored.path.unlink()
    return _same_request(known, values)


def run_import(import_id: UUID | str, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Import an uploaded file; a second call returns the first one's report.

    Raises:
        NotFound: no such import, or its file was cleaned up.
        FileRefused, UnsupportedFile, Conflict: the file cannot be imported; nothing of it was.
        TaskCancelled: from `on_progress`; nothing was imported.
    """
    import_id = UUID(str(import_id))
    with database.reading() as session:
        record = imports.by_id(session, import_id)
    if record is None:
        raise NotFound(f"There is no import {import_id}.", code="import_not_found")
    move_stock = bool((record.report or {}).get("move_stock"))
    try:
        report = _run_claimed(import_id, move_stock, on_progress)
    except TaskCancelled:
        record_end_without_result(import_id, "cancelled", "The import was cancelled.", move_stock)
        raise
    except ServiceError as error:
        record_end_without_result(import_id, "failed", error.message, move_stock)
        raise
    except Exception:
        # The task's record has the details; with the database away there is nowhere to say anything.
        with contextlib.suppress(*DATABASE_AWAY):
            record_end_without_result(import_id, "failed", "The import could not be finished.", move_stock)
        raise
    # Only now, after the commit: a lost worker must find the file again.
    storage.forget(import_id)
    return report


def forget_old_files() -> int:
    """Remove uploads of failed imports and lists of rejected rows that nobody fetched in time; how many."""
    limit = clock.now() - timedelta(hours=get_settings().finished_tasks_kept_hours)
    found = storage.import_ids()
    with database.reading() as session:
        known = imports.finished_before(session, list(found), limit)
        alive = imports.existing(session, list(found)) - known
    removed = 0
    for import_id, paths in found.items():
        for path in paths:
            if import_id not in alive and storage.written_before(path, limit):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def display_name(filename: str) -> str:
    """The client's name for the file, for people to recognise it; it is never used as a path."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(letter for letter in name if letter.isprintable())
    return printable[-LONGEST_FILENAME:] or "unnamed"


def _import_id(owner: Principal | None, idempotency_key: str | None) -> UUID:
    if idempotency_key is None or owner is None:
        return uuid4()
    require_acceptable(idempotency_key)
    return uuid5(KEY_SPACE, f"{owner.user_id}:{idempotency_key}")


def _enter(values: dict[str, Any], path: Path) -> Import:
    try:
        with database.transaction() as session:
            imports.add_if_new(session, **values)
            record = imports.by_id(session, values["id"])
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    assert record is not None  # noqa: S101  Entered by us or, a moment earlier, by the same request's twin.
    return _same_request(record, values)


def _same_request(record: Import, values: dict[str, Any]) -> Import:
    asked = (values["sha256"], values["kind"], values["report"]["move_stock"])
    if (record.sha256, record.kind, bool((record.report or {}).get("move_stock"))) != asked:
        raise Invalid(
            "This Idempotency-Key was used with another request; take a new key for every new request.",
            code="idempotency_key_reused",
        )
    return record


def _run_claimed(import_id: UUID, move_stock: bool, on_progress: OnProgress) -> dict[str, Any]:
    with database.transaction() as session:
        record = imports.claim(session, import_id)
        if record is None:
            raise NotFound(f"There is no import {import_id}.", code="import_not_found")
        if record.report and record.report["status"] == "completed":
            return dict(record.report)
        path = storage.uploaded_path(import_id)
        if path is None:
            raise NotFound(
                "The uploaded file is no longer on the data volume; send it again.", code="upload_gone"
            )
        columns = LOADERS[ImportKind(record.kind)].columns
        largest = get_settings().max_upload_bytes
        return run(session, record, lambda: open_table(path, columns, largest), move_stock, on_progress)
