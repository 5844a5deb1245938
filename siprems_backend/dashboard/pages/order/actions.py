"""Sending, taking in and cancelling an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.order import lines
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.problems import notify, words
from siprems_backend.errors import ServiceError
from siprems_backend.services.replenishment import orders, receipts
from siprems_backend.services.replenishment.orders import OrderView
from siprems_backend.utils.roles import Role

Show = Callable[[OrderView], Component]


def buttons(order: Any) -> list[Component]:
    """What the reader may do with an order as it is."""
    found: list[Component] = [store("send-order"), store("receive-order"), store("cancel-order")]
    if order.status not in lines.CLOSED and may(Role.ANALYST):
        ask = say("order.cancel_ask", number=str(order.id))
        found.append(
            dmc.Button(
                say("order.cancel"),
                variant="default",
                leftSection=icon("stop"),
                **does("cancel-order", order.id, confirm=ask),
            )
        )
    if order.status == "draft" and may(Role.ANALYST):
        found.append(dmc.Button(say("order.send"), leftSection=icon("truck"), **does("send-order", order.id)))
    if order.status in lines.ON_THE_WAY and may(Role.CLERK):
        found.append(
            dmc.Button(say("order.receive"), leftSection=icon("check"), **does("receive-order", order.id))
        )
    return found


def register(callbacks: Callbacks, show: Show) -> None:
    """The buttons; whatever somebody else did in between is shown along with the answer."""
    for name, role, act in (
        ("send-order", Role.ANALYST, _send),
        ("cancel-order", Role.ANALYST, _cancel),
        ("receive-order", Role.CLERK, _receive),
    ):
        callbacks.on(
            Output("order-content", "children", allow_duplicate=True),
            pressed(name),
            State("order-id", "data"),
            State(lines.GRID, "rowData"),
            State("order-arrived", "data"),
            role=role,
            press=True,
            prevent_initial_call=True,
        )(_then_show(act, show))
    callbacks.in_browser("fit_order", Input(lines.GRID, "id"))


def _then_show(act: Callable[..., str], show: Show) -> Callable[..., Component]:
    def acting(_press: Any, order_id: int, rows: Any, arrived: Any) -> Component:
        try:
            notify(act(int(order_id), rows or [], arrived or {}))
        except ServiceError as error:
            notify(words(error), title=say("problem.title"), color="red")
        return show(orders.get(int(order_id)))

    return acting


def _send(order_id: int, _rows: Any, _arrived: Any) -> str:
    orders.send(order_id, caller().user_id)
    return say("order.was_sent")


def _cancel(order_id: int, _rows: Any, _arrived: Any) -> str:
    orders.cancel(order_id, caller().user_id)
    return say("order.was_cancelled")


def _receive(order_id: int, rows: Any, arrived: Any) -> str:
    found = receipts.receive(order_id, lines.arriving(rows, arrived), caller().user_id)
    done = found.order.status == "received"
    return say("order.was_received" if done else "order.was_partly_received")
