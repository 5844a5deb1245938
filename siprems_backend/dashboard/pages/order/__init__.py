"""One order: its lines, what can be done with it, and what has come of it."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, day, moment, money, say
from siprems_backend.dashboard.pages.order import actions, lines
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.parts.headings import heading, section
from siprems_backend.dashboard.parts.orders import order_badge
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.errors import NotFound
from siprems_backend.services.replenishment import orders
from siprems_backend.services.replenishment.orders import OrderView
from siprems_backend.utils.roles import Role

LARGEST_ID = 2**63 - 1


def layout(params: Params, _query: Params) -> Component:
    """The order, which is shown anew after whatever is done with it."""
    order_id = _order_id(params["order_id"])
    return html.Div(
        [
            dcc.Store(id="order-id", data=order_id),
            html.Div(content(orders.get(order_id)), id="order-content"),
        ]
    )


def _order_id(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= LARGEST_ID:
        return int(text)
    raise NotFound(say("error.order_not_found"), code="order_not_found")


def content(view: OrderView) -> Component:
    """All of an order."""
    order = view.order
    title = dmc.Group([say("plan.orders.number", number=str(order.id)), order_badge(order.status)], gap="sm")
    return html.Div(
        [
            heading(
                title,
                order.supplier or say("plan.no_supplier"),
                *actions.buttons(order),
                back=(say("order.all"), path_to("plan", view="orders")),
            ),
            _facts(order),
            lines.layout(view),
            _history(view),
        ],
        className="stack",
    )


def _facts(order: Any) -> Component:
    facts = [
        (say("order.value"), money(order.value)),
        (say("order.lines"), amount(order.lines)),
        (say("order.expected"), day(order.expected_date)),
        (say("order.created"), moment(order.created_at)),
        (say("order.sent"), moment(order.sent_at)),
        (say("order.changed_lines"), amount(order.overridden)),
    ]
    listed = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")
    least = order.minimum_order_value
    below = order.status == "draft" and least is not None and (order.value or 0) < least
    warning = dmc.Alert(say("order.below", least=money(least)), color="yellow", mt="sm") if below else None
    note = dmc.Text(order.note, size="sm", mt="sm") if order.note else None
    return dmc.Paper([listed, note, warning], px="lg", py="md")


def _history(view: OrderView) -> Component | None:
    if not view.receipts:
        return None
    names = {line.sku: line.name for line in view.lines}
    rows = [
        [moment(each.received_at), names.get(each.sku, each.sku), amount(each.quantity)]
        for each in reversed(view.receipts)
    ]
    heads = [say(f"order.column.{name}") for name in ("when", "name", "came")]
    return section(say("order.history"), table(heads, rows, right={2}))


def register(callbacks: Callbacks) -> None:
    """What can be done with an order."""
    lines.register(callbacks)
    actions.register(callbacks, content)


PAGE = Page("order", "plan/orders/<order_id>", Role.VIEWER, layout)
