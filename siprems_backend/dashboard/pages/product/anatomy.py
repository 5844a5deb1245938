"""What the forecast is made of."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, percent, say
from siprems_backend.dashboard.language.formats import weekday_names
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.errors import NotFound
from siprems_backend.services import stored_forecasts


def layout(sku: str) -> Component | None:
    """Level, trend, weekdays, season, promotions, events; and which engines it is blended from."""
    try:
        found = stored_forecasts.components(sku)
    except NotFound:
        return None
    factors = [*_weekdays(found), *_effects(found)]
    facts = [
        (say("product.anatomy.level"), amount(found["level"])),
        (say("product.anatomy.trend"), _trend(found["trend_percent"])),
        *(
            (name, percent(share))
            for name, share in sorted(found["shares"].items(), key=lambda pair: -pair[1])
        ),
    ]
    summary = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")
    return section(say("product.anatomy.title"), summary, html.Div(factors, className="factors"))


def _trend(value: float | None) -> str:
    return "–" if value is None else f"{'+' if value > 0 else ''}{amount(value, 1)} %"


def _weekdays(found: dict[str, Any]) -> list[Component]:
    factors = found["weekday_factors"]
    if not factors:
        return []
    return [_factor(*pair) for pair in zip(weekday_names(), factors.values(), strict=True)]


def _effects(found: dict[str, Any]) -> list[Component]:
    names = ("season", "promotion", "event")
    effects = [(name, found[f"{name}_factor"]) for name in names]
    return [_factor(say(f"product.anatomy.{name}"), value) for name, value in effects if value]


def _factor(name: str, value: float) -> Component:
    """A bar from the middle: to the right for more than usual, to the left for less."""
    length = min(abs(value - 1), 1) * 50
    style = {"width": f"{length:.1f}%", "left": "50%" if value >= 1 else f"{50 - length:.1f}%"}
    bar = html.Span(html.Span(style=style, className="" if value >= 1 else "less"), className="factor-track")
    return html.Div([dmc.Text(name, size="sm"), bar, html.B(f"× {amount(value, 2)}")], className="factor")
