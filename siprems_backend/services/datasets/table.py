"""A file opened for reading: typed columns, and rows in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from siprems_backend.services.imports.columns import FileRefused
from siprems_backend.utils.single_line import single_line

MOST_COLUMNS = 2000
LONGEST_COLUMN_NAME = 200


@dataclass(frozen=True)
class Table:
    """Rows to keep: an Arrow schema, and Arrow batches of it, each with the part of the file read so far.

    `batches` can be read once.
    """

    schema: Any
    batches: Iterator[tuple[Any, float]]


def column_names(header: Sequence[str]) -> list[str]:
    """Names of the columns of a file, blanks at their ends removed; `column_3` for the third if it has none.

    Raises:
        FileRefused: no column, too many, two of one name, or a name that is no line of text.
    """
    if not header:
        raise FileRefused("The file has no columns; its first row must name them.")
    if len(header) > MOST_COLUMNS:
        raise FileRefused(f"The file has {len(header):,} columns; up to {MOST_COLUMNS:,} can be kept.")
    names = [_name(text, place) for place, text in enumerate(header, start=1)]
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name in seen:
            raise FileRefused(
                f"The columns {seen[name]} and {place} are both named '{name}'; rename one of them."
            )
        seen[name] = place
    return names


def _name(text: str, place: int) -> str:
    try:
        return single_line(text, LONGEST_COLUMN_NAME) or f"column_{place}"
    except ValueError as error:
        raise FileRefused(f"The name of column {place} cannot be used: {error}") from None
