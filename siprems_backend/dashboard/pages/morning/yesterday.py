"""Yesterday's forecast against what sold."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, day, percent, say
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services.accuracy import views

DAYS = 14
WORST = 2


def lately() -> dict[str, Any]:
    """The shop's figures of the last days, and the products to look at."""
    return views.overview(DAYS, WORST)


def figure_of_day(found: dict[str, Any]) -> Component:
    """How near the forecast of the last day was."""
    if not found["timeline"]:
        return figure(say("morning.yesterday"), "–", say("morning.no_figures"))
    last = found["timeline"][-1]
    near = None if last.wape is None else max(0.0, 1 - last.wape)
    lean = _lean(last.bias)
    return figure(say("morning.yesterday"), percent(near), f"{day(last.date)}{': ' if lean else ''}{lean}")


def _lean(bias: float | None) -> str:
    if bias is None:
        return ""
    which = "too_much" if bias > 0 else "too_little"
    return say(f"morning.{which}", share=percent(abs(bias)))


def layout(found: dict[str, Any]) -> Component | None:
    """The products whose forecasts were furthest off lately."""
    if not found["worst"]:
        return None
    rows = [_row(each) for each in found["worst"]]
    return section(say("morning.furthest_off"), html.Ul(rows, className="plain-list"))


def _row(each: Any) -> Component:
    figures = each["figures"]
    name = dmc.Anchor(each["name"], href=path_to("products", each["sku"]), size="sm", c="inherit", fw=550)
    words = say(
        "morning.off_by", units=amount(round(figures.absolute_error)), sold=amount(round(figures.units))
    )
    return html.Li([name, dmc.Text(words, size="sm", c="dimmed")])
