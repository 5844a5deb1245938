"""Small pictures of numbers without a chart's weight: bars, histograms, tables of shades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount


def histogram(counts: Sequence[int], edges: Sequence[float], label: str) -> Component:
    """Bars of how many values lie where; least and greatest stand below."""
    most = max(counts, default=0) or 1
    bars = [
        html.Span(
            style={"height": f"{100 * count / most:.1f}%"},
            title=f"{amount(low)} – {amount(high)}: {amount(count)}",
        )
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
    ]
    ends = [html.Span(amount(edges[0])), html.Span(amount(edges[-1]))] if edges else []
    return html.Div(
        [
            html.Div(bars, className="histogram", role="img", **{"aria-label": label}),
            html.Div(ends, className="histogram-ends"),
        ]
    )


def shares(entries: Sequence[tuple[str, float, str]]) -> Component:
    """A bar for each entry (name, value, value in words), the longest of which fills the line."""
    most = max((abs(value) for _, value, _ in entries), default=0) or 1
    rows = [
        html.Li(
            [
                html.Span(name, className="share-name", title=name),
                html.Span(
                    html.Span(
                        style={"width": f"{100 * abs(value) / most:.1f}%"},
                        className="less" if value < 0 else "",
                    ),
                    className="share-track",
                ),
                html.Span(words, className="share-value"),
            ]
        )
        for name, value, words in entries
    ]
    return html.Ul(rows, className="shares")


def shaded(
    heads: Sequence[str],
    rows: Sequence[tuple[str, Sequence[float | None]]],
    words: Any,
    *,
    corner: str,
    label: str,
) -> Component:
    """A table whose cells are the darker the further from 0; `words` writes a value."""
    known = [abs(value) for _, values in rows for value in values if value is not None]
    most = max(known, default=0) or 1
    head = html.Tr(
        [html.Th(corner) if corner else html.Td(), *[html.Th(text, scope="col") for text in heads]]
    )
    body = [
        html.Tr([html.Th(name, scope="row"), *[_cell(value, most, words) for value in values]])
        for name, values in rows
    ]
    made = html.Table([html.Thead(head), html.Tbody(body)], className="shaded", **{"aria-label": label})
    return html.Div(made, className="scroll", tabIndex=0, role="group", **{"aria-label": label})


def _cell(value: float | None, most: float, words: Any) -> Component:
    if not value:
        return html.Td("–" if value is None else words(value), className="nothing")
    strength = 42 * abs(value) / most
    color = "var(--warn)" if value < 0 else "var(--accent)"
    return html.Td(
        words(value), style={"background": f"color-mix(in srgb, {color} {strength:.0f}%, transparent)"}
    )
