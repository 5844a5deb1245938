"""The cache of nodes as runs use it: an entry that is read stays young, and a run fills no disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines.cache import FolderCache

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class BudgetedCache(FolderCache):
    """A folder of entries to which one run adds no more than `most_bytes`, and no entry twice."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        super().__init__(folder)
        self._left = most_bytes

    def result(self, key: str) -> dict[str, Any] | None:
        """What the node told; the entry counts as used now."""
        found = super().result(key)
        if found is not None:
            with contextlib.suppress(OSError):
                os.utime(self.folder / key)
        return found

    def put(self, key: str, table: Table, result: dict[str, Any]) -> None:
        """Keep an entry while there is room for it."""
        if self._left <= 0:
            return
        super().put(key, table, result)
        self._left -= sum(path.stat().st_size for path in (self.folder / key).glob("*"))
