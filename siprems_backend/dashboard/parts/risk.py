"""The chance of running out, in words and as a bar."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import percent
from siprems_backend.services.stock_outlook import HIGH, LOW


def risk_level(risk: float | None) -> str:
    """`high`, `medium` or `low`; `unknown` without a forecast."""
    if risk is None:
        return "unknown"
    return "high" if risk >= HIGH else "medium" if risk >= LOW else "low"


def risk_text(risk: float | None) -> str:
    """The chance, not more exact than is known."""
    if risk is None:
        return "–"
    return f"> {percent(0.97)}" if risk > 0.97 else f"< {percent(0.03)}" if risk < 0.03 else percent(risk)


def risk_bar(risk: float | None) -> Component:
    """The same as a bar with its number."""
    filled = html.Span(style={"width": f"{100 * (risk or 0):.0f}%"})
    return html.Div(
        [
            html.Span(filled, className="risk-track", **{"aria-hidden": "true"}),
            html.Span(risk_text(risk), className="risk-text"),
        ],
        className=f"risk {risk_level(risk)}",
    )
