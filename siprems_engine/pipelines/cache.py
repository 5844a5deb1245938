"""Tables that were made before, found again by what they were made of."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from siprems_engine.pipelines import artifact
from siprems_engine.pipelines.errors import CorruptArtifact
from siprems_engine.pipelines.table import Table
from siprems_engine.pipelines.tidy import filled_with_nan

RESULT, FRAME, TRAINING, FITTED = "result.json", "frame.parquet", "training.parquet", "fitted.skops"


class Cache(Protocol):
    """Results and tables by key; a key stands for one content for ever."""

    def result(self, key: str) -> dict[str, Any] | None:
        """Return what the node told, or None if the key is not known."""

    def table(self, key: str) -> Table | None:
        """Return the table, or None if the key is not known any more."""

    def put(self, key: str, table: Table, result: dict[str, Any]) -> None:
        """Keep both, or neither."""


class NoCache:
    """Keeps nothing."""

    def result(self, key: str) -> dict[str, Any] | None:  # noqa: ARG002
        """Know nothing."""
        return None

    def table(self, key: str) -> Table | None:  # noqa: ARG002
        """Know nothing."""
        return None

    def put(self, key: str, table: Table, result: dict[str, Any]) -> None:
        """Forget both."""


class FolderCache:
    """One folder a key, with the rows as Parquet and what is fitted as skops.

    Several processes may share it: an entry appears whole, by a rename, and is never changed.
    """

    def __init__(self, folder: Path) -> None:
        """Keep entries in `folder`, which is made when first needed."""
        self.folder = folder

    def result(self, key: str) -> dict[str, Any] | None:
        """Read what the node told."""
        try:
            found: dict[str, Any] = json.loads((self.folder / key / RESULT).read_text())
        except (OSError, ValueError):
            return None
        return found

    def table(self, key: str) -> Table | None:
        """Read the table; an entry that is damaged or being removed counts as unknown."""
        place = self.folder / key
        try:
            frame = filled_with_nan(pd.read_parquet(place / FRAME))
            path = place / TRAINING
            training = pd.read_parquet(path)["training"] if path.exists() else None
            return Table(frame, training, artifact.from_bytes((place / FITTED).read_bytes()))
        except (OSError, pa.ArrowException, CorruptArtifact):
            return None

    def put(self, key: str, table: Table, result: dict[str, Any]) -> None:
        """Write the entry; rows that Parquet cannot hold (a column of several kinds) are not kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=self.folder))
        try:
            _write(unfinished, table, result)
            unfinished.rename(self.folder / key)
        except (pa.ArrowException, FileExistsError, OSError):
            # Somebody else has kept the same content, or there is no room: the run goes on without.
            shutil.rmtree(unfinished, ignore_errors=True)


def _write(place: Path, table: Table, result: dict[str, Any]) -> None:
    table.frame.to_parquet(place / FRAME)
    if table.training is not None:
        table.training.to_frame("training").to_parquet(place / TRAINING)
    (place / FITTED).write_bytes(artifact.to_bytes(table.fitted))
    (place / RESULT).write_text(json.dumps(result))
