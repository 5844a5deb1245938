"""Addresses of our own files, which change with their content: browsers keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from siprems_backend.dashboard.paths import HOME

FOLDER = Path(__file__).parent / "assets"


@lru_cache(maxsize=100)
def file_url(name: str) -> str:
    """The address of a file in `assets/`."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"{HOME}assets/{name}?v={digest}"
