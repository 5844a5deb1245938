"""How long the stock lasts, and what to order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.language import counted, date_words, day, money, say
from siprems_backend.dashboard.pages.plan.why import why
from siprems_backend.dashboard.pages.product.outlook import Outlook
from siprems_backend.dashboard.parts.charts import chart, legend
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services.replenishment import views
from siprems_backend.utils.pagination import PageRequest


@dataclass(frozen=True)
class Projection:
    """Stock day by day: as expected, and between what is likely at most and at least sold.

    With an order proposed, rows on which it would have come have `ordered`, the stock as expected with it.
    """

    rows: list[dict[str, Any]]
    runs_out: dt.date | None
    runs_out_early: dt.date | None


def project(outlook: Outlook, line: Any = None) -> Projection:
    """The stock at the end of each period without deliveries, and with the order of a line of the plan."""
    stock = float(outlook.product.stock)
    points = outlook.ahead
    expected = _left(stock, [point["predicted"] for point in points])
    least = _left(stock, [_quantile(point, "0.9", "upper") for point in points])
    most = _left(stock, [_quantile(point, "0.1", "lower") for point in points])
    rows = [
        {"date": point["date"], "stock": mid, "band80": [low, high]}
        for point, mid, low, high in zip(points, expected, least, most, strict=True)
    ]
    if line is not None and line.recommended:
        for row, level in zip(rows, _with_order(stock, points, line), strict=True):
            row["ordered"] = level
    return Projection(rows, _first_empty(rows, "stock"), _first_empty(rows, "band80"))


def _left(stock: float, sold: list[float]) -> list[float]:
    return [round(max(0.0, stock - gone), 4) for gone in accumulate(sold)]


def _with_order(stock: float, points: list[dict[str, Any]], line: Any) -> list[float]:
    """The same where the order, and what is on its way by then, comes on the day that the plan says."""
    levels, coming = [], line.recommended + line.on_order
    for point in points:
        if coming and point["date"] >= line.arrives_on.isoformat():
            stock, coming = stock + coming, 0.0
        stock = max(0.0, stock - point["predicted"])
        levels.append(round(stock, 4))
    return levels


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
    found = views.page(PageRequest(1, 1), skus=[outlook.product.sku])
    line = found.items[0] if found.items else None
    projection = project(outlook, line)
    series = [
        {"name": "band80", "type": "area", "color": "var(--band-80)"},
        {"name": "stock", "type": "line", "color": "var(--forecast)"},
    ]
    names = {"stock": say("product.stock.expected"), "band80": say("product.stock.likely")}
    keys = [("forecast", names["stock"]), ("band-80", names["band80"])]
    if line is not None and line.recommended:
        series.append(
            {"name": "ordered", "type": "line", "color": "var(--what-if)", "strokeDasharray": "6 4"}
        )
        names["ordered"] = say("product.stock.with_order")
        keys.append(("what-if", names["ordered"]))
    drawn = chart(projection.rows, series, label=in_words(projection), names=names, height=220)
    return section(
        say("product.stock.title"),
        dmc.Text(in_words(projection), size="sm"),
        drawn,
        legend(*keys),
        proposal(line, found.plan_date),
    )


def in_words(projection: Projection) -> str:
    """When the stock ends."""
    if projection.runs_out is not None:
        return say("product.stock.runs_out", date=date_words(projection.runs_out))
    if projection.runs_out_early is not None:
        return say("product.stock.may_run_out", date=date_words(projection.runs_out_early))
    return say("product.stock.lasts", days=len(projection.rows))


def proposal(line: Any, today: dt.date) -> Component:
    """What the plan says of it, and the way there."""
    if line is None:
        return dmc.Text(say("product.stock.not_planned"), size="sm", c="dimmed")
    reason = why(line, today)
    if not line.recommended:
        return dmc.Text(reason, size="sm", c="dimmed")
    more = [money(line.value), line.supplier, say("product.stock.arrives", date=day(line.arrives_on))]
    title = say("product.stock.order", units=counted(line.recommended, line.unit))
    return dmc.Alert(
        [
            dmc.Text(reason, size="sm"),
            dmc.Text(" · ".join(part for part in more if part), size="sm", mt=4, className="quiet"),
            dmc.Anchor(
                say("product.stock.to_plan"), href=path_to("plan", search=line.sku), size="sm", fw=550
            ),
        ],
        title=title,
        color="teal",
        variant="light",
    )
