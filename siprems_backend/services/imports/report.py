"""What became of a file's rows: counts, and the rejected ones by line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from siprems_backend.services.imports.rows import Rejection
from siprems_backend.utils.spreadsheet_cell import harmless

LISTED_ROWS = 1000
# A file of nothing but rubbish must not fill the volume with its own description.
KEPT_ROWS = 1_000_000


@dataclass
class Counts:
    """Rows of the file and what they did. Rows of one sale are merged before they are stored."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    new_products: int = 0
    products: int | None = None
    first_date: str | None = None
    last_date: str | None = None

    def take(self, distinct: int, inserted: int, updated: int) -> None:
        """Take over what a merge did with the `distinct` things that the accepted rows speak of."""
        self.inserted, self.updated = inserted, updated
        self.unchanged = distinct - inserted - updated
        self.merged = self.accepted - distinct

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.inserted or self.updated or self.new_products)


@dataclass
class RejectedRows:
    """Takes rejected rows: counts all, keeps the first for the report, writes them to a CSV file.

    The file appears with the first row; `discard` removes it when the import did not happen after all.
    """

    path: Path
    count: int = 0
    listed: list[Rejection] = field(default_factory=list)
    _file: TextIO | None = None

    def __enter__(self) -> Self:
        """Start without the file of an earlier attempt."""
        self.discard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; keep it only if all went well."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if error is not None:
            self.discard()

    def add(self, rows: Sequence[Rejection]) -> None:
        """Take note of rejected rows."""
        self.listed.extend(rows[: max(0, LISTED_ROWS - len(self.listed))])
        self._write(rows[: max(0, KEPT_ROWS - self.count)])
        self.count += len(rows)

    def discard(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def _write(self, rows: Sequence[Rejection]) -> None:
        if not rows:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(("line", "column", "value", "reason"))
        csv.writer(self._file).writerows(
            (row.line, row.column, harmless(row.value), row.reason) for row in rows
        )


def completed(
    counts: Counts, rejected: RejectedRows, *, ignored: Sequence[str], details: dict[str, str], seconds: float
) -> dict[str, Any]:
    """The report of an import that was done."""
    return {
        "status": "completed",
        "message": summary(counts),
        "changed": counts.changed,
        **vars(counts),
        "ignored_columns": list(ignored),
        **details,
        "seconds": round(seconds, 2),
        "rejected_rows": [vars(row) for row in rejected.listed],
    }


def summary(counts: Counts) -> str:
    """One sentence for a person."""
    if not counts.rows:
        return "The file has no rows."
    if not counts.accepted:
        return f"None of the {counts.rows:,} rows could be used; see the rejected rows."
    rejected = f"; {counts.rejected:,} rows were rejected" if counts.rejected else ""
    if not counts.changed:
        return f"Nothing new: all {counts.accepted:,} usable rows were known already{rejected}."
    merged = f", {counts.merged:,} added to others of the file" if counts.merged else ""
    return (
        f"{counts.accepted:,} of {counts.rows:,} rows imported: {counts.inserted:,} new, "
        f"{counts.updated:,} changed, {counts.unchanged:,} known already{merged}{rejected}."
    )
