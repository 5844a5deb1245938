"""Files that tasks made: kept when the task ends well, listed, fetched, and removed with the task."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import structlog

from siprems_backend.config import get_settings
from siprems_backend.errors import Gone, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import task_files, task_queries
from siprems_backend.models.task_files import TaskFile
from siprems_backend.services.identity import Principal
from siprems_backend.services.stores.task_file_store import RunFolder, TaskFileStore, remove_folder
from siprems_backend.services.task_registry import fence, states, views
from siprems_backend.services.tool_runner.tool import OutputFile

log = structlog.get_logger(__name__)

# A run that has just moved its files, or has just been claimed, may not be in the ledger yet.
YOUNG_SECONDS = 3600.0


@dataclass(frozen=True)
class Fetched:
    """A file to send."""

    path: Path
    name: str
    content_type: str


def open_store() -> TaskFileStore:
    """The folder of task files on the data volume."""
    return TaskFileStore(get_settings().data_dir.absolute() / "task_files")


@contextmanager
def scratch_folder(task_id: UUID) -> Iterator[Path]:
    """An empty folder for one attempt at a task; it is gone after the block."""
    folder = open_store().new_scratch(task_id)
    try:
        yield folder
    finally:
        remove_folder(folder)


def keep(task_id: UUID, made_in: Path, files: Sequence[OutputFile]) -> list[OutputFile]:
    """Keep the files of a finished run in the place of those of an earlier attempt, with their addresses.

    Raises:
        TaskCancelled: somebody else has taken the task; nothing was kept.
    """
    if not files:
        return []
    store = open_store()
    paths = store.keep(task_id, made_in, [file["name"] for file in files])
    rows = [
        TaskFile(
            task_id=task_id,
            name=file["name"],
            content_type=file["content_type"],
            size_bytes=paths[file["name"]].stat().st_size,
            path=store.relative(paths[file["name"]]),
        )
        for file in files
    ]
    try:
        earlier = _enter(task_id, rows)
    except BaseException:
        remove_folder(paths[files[0]["name"]].parent)
        raise
    for path in earlier:
        store.forget(path)
    make_room()
    return [as_output(row) for row in rows]


def as_output(row: TaskFile) -> OutputFile:
    """A file as clients see it."""
    return {
        "name": row.name,
        "content_type": row.content_type,
        "size_bytes": row.size_bytes,
        "url": f"/api/v1/tasks/{row.task_id}/files/{quote(row.name)}",
    }


def listing(task_id: UUID, caller: Principal) -> list[dict[str, Any]]:
    """The files of a task, by name, with their age and whether they are still there.

    Raises:
        NotFound: no such task, or not the caller's.
    """
    with database.reading() as session:
        views.visible(session, task_id, caller)
        rows = task_files.of_task(session, task_id)
    store = open_store()
    return [
        {**as_output(row), "created_at": row.created_at, "available": store.locate(row.path) is not None}
        for row in rows
    ]


def fetch(task_id: UUID, name: str, caller: Principal) -> Fetched:
    """One file of a task.

    Raises:
        NotFound: no such task or file, or not the caller's.
        Gone: the file was removed to make room.
    """
    with database.reading() as session:
        views.visible(session, task_id, caller)
        rows = task_files.of_task(session, task_id)
    # Compared here, for the name may be anything that a path can hold, also what no database takes.
    row = next((row for row in rows if row.name == name), None)
    if row is None:
        raise NotFound("The task has no such file.", code="file_not_found")
    path = open_store().locate(row.path)
    if path is None:
        raise Gone("The file was removed to make room for newer ones; run the tool again.", code="file_gone")
    return Fetched(path, row.name, row.content_type)


def make_room() -> int:
    """Remove the oldest files until all together keep within the setting TASK_FILES_BYTES; how many."""
    store = open_store()
    with database.transaction() as session:
        paths = task_files.forget_beyond(session, get_settings().task_files_bytes)
    for path in paths:
        store.forget(path)
    if paths:
        log.warning("task_files_removed_to_make_room", files=len(paths))
    return len(paths)


def clean_up() -> int:
    """Remove the folders of deleted tasks and of runs that were cut off, and make room; how many folders."""
    store, now = open_store(), time.time()
    make_room()
    old = [folder for folder in store.kept_folders(now) if folder.age_seconds > YOUNG_SECONDS]
    unknown = _without_rows(store, old)
    cut_off = _not_running([each for each in store.scratch_folders(now) if each.age_seconds > YOUNG_SECONDS])
    for folder in [*unknown, *cut_off]:
        remove_folder(folder.path)
    return len(unknown) + len(cut_off)


def _enter(task_id: UUID, rows: Sequence[TaskFile]) -> list[str]:
    """List these files in the ledger; paths of those listed before."""
    with database.transaction() as session:
        earlier = task_files.remove_all(session, task_id)
        session.add_all(rows)
        session.flush()
        fence.require_lease(session)
    return earlier


def _without_rows(store: TaskFileStore, folders: Sequence[RunFolder]) -> list[RunFolder]:
    with database.reading() as session:
        paths = task_files.paths_of(session, {folder.task_id for folder in folders})
    listed = {Path(path).parent.as_posix() for path in paths}
    return [folder for folder in folders if store.relative(folder.path) not in listed]


def _not_running(folders: Sequence[RunFolder]) -> list[RunFolder]:
    """Folders of runs that have ended, or have gone on for longer than any may."""
    with database.reading() as session:
        running = task_queries.those_in(session, {folder.task_id for folder in folders}, states.RUNNING)
    longest = get_settings().celery_task_time_limit + YOUNG_SECONDS
    return [each for each in folders if each.task_id not in running or each.age_seconds > longest]
