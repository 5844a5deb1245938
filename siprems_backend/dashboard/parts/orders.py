"""How orders look wherever they are shown."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.language import say

COLORS = {
    "draft": "gray",
    "sent": "blue",
    "partly_received": "yellow",
    "received": "teal",
    "cancelled": "gray",
}


def order_badge(status: str) -> Component:
    """The state of an order."""
    return dmc.Badge(say(f"order.status.{status}"), color=COLORS.get(status, "gray"))
