"""How good the forecasts of a product were."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import day, percent, say
from siprems_backend.dashboard.parts.charts import chart, legend
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.services.accuracy import views

DAYS = 90


def layout(sku: str) -> Component:
    """Forecasts of the last days beside what sold, and their figures."""
    found = views.product(sku, DAYS)
    points = [point for point in found["timeline"] if point["counts"]]
    if not points:
        return section(
            say("product.accuracy.title"),
            empty("chart", say("product.accuracy.none"), say("product.accuracy.none_advice")),
        )
    rows = [
        {
            "date": point["date"].isoformat(),
            "actual": point["actual"],
            "forecast": point["forecast"],
            "band80": [point["lower_80"], point["upper_80"]],
        }
        for point in points
    ]
    names = {name: say(f"product.accuracy.{name}") for name in ("actual", "forecast", "band80")}
    series = [
        {"name": "band80", "type": "area", "color": "var(--band-80)"},
        {"name": "actual", "type": "line", "color": "var(--actual)"},
        {"name": "forecast", "type": "line", "color": "var(--forecast)"},
    ]
    drawn = chart(rows, series, label=say("product.accuracy.words"), names=names, height=220)
    keys = legend(("actual", names["actual"]), ("forecast", names["forecast"]), ("band-80", names["band80"]))
    return section(
        say("product.accuracy.title"), _drift(found["drift"]), _figures(found["figures"]), drawn, keys
    )


def _figures(figures: Any) -> Component | None:
    if figures is None:
        return None
    facts = {
        "wape": figures.wape,
        "bias": figures.bias,
        "coverage80": figures.coverage80,
        "coverage95": figures.coverage95,
    }
    cells = [
        html.Div([html.Dt(say(f"product.accuracy.{name}")), html.Dd(percent(value))])
        for name, value in facts.items()
    ]
    return html.Dl(cells, className="facts")


def _drift(drift: Any) -> Component | None:
    if not drift or not drift["drifted"]:
        return None
    words = say(f"product.accuracy.drift_{drift['sales_are'] or 'above'}", since=day(drift["since"]))
    return dmc.Alert(words, color="yellow")
