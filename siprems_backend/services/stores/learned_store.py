"""Learned models on the shared volume: MODELS_DIR/learned/<type>/<version>.zip, written atomically."""

from __future__ import annotations

import hashlib
from pathlib import Path

from siprems_backend.utils.atomic_file import write_atomically


class LearnedStore:
    """The folder of learned models. Names are made of our own words and numbers alone."""

    def __init__(self, models_folder: Path) -> None:
        self._folder = models_folder / "learned"

    def path(self, model_type: str, version: int) -> Path:
        """Where a version lies."""
        return self._folder / model_type / f"{version}.zip"

    def write(self, model_type: str, version: int, data: bytes) -> None:
        """Keep a version.

        Raises:
            OSError: the volume is full or away.
        """
        write_atomically(self.path(model_type, version), data)

    def read(self, model_type: str, version: int, checksum: str) -> bytes | None:
        """The bytes of a version; None if they are gone, or others than were kept."""
        try:
            data = self.path(model_type, version).read_bytes()
        except FileNotFoundError:
            return None
        return data if checksum_of(data) == checksum else None

    def remove(self, model_type: str, version: int) -> None:
        """Forget a version."""
        self.path(model_type, version).unlink(missing_ok=True)


def checksum_of(data: bytes) -> str:
    """SHA-256 of a file, as the database holds it."""
    return hashlib.sha256(data).hexdigest()
