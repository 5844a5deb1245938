"""The lines of an order: what was proposed, what is ordered, what has come, and what comes now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import dash_ag_grid as dag
from dash import Input, Output, State, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import amount, money, say
from siprems_backend.dashboard.pages.plan.editing import LONGEST_REASON, quantity_of
from siprems_backend.dashboard.parts.grids import GRID_OPTIONS, LINK, column
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.paths import path_to
from siprems_backend.dashboard.problems import notify, words
from siprems_backend.errors import ServiceError
from siprems_backend.services.replenishment import orders
from siprems_backend.services.replenishment.orders import OrderView
from siprems_backend.services.replenishment.proposals import Wish
from siprems_backend.utils.roles import Role

GRID = "order-grid"
ON_THE_WAY = frozenset({"sent", "partly_received"})
CLOSED = frozenset({"received", "cancelled"})
ROW_HEIGHT, HEAD_HEIGHT, MOST_HEIGHT = 52, 44, 620


def layout(view: OrderView) -> Component:
    """A grid whose quantities are typed over, as far as the reader may."""
    status = view.order.status
    changes = status not in CLOSED and may(Role.ANALYST)
    takes_in = status in ON_THE_WAY and may(Role.CLERK)
    lead = say("order.lead.receive") if takes_in else say("order.lead.change") if changes else None
    grid = dag.AgGrid(
        id=GRID,
        columnDefs=_columns(changes, takes_in),
        rowData=[_row(line) for line in view.lines],
        getRowId="params.data.sku",
        dashGridOptions={
            **GRID_OPTIONS,
            "rowHeight": ROW_HEIGHT,
            "singleClickEdit": True,
            "stopEditingWhenCellsLoseFocus": True,
        },
        className="grid",
        style={"height": min(MOST_HEIGHT, HEAD_HEIGHT + ROW_HEIGHT * len(view.lines))},
    )
    return section(
        say("order.lines_title"), html.Div([dcc.Store(id="order-arrived", data={}), grid]), lead=lead
    )


def _columns(changes: bool, takes_in: bool) -> list[dict[str, Any]]:
    editor = {"cellEditor": "agNumberCellEditor", "cellEditorParams": {"min": 0, "precision": 4}}
    written = {"valueFormatter": {"function": "sipremsNumber(params.value)"}}
    typed = {"editable": True, "cellClass": ["typed", "ag-right-aligned-cell"], **editor}
    arriving = column(
        "arriving", say("order.column.arriving"), number=True, **{**typed, **written, "width": 124}
    )
    return [
        column("name", say("order.column.name"), minWidth=110, flex=3, **LINK),
        column("proposed", say("order.column.proposed"), number=True, width=116),
        column(
            "quantity",
            say("order.column.quantity"),
            number=True,
            width=100,
            **written,
            **(typed if changes and not takes_in else {}),
        ),
        column("received", say("order.column.received"), number=True, width=116),
        *([arriving] if takes_in else []),
        column("value", say("order.column.value"), number=True, width=120),
        column("reason", say("order.column.reason"), minWidth=180, flex=3, editable=changes),
    ]


def _row(line: Any) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "href": path_to("products", line.sku),
        "note": line.sku if line.sku != line.name else "",
        "proposed": amount(line.proposed),
        "quantity": line.quantity,
        "received": amount(line.received),
        "arriving": max(0.0, round(line.quantity - line.received, 4)),
        "value": money(None if line.unit_cost is None else line.unit_cost * line.quantity),
        "reason": line.override_reason or "",
    }


def register(callbacks: Callbacks) -> None:
    """Cells that were typed over."""

    @callbacks.on(
        Output("order-arrived", "data"),
        Output(GRID, "rowData"),
        Input(GRID, "cellValueChanged"),
        State("order-arrived", "data"),
        State("order-id", "data"),
        role=Role.CLERK,
        press=True,
        prevent_initial_call=True,
    )
    def edit(events: list[dict[str, Any]], arrived: dict[str, float] | None, order_id: int) -> Any:
        kept = dict(arrived or {})
        for event in events:
            try:
                kept |= _take(event, int(order_id))
            except ServiceError as error:
                notify(words(error), title=say("problem.title"), color="red")
        rows = [_row(line) for line in orders.get(int(order_id)).lines]
        return kept, [{**row, "arriving": kept.get(row["sku"], row["arriving"])} for row in rows]


def _take(event: dict[str, Any], order_id: int) -> dict[str, float]:
    """Note how much of a product comes now; whatever else is typed is changed in the order at once."""
    sku, value = str(event["rowId"]), event.get("value")
    if event["colId"] == "arriving":
        return {sku: float(quantity_of(value))}
    if not may(Role.ANALYST):
        return {}
    if event["colId"] == "quantity":
        wish = Wish(sku, quantity_of(value))
    else:
        wish = Wish(sku, None, " ".join(str(value or "").split())[:LONGEST_REASON])
    orders.change(order_id, {"lines": [wish]}, caller().user_id)
    return {}


def arriving(rows: list[dict[str, Any]], arrived: dict[str, float]) -> dict[str, Decimal]:
    """How much of each product comes now, by what the reader saw and typed."""
    found = {row["sku"]: quantity_of(arrived.get(row["sku"], row["arriving"])) for row in rows}
    return {sku: units for sku, units in found.items() if units > 0}
