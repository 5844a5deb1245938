"""What is known of a table's columns before anything has run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Columns:
    """The `names` that may be there, those surely `gone`, and whether there may be others (`is_open`)."""

    names: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    is_open: bool = True

    @classmethod
    def exactly(cls, names: Iterable[str]) -> Columns:
        """Return the knowledge of a table that has these columns and no others."""
        return cls(frozenset(names), frozenset(), is_open=False)

    def lacks(self, name: str) -> bool:
        """Return whether the column is surely missing."""
        return name not in self.names and (not self.is_open or name in self.gone)

    def add(self, names: Iterable[str]) -> Columns:
        """Return the knowledge after columns came in."""
        names = frozenset(names)
        return Columns(self.names | names, self.gone - names, self.is_open)

    def drop(self, names: Iterable[str]) -> Columns:
        """Return the knowledge after columns went."""
        names = frozenset(names)
        return Columns(self.names - names, self.gone | names, self.is_open)

    def opened(self) -> Columns:
        """Return the knowledge after columns came in whose names only the data tell."""
        return Columns(self.names, self.gone, is_open=True)
