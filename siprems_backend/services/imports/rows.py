"""Checking rows, a chunk of columns at a time: every distinct cell is parsed once, rows are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.values import BadCell, Cell, parse_distinct, plain_text

# A file in which nearly every quantity is another one must not fill the memory with them.
REMEMBERED_CELLS = 200_000
SHOWN_CHARACTERS = 100


@dataclass(frozen=True)
class Rejection:
    """A row that was not imported: its line in the file, the column to blame, what stood there, and why."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Rows as they stand in the file: equally long columns, and the line number of every row."""

    lines: Sequence[int]
    columns: Mapping[str, Sequence[Cell]]
    malformed: Sequence[Rejection] = ()
    done: float = 0.0


@dataclass(frozen=True)
class Checked:
    """The rows of a chunk that can be imported, parsed, and those that cannot."""

    lines: Sequence[int]
    columns: Mapping[str, Sequence[object]]
    rejected: Sequence[Rejection]


@dataclass
class RowChecker:
    """Checks the chunks of one file and remembers the cells it has seen."""

    columns: Sequence[Column]
    _known: dict[str, dict[Cell, object]] = field(default_factory=dict)

    def check(self, chunk: Chunk) -> Checked:
        """Split a chunk into rows that can be imported and rows that cannot."""
        parsed: dict[str, Sequence[object]] = {}
        problems: dict[int, Rejection] = {}
        for column in self.columns:
            if column.name in chunk.columns:
                parsed[column.name] = self._parse(column, chunk, problems)
        rejected = [*chunk.malformed, *problems.values()]
        rejected.sort(key=lambda rejection: rejection.line)
        if not problems:
            return Checked(chunk.lines, parsed, rejected)
        keep = [row not in problems for row in range(len(chunk.lines))]
        good = {name: list(compress(values, keep)) for name, values in parsed.items()}
        return Checked(list(compress(chunk.lines, keep)), good, rejected)

    def _parse(self, column: Column, chunk: Chunk, problems: dict[int, Rejection]) -> Sequence[object]:
        cells = chunk.columns[column.name]
        known = self._known.setdefault(column.name, {})
        if len(known) > REMEMBERED_CELLS:
            known.clear()
        any_bad = parse_distinct(set(cells), column.parse, known)
        values = [known[cell] for cell in cells]
        if any_bad:
            for row, value in enumerate(values):
                if isinstance(value, BadCell) and row not in problems:
                    shown = plain_text(cells[row])[:SHOWN_CHARACTERS]
                    problems[row] = Rejection(chunk.lines[row], column.name, shown, f"{column.name} {value}")
        return values
