"""Which columns a kind of file has, and how they are found under the names that files give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from siprems_backend.errors import Invalid
from siprems_backend.services.imports.values import Parse


class FileRefused(Invalid):
    """A file that cannot be imported as a whole; nothing of it was."""

    code = "file_refused"


class ColumnsMissing(FileRefused):
    """A file without the columns of its kind: often one of another kind."""


@dataclass(frozen=True)
class Column:
    """One column: its name, the other names it is known by, and what its cells mean."""

    name: str
    parse: Parse
    aliases: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Layout:
    """Where the columns of a kind stand in one file: name -> position; and what nobody asked for."""

    positions: dict[str, int]
    ignored: tuple[str, ...]
    width: int


def find_columns(header: Sequence[str], columns: Sequence[Column]) -> Layout:
    """Match a header with the columns of a kind, ignoring case, blanks and hyphens.

    Raises:
        ColumnsMissing: a required column is missing, or all are.
        FileRefused: two columns have the same name.
    """
    names = [_normal(name) for name in header]
    positions: dict[str, int] = {}
    for column in columns:
        found = next((name for name in (column.name, *column.aliases) if name in names), None)
        if found is None:
            continue
        if names.count(found) > 1:
            raise FileRefused(f"The column '{found}' occurs twice; keep one of the two.")
        positions[column.name] = names.index(found)
    _require(columns, positions, header)
    if not positions:
        raise ColumnsMissing(f"The file has none of the columns it might have; {_named(header)}.")
    used = set(positions.values())
    ignored = tuple(str(name)[:100] for place, name in enumerate(header) if place not in used and name)
    return Layout(positions, ignored, len(header))


def recognised(header: Sequence[str], columns: Sequence[Column]) -> int:
    """How many of the header's names belong to the kind: tells the right separator from the wrong ones."""
    known = {name for column in columns for name in (column.name, *column.aliases)}
    return sum(_normal(name) in known for name in header)


def _require(columns: Sequence[Column], positions: dict[str, int], header: Sequence[str]) -> None:
    missing = [column for column in columns if column.required and column.name not in positions]
    if not missing:
        return
    wanted = ("column " if len(missing) == 1 else "columns ") + ", ".join(f"'{c.name}'" for c in missing)
    raise ColumnsMissing(
        f"The file has no {wanted}; {_named(header)}.",
        fields={column.name: ["This column is required."] for column in missing},
    )


def _named(header: Sequence[str]) -> str:
    return "its first line names: " + (", ".join(str(name)[:40] for name in header[:20]) or "nothing")


def _normal(name: str) -> str:
    return "_".join(str(name).strip().strip("\ufeff").lower().replace("-", " ").split())
