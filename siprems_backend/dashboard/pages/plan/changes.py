"""What somebody typed over the plan. The tab keeps it until the order is made, the plan's day is over, or
somebody else signs in there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dash import dcc

from siprems_backend.dashboard.caller import caller

CHANGES = "plan-changes"
# By SKU: the quantity and the reason, as far as they were typed.
Changes = Mapping[str, Mapping[str, Any]]


def store() -> dcc.Store:
    """Where the tab keeps them."""
    return dcc.Store(id=CHANGES, data={}, storage_type="session")


def mine(changes: Changes | None, sku: str, day: dt.date) -> Mapping[str, Any]:
    """What the caller typed over this line of the plan of a day."""
    found = (changes or {}).get(sku, {})
    return found if found.get("mark") == _mark(day) else {}


def marked(change: Mapping[str, Any], day: dt.date) -> dict[str, Any]:
    """A change that is the caller's, for the plan of a day."""
    return {**change, "mark": _mark(day)}


def _mark(day: dt.date) -> str:
    return f"{day} {caller().user_id}"
