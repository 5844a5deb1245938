"""A file opened for reading: its columns, found, and its rows, in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from siprems_backend.services.imports.columns import Layout
from siprems_backend.services.imports.rows import Chunk
from siprems_backend.services.imports.values import Cell

CHUNK_ROWS = 20_000


@dataclass(frozen=True)
class Table:
    """Rows to import. `chunks` can be read once; `details` says how the file was understood."""

    layout: Layout
    chunks: Iterator[Chunk]
    details: dict[str, str] = field(default_factory=dict)
    decimal_comma: bool = False


def select_columns(layout: Layout, rows: Sequence[Sequence[Cell]]) -> dict[str, Sequence[Cell]]:
    """Turn rows, all as wide as the header, into the wanted columns."""
    if not rows:
        return dict.fromkeys(layout.positions, ())
    cells = list(zip(*rows, strict=True))
    return {name: cells[place] for name, place in layout.positions.items()}
