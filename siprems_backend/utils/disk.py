"""Folders on a disk: whether they can be written and how much room is left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def nearest_existing(folder: Path) -> Path:
    """The folder, or the first of its parents that exists."""
    found = folder.absolute()
    while not found.exists() and found != found.parent:
        found = found.parent
    return found


def is_writable(folder: Path) -> bool:
    """Whether files can be made in the folder, or the folder itself where it does not exist yet."""
    found = nearest_existing(folder)
    return found.is_dir() and os.access(found, os.W_OK | os.X_OK)


def free_bytes(folder: Path) -> int:
    """Bytes that are free on the disk of the folder.

    Raises:
        OSError: when the disk cannot be asked.
    """
    return shutil.disk_usage(nearest_existing(folder)).free


def as_text(size: int) -> str:
    """A number of bytes for people: `1.5 GB`."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
