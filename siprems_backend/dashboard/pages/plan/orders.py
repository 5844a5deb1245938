"""Orders: drafts, what is on its way, and what has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, day, money, say
from siprems_backend.dashboard.language.formats import today
from siprems_backend.dashboard.parts.orders import order_badge
from siprems_backend.dashboard.parts.pager import pager
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services.replenishment import orders
from siprems_backend.utils.pagination import PageRequest

PAGE_SIZE = 25
SHOWN = ("open", "received", "cancelled", "all")


def layout(_query: Mapping[str, str]) -> Component:
    """The orders that are open, a choice of others, and the way to further pages."""
    rows, pages = _listing("open", 1)
    shown = dmc.SegmentedControl(
        id="orders-show",
        value="open",
        data=[{"value": name, "label": say(f"plan.orders.show.{name}")} for name in SHOWN],
    )
    foot = dmc.Group([pager("orders-page", pages)], justify="flex-end", mt="sm")
    return html.Div([dmc.Group([shown], mb="md"), html.Div(rows, id="orders-list"), foot])


def _listing(shown: str, number: int) -> tuple[Component, int]:
    status = None if shown not in SHOWN or shown == "all" else shown
    found = orders.listing(PageRequest(max(1, int(number or 1)), PAGE_SIZE), status=status)
    if not found.total:
        return empty("truck", say("plan.orders.none"), say("plan.orders.none_advice")), 1
    heads = [
        say(f"plan.orders.column.{name}")
        for name in ("order", "supplier", "status", "expected", "lines", "received", "value")
    ]
    rows = table(heads, [_row(order) for order in found.items], right={4, 5, 6}, less={4, 5})
    return dmc.Paper(rows, p=0), -(-found.total // found.page_size)


def _row(order: Any) -> list[Any]:
    late = (
        order.status in {"sent", "partly_received"} and order.expected_date and order.expected_date < today()
    )
    share = order.received / order.quantity if order.quantity else 0
    return [
        dmc.Anchor(
            say("plan.orders.number", number=str(order.id)),
            href=path_to("plan", "orders", order.id),
            size="sm",
            fw=550,
        ),
        order.supplier or say("plan.no_supplier"),
        order_badge(order.status),
        dmc.Text(
            [
                day(order.expected_date),
                html.Span(say("plan.orders.late"), className="late") if late else None,
            ],
            size="sm",
        ),
        amount(order.lines),
        f"{amount(round(share * 100))} %",
        money(order.value),
    ]


def register(callbacks: Callbacks) -> None:
    """Other orders, and turning pages."""

    @callbacks.on(
        Output("orders-list", "children"),
        Output("orders-page", "total"),
        Output("orders-page", "value"),
        Input("orders-show", "value"),
        prevent_initial_call=True,
    )
    def narrow(shown: str) -> Any:
        return *_listing(shown, 1), 1

    @callbacks.on(
        Output("orders-list", "children", allow_duplicate=True),
        Input("orders-page", "value"),
        State("orders-show", "value"),
        prevent_initial_call=True,
    )
    def turn(number: int, shown: str) -> Any:
        return _listing(shown, number)[0]
