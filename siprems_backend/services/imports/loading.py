"""What every loader is given and must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection
from siprems_backend.services.progress import OnProgress


@dataclass(frozen=True)
class Work:
    """One import in its transaction; `step` says what the merge does, and like `on_progress` may raise."""

    session: Session
    import_id: UUID
    user_id: int | None
    move_stock: bool
    allow_negative_stock: bool
    on_progress: OnProgress
    step: Callable[[str], None]


class Loader(Protocol):
    """Brings the rows of one kind of file into the database."""

    @property
    def columns(self) -> Sequence[Column]:
        """Columns that such a file has."""

    def prepare(self, work: Work) -> None:
        """Make a place for the rows."""

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put rows there; those whose cells are fine but do not fit together are left out and returned."""

    def merge(self, work: Work, counts: Counts) -> None:
        """Merge them with what is stored and say in `counts` what changed."""
