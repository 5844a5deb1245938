"""Icons: masks of `assets/20-icons.css`, so that they take the colour of the text beside them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def icon(name: str, *, identity: str | None = None) -> Component:
    """An icon that says nothing by itself: the text or label beside it does."""
    named = {"id": identity} if identity else {}
    return html.Span(className=f"icon icon-{name}", **{"aria-hidden": "true"}, **named)
