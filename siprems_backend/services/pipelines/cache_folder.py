"""Results of nodes on the data volume, for reruns: each user's apart, bounded in size and age.

DATA_DIR/pipelines/cache/<user id>/<digest>/   one node: its rows, what is fitted, what it told
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from siprems_backend.config import get_settings

# One run may fill this part of what a user has: the results of several fit beside each other.
RUNS_IN_ONE = 2
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Entry:
    """One node's results; `age_s` since they were made or used."""

    path: Path
    size: int
    age_s: float


def folder() -> Path:
    """The folder of all users."""
    return get_settings().data_dir.absolute() / "pipelines" / "cache"


def of_user(user_id: int) -> Path:
    """The folder of one user; nobody else's runs read it, for entries hold rows of their data."""
    return folder() / str(user_id)


def make_room(user_id: int) -> int:
    """Remove a user's entries that are too old, then the oldest beyond the size allowed; how many."""
    settings, kept, removed = get_settings(), 0, 0
    for entry in sorted(_entries(of_user(user_id)), key=lambda each: each.age_s):
        kept += entry.size
        if kept <= settings.pipeline_cache_bytes and entry.age_s <= 3600 * settings.pipeline_cache_hours:
            continue
        kept -= entry.size
        _remove(entry.path)
        removed += 1
    return removed


def clean_up() -> int:
    """The same for every user; how many entries."""
    users = [path for path in folder().glob("*") if path.name.isdigit()]
    removed = sum(make_room(int(path.name)) for path in users)
    for path in users:
        # One that still has entries stays.
        with contextlib.suppress(OSError):
            path.rmdir()
    return removed


def _entries(place: Path) -> Iterator[Entry]:
    now = time.time()
    for path in place.glob("*"):
        with contextlib.suppress(FileNotFoundError):
            size = sum(file.stat().st_size for file in path.glob("*"))
            yield Entry(path, size, now - path.stat().st_mtime)


def _remove(path: Path) -> None:
    """A reader finds the entry whole or not at all: it goes by a rename first."""
    going = path.with_name(f"{UNFINISHED}{path.name}")
    with contextlib.suppress(OSError):
        path.rename(going)
    shutil.rmtree(going, ignore_errors=True)
