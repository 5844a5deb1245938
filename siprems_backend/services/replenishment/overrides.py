"""What people make of proposals: how often they change them, which way and how far."""

from __future__ import annotations

import datetime as dt
from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import override_queries
from siprems_backend.models.override_queries import Grouping
from siprems_backend.utils.pagination import Page, PageRequest

# Fewer say nothing about a habit; and whoever changes a third of them by a tenth has one.
ENOUGH = 5
OFTEN, FAR = 1 / 3, 0.1


def listing(
    request: PageRequest,
    grouping: Grouping,
    *,
    since: dt.date | None = None,
    sku: str | None = None,
) -> Page[dict[str, Any]]:
    """Summaries by product or user, those with most changes first, each with what it suggests."""
    with database.reading() as session:
        found = override_queries.page(session, request, grouping, since=since, sku=sku)
    items = [_shown(row._asdict(), grouping) for row in found.items]
    return Page(items, found.page, found.page_size, found.total)


def _shown(row: dict[str, Any], grouping: Grouping) -> dict[str, Any]:
    key, name = row.pop("key"), row.pop("name")
    who = {"sku": key, "name": name} if grouping == "product" else {"user_id": key, "email": name}
    figures = {
        name: None if row[name] is None else round(float(row[name]), 4)
        for name in ("mean_ratio", "mean_change", "ratio_of_sums")
    }
    share = row["changed"] / row["proposals"]
    return {**who, **row, **figures, "share_changed": round(share, 4), "hint": _hint(row, figures, share)}


def _hint(row: dict[str, Any], figures: dict[str, float | None], share: float) -> str | None:
    """What a habit says of the plan; None without one."""
    ratio = figures["ratio_of_sums"]
    if row["proposals"] < ENOUGH or share < OFTEN or ratio is None or abs(ratio - 1) < FAR:
        return None
    way = "more" if ratio > 1 else "less"
    return (
        f"{row['changed']} of {row['proposals']} proposals were changed, to {abs(ratio - 1):.0%} {way}: "
        "look at lead time, service level, pack size and minimum, or tell the plan of promotions and events."
    )
