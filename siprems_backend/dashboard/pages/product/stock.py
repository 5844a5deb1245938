"""How long the stock lasts, and what to order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.language import date_words, say
from siprems_backend.dashboard.pages.product.outlook import Outlook
from siprems_backend.dashboard.parts.charts import chart, legend
from siprems_backend.dashboard.parts.headings import section


@dataclass(frozen=True)
class Projection:
    """Stock day by day: as expected, and between what is likely at most and at least sold."""

    rows: list[dict[str, Any]]
    runs_out: dt.date | None
    runs_out_early: dt.date | None


def project(outlook: Outlook) -> Projection:
    """The stock at the end of each period, if nothing is delivered."""
    stock = float(outlook.product.stock)
    points = outlook.ahead
    expected = _left(stock, [point["predicted"] for point in points])
    least = _left(stock, [_quantile(point, "0.9", "upper") for point in points])
    most = _left(stock, [_quantile(point, "0.1", "lower") for point in points])
    rows = [
        {"date": point["date"], "stock": mid, "band80": [low, high]}
        for point, mid, low, high in zip(points, expected, least, most, strict=True)
    ]
    return Projection(rows, _first_empty(rows, "stock"), _first_empty(rows, "band80"))


def _left(stock: float, sold: list[float]) -> list[float]:
    return [round(max(0.0, stock - gone), 4) for gone in accumulate(sold)]


def _quantile(point: dict[str, Any], level: str, otherwise: str) -> float:
    known = point.get("quantiles")
    return float(known[level] if known else point[otherwise])


def _first_empty(rows: list[dict[str, Any]], name: str) -> dt.date | None:
    for row in rows:
        left = row[name][0] if isinstance(row[name], list) else row[name]
        if left <= 0:
            return dt.date.fromisoformat(row["date"])
    return None


def layout(outlook: Outlook) -> Component:
    """The chart, the date and the proposal."""
    projection = project(outlook)
    series = [
        {"name": "band80", "type": "area", "color": "var(--band-80)"},
        {"name": "stock", "type": "line", "color": "var(--forecast)"},
    ]
    names = {"stock": say("product.stock.expected"), "band80": say("product.stock.likely")}
    drawn = chart(projection.rows, series, label=in_words(projection), names=names, height=220)
    keys = legend(("forecast", names["stock"]), ("band-80", names["band80"]))
    return section(
        say("product.stock.title"), dmc.Text(in_words(projection), size="sm"), drawn, keys, proposal(outlook)
    )


def in_words(projection: Projection) -> str:
    """When the stock ends."""
    if projection.runs_out is not None:
        return say("product.stock.runs_out", date=date_words(projection.runs_out))
    if projection.runs_out_early is not None:
        return say("product.stock.may_run_out", date=date_words(projection.runs_out_early))
    return say("product.stock.lasts", days=len(projection.rows))


def proposal(outlook: Outlook) -> Component:
    """What the plan says to order, and why in its own words."""
    found = outlook.made["recommendations"][0] if outlook.made else {}
    units, reason = found.get("recommendedRestock"), found.get("reason")
    if not units:
        return dmc.Text([say("product.stock.order_nothing"), " ", reason], size="sm", c="dimmed")
    title = say("product.stock.order", units=round(units, 2), unit=outlook.product.unit)
    return dmc.Alert(reason, title=title, color="teal", variant="light")
