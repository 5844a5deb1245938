"""How orders look wherever they are shown."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import say


def order_badge(status: str) -> Component:
    """The state of an order."""
    return html.Span(say(f"order.status.{status}"), className=f"state {status}")
