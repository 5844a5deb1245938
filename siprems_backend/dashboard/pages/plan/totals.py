"""What the lines come to, by supplier and in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, money, say
from siprems_backend.dashboard.pages.plan.wanted import INPUTS, wanted
from siprems_backend.dashboard.parts.actions import does
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.services.replenishment import views
from siprems_backend.utils.pagination import PageRequest

EXPORT = "/api/v1/replenishment/export"
FORMATS = ("xlsx", "csv")


def suppliers(chosen: Mapping[str, Any]) -> list[Component]:
    """A card for all, and one for each supplier with lines that match."""
    others = {key: value for key, value in chosen.items() if key not in {"supplier", "money"}}
    groups = views.by_supplier(**others)["items"]
    picked = chosen.get("supplier")
    whole = {name: sum(getattr(row, name) for row in groups) for name in ("to_order", "units", "value")}
    cards = [_card("", say("plan.all_suppliers"), whole, picked is None)]
    for row in groups:
        sums = {name: getattr(row, name) for name in ("to_order", "units", "value")}
        if row.supplier is None:
            cards.append(_fixed(sums))
        else:
            below = row.minimum_order_value is not None and 0 < row.value < row.minimum_order_value
            note = say("plan.below_minimum", least=money(row.minimum_order_value)) if below else None
            cards.append(_card(row.supplier, row.supplier, sums, picked == row.supplier, note))
    return cards


def _card(key: str, name: str, sums: Mapping[str, Any], pressed: bool, note: str | None = None) -> Component:
    return html.Button(
        _words(name, sums, note),
        type="button",
        className="supplier-card",
        **{"aria-pressed": str(pressed).lower()},
        **does("plan-supplier", key),
    )


def _fixed(sums: Mapping[str, Any]) -> Component:
    return html.Div(_words(say("plan.no_supplier"), sums, None), className="supplier-card fixed")


def _words(name: str, sums: Mapping[str, Any], note: str | None) -> list[Component]:
    below = html.Span([icon("alert"), note], className="supplier-note") if note else None
    count = say("plan.lines_units", count=sums["to_order"], units=amount(round(sums["units"])))
    return [
        html.Span(name, className="supplier-name"),
        html.Span(money(sums["value"]), className="supplier-value"),
        html.Span(count, className="supplier-more"),
        below,
    ]


def exports(chosen: Mapping[str, Any]) -> list[Component]:
    """Links to what is shown as files."""
    named = {("capital" if key == "money" else key): _plain(value) for key, value in chosen.items()}
    return [
        html.A(
            [icon("download"), file_format.upper()],
            href=f"{EXPORT}?{urlencode({'format': file_format, **named})}",
            className="download",
            **{"aria-label": say("plan.export", format=file_format.upper())},
        )
        for file_format in FORMATS
    ]


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def spent(chosen: Mapping[str, Any]) -> str:
    """What the budget buys, in words."""
    if "money" not in chosen:
        return say("plan.budget.unlimited")
    found = views.page(PageRequest(1, 1), **chosen).funded
    if found is None or not found.funded:
        return say("plan.budget.nothing")
    return say(
        "plan.budget.buys",
        count=len(found.funded),
        spent=money(found.spent),
        profit=money(found.expected_profit),
    )


def register(callbacks: Callbacks) -> None:
    """Sums follow the filters."""

    @callbacks.on(
        Output("plan-suppliers", "children"),
        Output("plan-exports", "children"),
        Output("plan-budget-words", "children"),
        *INPUTS,
        State("plan-budget", "max"),
        prevent_initial_call=True,
    )
    def follow(*filters: Any) -> Any:
        chosen = wanted(filters)
        return suppliers(chosen), exports(chosen), dmc.Text(spent(chosen), size="sm", c="dimmed")
