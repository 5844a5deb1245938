"""Pages of long lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
LARGEST_PAGE = 200


@dataclass(frozen=True)
class PageRequest:
    """Which page is wanted: `page` counts from 1."""

    page: int = 1
    page_size: int = 50

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.page_size


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list, and how long the whole list is."""

    items: Sequence[Item]
    page: int
    page_size: int
    total: int
