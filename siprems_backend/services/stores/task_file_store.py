"""Files that tasks make, on the shared volume.

FOLDER/scratch/<task id>.<mark>/      what a run is writing; gone when the run is
FOLDER/kept/<task id>.<mark>/<name>   what a run has made; the ledger lists it by this path below FOLDER

The mark tells two attempts at one task apart: neither ever writes where the other does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

SCRATCH, KEPT = "scratch", "kept"
UUID_LENGTH = 36


@dataclass(frozen=True)
class RunFolder:
    """A folder of one attempt at a task; `age_seconds` since something in it was made or removed."""

    task_id: UUID
    path: Path
    age_seconds: float


class TaskFileStore:
    """The folder of task files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_scratch(self, task_id: UUID) -> Path:
        """An empty folder that nobody else writes to."""
        path = self._folder / SCRATCH / f"{task_id}.{uuid4().hex[:12]}"
        path.mkdir(parents=True, mode=0o750)
        return path.absolute()

    def keep(self, task_id: UUID, made_in: Path, names: Sequence[str]) -> dict[str, Path]:
        """Move a folder with finished files to where they stay; their paths by name, all flushed to disk.

        Raises:
            FileNotFoundError: one of them is missing, or is no plain file.
            OSError: the disk failed; nothing has moved then.
        """
        for name in names:
            path = made_in / name
            if path.is_symlink() or not path.is_file():
                raise FileNotFoundError(f"{name} was announced and is not there")
            path.chmod(0o640)
            _flush(path)
        made_in.chmod(0o750)
        home = self._folder / KEPT / f"{task_id}.{uuid4().hex[:12]}"
        home.parent.mkdir(parents=True, exist_ok=True)
        made_in.rename(home)
        _flush(home.parent)
        return {name: home / name for name in names}

    def relative(self, path: Path) -> str:
        """The path as the ledger has it."""
        return path.relative_to(self._folder).as_posix()

    def locate(self, relative: str) -> Path | None:
        """The file at a path of the ledger; None if it is no longer there."""
        path = self._folder / relative
        return path if relative and path.is_file() else None

    def forget(self, relative: str) -> None:
        """Remove a file, and its folder with the last one."""
        path = self._folder / relative
        with contextlib.suppress(OSError):
            path.unlink()
            path.parent.rmdir()

    def scratch_folders(self, now: float) -> Iterator[RunFolder]:
        """The folders of runs that go on, or were cut off."""
        return self._run_folders(SCRATCH, now)

    def kept_folders(self, now: float) -> Iterator[RunFolder]:
        """The folders of runs that ended well."""
        return self._run_folders(KEPT, now)

    def _run_folders(self, kind: str, now: float) -> Iterator[RunFolder]:
        for path in (self._folder / kind).glob("*"):
            with contextlib.suppress(ValueError, FileNotFoundError):
                yield RunFolder(UUID(path.name[:UUID_LENGTH]), path, now - path.stat().st_mtime)


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it, as far as that is possible."""
    shutil.rmtree(path, ignore_errors=True)


def _flush(path: Path) -> None:
    """Make a file's content, or a folder's entries, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
