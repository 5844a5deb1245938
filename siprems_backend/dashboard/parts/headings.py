"""Headings of pages and of their sections."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.parts.icons import icon


def heading(
    title: str, lead: Any = None, *actions: Component, back: tuple[str, str] | None = None
) -> Component:
    """The heading of a page: what it is, a line about it, and what can be done at once.

    `back` is the (words, address) of the page above.
    """
    above = dmc.Anchor([icon("back"), back[0]], href=back[1], className="back", size="sm") if back else None
    words = [above, dmc.Title(title, order=1), dmc.Text(lead, c="dimmed", size="sm") if lead else None]
    return dmc.Group(
        [html.Div(words, className="heading-words"), dmc.Group(list(actions), gap="xs") if actions else None],
        justify="space-between",
        align="flex-end",
        className="heading",
    )


def section(
    title: Any, *content: Any, action: Any = None, lead: str | None = None, **options: Any
) -> Component:
    """A titled box."""
    head = dmc.Group([dmc.Title(title, order=2, className="section-title"), action], justify="space-between")
    words = dmc.Text(lead, c="dimmed", size="sm") if lead else None
    return dmc.Paper([head, words, *content], className="section", **options)


def panel(identity: str) -> dict[str, str]:
    """Attributes of tabs whose content stands in this element; `assets/accessible.js` tells its readers."""
    return {"data-panel": identity}
