"""Single numbers that matter."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component


def figure(name: str, value: str, more: Any = None, *, color: str | None = None) -> Component:
    """A number with its name above and a word about it below, which `color` may make stand out."""
    note = dmc.Text(more, size="sm", c=color or "dimmed") if more is not None else None
    return dmc.Paper(
        [dmc.Text(name, size="sm", c="dimmed"), html.Div(value, className="stat-value"), note],
        className="figure",
        px="md",
        py="sm",
    )
