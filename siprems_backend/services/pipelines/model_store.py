"""Where fitted models are on the data volume: DATA_DIR/pipelines/models/<id>.skops."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import UUID

from siprems_backend.config import get_settings
from siprems_backend.services.imports import storage


def folder() -> Path:
    """The folder; it is made when something is put there."""
    return get_settings().data_dir.absolute() / "pipelines" / "models"


def path_of(model_id: UUID) -> Path:
    """The file of a model."""
    return folder() / f"{model_id}.skops"


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(written: Path, model_id: UUID) -> None:
    """Move a finished file to where it stays, flushed to disk before anybody sees it there."""
    with written.open("rb") as file:
        os.fsync(file.fileno())
    written.chmod(0o640)
    folder().mkdir(parents=True, exist_ok=True)
    written.rename(path_of(model_id))


def forget(model_id: UUID) -> None:
    """Remove the file of a model."""
    path_of(model_id).unlink(missing_ok=True)


def by_id() -> dict[UUID, list[Path]]:
    """All files that are here, by the model they belong to."""
    return storage.files_by_id(folder())
