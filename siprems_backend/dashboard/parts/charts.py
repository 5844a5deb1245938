"""Charts, drawn by Mantine's from plain data; both schemes share them, for style sheets have the colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

Row = Mapping[str, Any]


def function(name: str, **options: Any) -> dict[str, Any]:
    """A function of `assets/charts.js` as a property of a chart."""
    return {"function": name, "options": options} if options else {"function": name}


def chart(
    data: Sequence[Row],
    series: Sequence[Mapping[str, Any]],
    *,
    label: str,
    names: Mapping[str, str],
    height: int = 320,
    lines: Sequence[Mapping[str, Any]] = (),
    **options: Any,
) -> Component:
    """A chart over dates: rows have `date` (ISO) and a value, or a pair of bounds, for each series.

    `names` are the series' names for people, in the order in which the tooltip shows them; `label` says in a
    sentence what the chart shows, for those who do not see it.
    """
    drawn = dmc.CompositeChart(
        data=list(data),
        dataKey="date",
        series=list(series),
        h=height,
        withDots=False,
        withLegend=False,
        curveType="linear",
        gridAxis="x",
        strokeWidth=2,
        tickLine="none",
        referenceLines=list(lines),
        xAxisProps={"tickFormatter": function("shortDate"), "minTickGap": 44},
        yAxisProps={"width": 44, "tickFormatter": function("shortNumber")},
        tooltipProps={"content": function("dateTooltip", names=dict(names))},
        composedChartProps={"margin": {"top": 24, "right": 8, "left": 0, "bottom": 0}},
        **options,
    )
    return html.Figure([drawn, html.Figcaption(label, className="unseen")], className="chart")


def legend(*entries: tuple[str, str]) -> Component:
    """What the colours mean: (name of a style, words)."""
    items = [
        html.Span(
            [html.Span(className=f"key key-{style}", **{"aria-hidden": "true"}), words],
            className="legend-item",
        )
        for style, words in entries
    ]
    return html.Div(items, className="legend")
