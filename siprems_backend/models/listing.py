"""Sorted pages of a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from siprems_backend.utils.pagination import PageRequest

Sortable = Mapping[str, InstrumentedAttribute[Any]]


def ordering(sort: str, sortable: Sortable, tie: InstrumentedAttribute[Any]) -> list[ColumnElement[Any]]:
    """ORDER BY for `name` or `-name`; unknown values come last and `tie` makes the order total."""
    column = sortable[sort.removeprefix("-")]
    if sort.startswith("-"):
        return [column.desc().nulls_last(), tie.desc()]
    return [column.asc().nulls_last(), tie.asc()]


def fetch_page(
    session: Session,
    matching: Select[*tuple[Any, ...]],
    order: list[ColumnElement[Any]],
    request: PageRequest,
) -> tuple[list[Any], int]:
    """Rows of one page, and how many there are on all pages."""
    total = session.execute(select(func.count()).select_from(matching.order_by(None).subquery())).scalar_one()
    page = matching.order_by(*order).offset(request.offset).limit(request.page_size)
    return list(session.execute(page).all()), total
