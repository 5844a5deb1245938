"""Imports without an upload: files that an operator has on the machine, and tables that a program made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import imports
from siprems_backend.models.imports import Import
from siprems_backend.services.imports import storage
from siprems_backend.services.imports.kinds import LOADERS, ImportKind
from siprems_backend.services.imports.readers import open_table, table_of_columns
from siprems_backend.services.imports.runs import run
from siprems_backend.services.imports.storage import StoredFile
from siprems_backend.services.imports.uploads import display_name
from siprems_backend.services.imports.values import Cell
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.utils import clock


def import_path(
    path: Path, kind: ImportKind, on_progress: OnProgress = unreported, *, move_stock: bool = False
) -> dict[str, Any]:
    """Import a file where it lies; it stays there.

    Raises:
        NotFound: no such file.
        FileRefused, UnsupportedFile, Conflict: the file cannot be imported; nothing of it was.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", code="file_not_found")
    columns, largest = LOADERS[kind].columns, get_settings().max_upload_bytes
    file = storage.digest(path)
    with database.transaction() as session:
        record = _enter(session, file, kind)
        return run(session, record, lambda: open_table(path, columns, largest), move_stock, on_progress)


def import_columns(
    session: Session,
    values: Mapping[str, Sequence[Cell]],
    kind: ImportKind,
    name: str,
    *,
    user_id: int | None = None,
    on_progress: OnProgress = unreported,
) -> dict[str, Any]:
    """Import a table from memory in the caller's transaction; `name` stands where a file's name would.

    The columns are equally long and named as in files.

    Raises:
        FileRefused: a required column is missing.
    """
    fingerprint = hashlib.sha256()
    for column, cells in values.items():
        fingerprint.update(f"{column};{len(cells)};{list(cells)!r}".encode())
    columns = LOADERS[kind].columns
    file = StoredFile(Path(name), fingerprint.hexdigest(), 0)
    record = _enter(session, file, kind, user_id)
    return run(session, record, lambda: table_of_columns(values, columns), False, on_progress)


def _enter(session: Session, file: StoredFile, kind: ImportKind, user_id: int | None = None) -> Import:
    """Record an import in the transaction that does it: one that fails was never there."""
    import_id = uuid4()
    imports.add_if_new(
        session,
        id=import_id,
        kind=kind.value,
        filename=display_name(file.path.name),
        sha256=file.sha256,
        size_bytes=file.size,
        created_by=user_id,
        created_at=clock.now(),
    )
    record = imports.claim(session, import_id)
    assert record is not None  # noqa: S101  Entered a moment ago.
    return record
