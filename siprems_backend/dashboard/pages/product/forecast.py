"""Sales and forecast on one chart, with what is likely, and what a promotion would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, money, percent, say
from siprems_backend.dashboard.pages.product.outlook import DAYS_AHEAD, DAYS_BACK, Outlook, load
from siprems_backend.dashboard.parts.charts import chart, legend
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.errors import Invalid
from siprems_backend.services import what_if

AHEAD = (14, 28, 90, 365)
BACK = (60, 120, 365)
# Names of the bands and the levels of their bounds.
BANDS = {"band95": ("0.025", "0.975"), "band80": ("0.1", "0.9"), "band50": ("0.25", "0.75")}
SERIES = (
    {"name": "promo", "type": "bar", "color": "var(--promo)", "yAxisId": "right"},
    {"name": "band95", "type": "area", "color": "var(--band-95)"},
    {"name": "band80", "type": "area", "color": "var(--band-80)"},
    {"name": "band50", "type": "area", "color": "var(--band-50)"},
    {"name": "sold", "type": "line", "color": "var(--sold)"},
    {"name": "forecast", "type": "line", "color": "var(--forecast)"},
)
WHAT_IF = {"name": "what_if", "type": "line", "color": "var(--what-if)", "strokeDasharray": "5 4"}


def layout(outlook: Outlook) -> Component:
    """The chart and its controls."""
    return section(
        say("product.forecast"),
        html.Div(_chart(outlook, None), id="product-chart"),
        _legend(),
        _what_if(outlook),
        action=_range(),
        lead=outlook.made["engine_reason"] if outlook.made else None,
    )


def _range() -> Component:
    def choice(name: str, days: Sequence[int], chosen: int) -> Component:
        data = [{"value": str(each), "label": say(f"product.{name}_days", count=each)} for each in days]
        return dmc.Select(
            id=f"product-{name}",
            data=data,
            value=str(chosen),
            allowDeselect=False,
            size="xs",
            w=150,
            **{"aria-label": say(f"product.{name}")},
        )

    return dmc.Group([choice("back", BACK, DAYS_BACK), choice("ahead", AHEAD, DAYS_AHEAD)], gap="xs")


def _legend() -> Component:
    entries = (
        ("sold", "sold"),
        ("forecast", "forecast"),
        ("band-50", "band50"),
        ("band-80", "band80"),
        ("band-95", "band95"),
        ("promo", "promo"),
        ("event", "event"),
    )
    return legend(*((style, say(f"product.legend.{name}")) for style, name in entries))


def _chart(outlook: Outlook, scenario: Sequence[float] | None) -> Component:
    names = {
        name: say(f"product.legend.{name}") for name in ("sold", "forecast", "what_if", *reversed(BANDS))
    }
    rows = [_row(point, outlook) for point in [*outlook.past, *outlook.ahead]]
    if scenario is not None:
        for row, units in zip(rows[len(outlook.past) :], scenario, strict=True):
            row["what_if"] = round(units, 4)
    if outlook.past and outlook.ahead:
        # The line of the forecast begins where that of the sales ends.
        last = rows[len(outlook.past) - 1]
        last["forecast"] = last["sold"]
    return chart(
        rows,
        [*SERIES, *([WHAT_IF] if scenario is not None else [])],
        label=_in_words(outlook),
        names=names,
        height=360,
        lines=_events(outlook),
        withRightYAxis=True,
        rightYAxisProps={"hide": True, "domain": [0, 1]},
        barProps={"barSize": 26, "isAnimationActive": False},
        maxBarWidth=26,
    )


def _row(point: Mapping[str, Any], outlook: Outlook) -> dict[str, Any]:
    plan = outlook.promoted_on(point["date"])
    notes = [note for note in (point["holidayName"], plan) if note]
    row: dict[str, Any] = {"date": point["date"], "notes": notes, "promo": 1 if plan else None}
    if point["predicted"] is None:
        return {**row, "sold": point["historical"]}
    return {**row, "forecast": point["predicted"], **_bands(point)}


def _bands(point: Mapping[str, Any]) -> dict[str, list[float]]:
    """Pairs of bounds; a forecast without quantiles has its own two."""
    known = point.get("quantiles")
    if not known:
        return {"band80": [point["lower"], point["upper"]]}
    return {name: [round(known[low], 4), round(known[high], 4)] for name, (low, high) in BANDS.items()}


def _events(outlook: Outlook) -> list[dict[str, Any]]:
    points = [*outlook.past, *outlook.ahead]
    return [{"x": point["date"], "color": "var(--event)"} for point in points if point["isHoliday"]]


def _in_words(outlook: Outlook) -> str:
    total = sum(point["predicted"] for point in outlook.ahead)
    return say("product.chart_words", name=outlook.product.name, days=len(outlook.ahead), total=amount(total))


def _what_if(outlook: Outlook) -> Component:
    first, last = (outlook.ahead[0]["date"], outlook.ahead[-1]["date"]) if outlook.ahead else (None, None)
    days = dmc.DatePickerInput(
        id="what-if-days",
        type="range",
        label=say("product.what_if.days"),
        placeholder=say("product.what_if.choose"),
        minDate=first,
        maxDate=last,
        clearable=True,
        valueFormat="D MMM YYYY",
        w={"base": "100%", "xs": 260},
    )
    price = dmc.NumberInput(
        id="what-if-price",
        label=say("product.what_if.price"),
        value=float(outlook.product.price) if outlook.product.price is not None else None,
        min=0,
        decimalScale=2,
        w={"base": "100%", "xs": 160},
    )
    answer = html.Div(id="what-if-answer", className="what-if-answer", **{"aria-live": "polite"})
    return html.Div(
        [
            dmc.Title(say("product.what_if.title"), order=3, className="subtitle"),
            dmc.Group([days, price, answer], align="flex-end", gap="md"),
        ],
        className="what-if",
    )


def register(callbacks: Callbacks) -> None:
    """Another range, and what-if."""

    @callbacks.on(
        Output("product-chart", "children"),
        Output("what-if-answer", "children"),
        Input("product-back", "value"),
        Input("product-ahead", "value"),
        Input("what-if-days", "value"),
        Input("what-if-price", "value"),
        State("product-sku", "data"),
        prevent_initial_call=True,
    )
    def draw(back: str, ahead: str, days: list[str | None] | None, price: float | None, sku: str) -> Any:
        outlook = load(sku, _one_of(ahead, AHEAD), _one_of(back, BACK))
        chosen = _days_between(days)
        if not chosen:
            return _chart(outlook, None), None
        found = _scenario(outlook, chosen)
        return _chart(outlook, found.units), _answer(outlook, found, price)


def _one_of(text: str, allowed: Sequence[int]) -> int:
    if str(text) not in map(str, allowed):
        problem = f"Choose one of: {', '.join(map(str, allowed))}."
        raise Invalid(problem)
    return int(text)


def _days_between(chosen: list[str | None] | None) -> list[dt.date]:
    if not chosen or len(chosen) != 2 or not all(chosen):
        return []
    first, last = (dt.date.fromisoformat(str(day)[:10]) for day in chosen)
    return [first + dt.timedelta(days=place) for place in range(min((last - first).days + 1, max(AHEAD)))]


def _scenario(outlook: Outlook, on: Sequence[dt.date]) -> what_if.WhatIf:
    dates = [dt.date.fromisoformat(point["date"]) for point in outlook.ahead]
    planned = {date for date in dates if outlook.promoted_on(date.isoformat())}
    units = [point["predicted"] for point in outlook.ahead]
    return what_if.promoted(outlook.product.sku, dates, units, set(on), planned)


def _answer(outlook: Outlook, found: what_if.WhatIf, price: float | None) -> Component:
    before = sum(point["predicted"] for point in outlook.ahead)
    if not found.known:
        return dmc.Text(say("product.what_if.unknown"), size="sm", c="dimmed")
    more = found.total - before
    words = [
        say("product.what_if.answer", more=amount(more), share=percent(more / before if before else None))
    ]
    if price is not None and outlook.product.price is not None:
        revenue = found.total * price - before * float(outlook.product.price)
        words.append(say("product.what_if.revenue", revenue=money(revenue)))
    return dmc.Text(" ".join(words), size="sm", fw=550)
