"""Counters such as 3/5."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount


def counter(done: Any, total: Any, label: str) -> Component:
    """How many of how many, in large figures; empty while that is not known."""
    known = bool(done and total)
    words = f"{amount(done)}/{amount(total)}" if known else ""
    return html.Span(
        [html.Span(f"{label}: ", className="unseen") if known else None, words], className="node-counter"
    )
