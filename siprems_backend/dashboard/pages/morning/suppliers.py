"""What to order today from whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import money, say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.paths import path_to

SHOWN = 3


def layout(day: Mapping[str, Any]) -> Component | None:
    """The suppliers with most to order, each with the way to its lines."""
    if not day["by_supplier"]:
        return None
    rows = [_row(each) for each in day["by_supplier"][:SHOWN]]
    more = dmc.Anchor(say("morning.see_plan"), href=path_to("plan"), size="sm")
    return section(say("morning.by_supplier"), html.Ul(rows, className="plain-list pairs"), action=more)


def _row(each: Mapping[str, Any]) -> Component:
    name = each["supplier"]
    place = path_to("plan", supplier=name) if name else path_to("plan")
    words = [
        dmc.Anchor(name or say("plan.no_supplier"), href=place, size="sm", c="inherit", fw=550),
        dmc.Text(say("morning.lines", count=each["lines"]), size="xs", c="dimmed"),
    ]
    return html.Li([html.Div(words), html.B(money(each["value"]))])
