"""Files that are either the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` through a temporary file beside it, flushed to disk before the swap.

    Raises:
        OSError: when the disk is full or the folder cannot be written; the old file is then untouched.
    """
    write_all_atomically({path: data})


def write_all_atomically(files: Mapping[Path, bytes]) -> None:
    """Write many files, each in one step; all are flushed to disk before the first is put in place.

    Flushing them one after the other when all are written costs little more than flushing one: the file
    system has then written them together.

    Raises:
        OSError: when the disk is full or a folder cannot be written; all old files are then untouched.
    """
    temporary: dict[Path, Path] = {}
    folders = {path.parent for path in files}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        for path, data in files.items():
            temporary[path] = _write_beside(path, data)
        for written in temporary.values():
            _flush(written)
        for path, written in temporary.items():
            written.replace(path)
    except BaseException:
        for written in temporary.values():
            with contextlib.suppress(FileNotFoundError):
                written.unlink()
        raise
    for folder in folders:
        _flush(folder)


@contextlib.contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a new file beside `path` that takes its place when the block ends well, and vanishes otherwise.

    A device or a pipe (`/dev/stdout`) is written as it is: nothing could take its place.

    Raises:
        OSError: when the folder cannot be written or the disk is full; the old file is then untouched.
    """
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file()):
        with path.open("wb") as file:
            yield file
        return
    target = path.resolve()
    # Opened by name, not by mkstemp, which makes private files: this one is for whoever asked for it.
    temporary = target.parent / f".writing-{secrets.token_hex(8)}"
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _write_beside(path: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes private files; workers and web may run as different users of one group.
        Path(name).chmod(0o640)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


def _flush(path: Path) -> None:
    """Make a file's content, or a folder's entries, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
