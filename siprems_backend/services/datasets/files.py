"""Where datasets are on the data volume.

DATA_DIR/datasets/<id>.parquet          the rows
DATA_DIR/datasets/<id>.preview.jsonl    the first of them, one JSON list a line
DATA_DIR/datasets/uploads/<id>.<format> what was received, until it is converted

Every name is made of an id of ours; what clients call their files is never part of a path.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from siprems_backend.config import get_settings
from siprems_backend.services.imports import storage

WRITING = ".writing-*"


def folder() -> Path:
    """The folder; it is made when something is put there."""
    return get_settings().data_dir.absolute() / "datasets"


def uploads() -> Path:
    """The folder of files that wait to be converted."""
    return folder() / "uploads"


def rows_path(dataset_id: UUID) -> Path:
    """The Parquet file of a dataset."""
    return folder() / f"{dataset_id}.parquet"


def preview_path(dataset_id: UUID) -> Path:
    """The first rows of a dataset, for processes that read no Parquet."""
    return folder() / f"{dataset_id}.preview.jsonl"


def uploaded_path(dataset_id: UUID) -> Path | None:
    """What was received, as long as it is kept."""
    return storage.received(uploads(), dataset_id)


def forget_upload(dataset_id: UUID) -> None:
    """Remove what was received."""
    path = uploaded_path(dataset_id)
    if path is not None:
        path.unlink(missing_ok=True)


def forget(dataset_id: UUID) -> None:
    """Remove all files of a dataset."""
    forget_upload(dataset_id)
    rows_path(dataset_id).unlink(missing_ok=True)
    preview_path(dataset_id).unlink(missing_ok=True)


def by_id() -> dict[UUID, list[Path]]:
    """All files that are here, by the dataset they belong to."""
    found = storage.files_by_id(folder())
    for dataset_id, paths in storage.files_by_id(uploads()).items():
        found.setdefault(dataset_id, []).extend(paths)
    return found


def unfinished() -> list[Path]:
    """Files that are being written, or were when their worker died."""
    return list(folder().glob(WRITING))
