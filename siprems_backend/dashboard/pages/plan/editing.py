"""Changing a proposed quantity; it is kept until the order is made, with why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from dash import Input, Output, State

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, say
from siprems_backend.dashboard.pages.plan.changes import CHANGES, Changes, marked, mine
from siprems_backend.dashboard.pages.plan.proposal import GRID
from siprems_backend.dashboard.pages.plan.rows import proposed, row
from siprems_backend.dashboard.pages.plan.wanted import STATES, wanted
from siprems_backend.dashboard.problems import notify
from siprems_backend.errors import Invalid, NotFound
from siprems_backend.services.replenishment import views
from siprems_backend.services.replenishment.orders import MOST_LINES
from siprems_backend.services.replenishment.packs import Packed, packed
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

LARGEST = Decimal(10) ** 8
LONGEST_REASON = 500


def quantity_of(value: object) -> Decimal:
    """A quantity as somebody typed it.

    Raises:
        Invalid: no number, below nothing, or too large.
    """
    try:
        found = Decimal(str(value)).quantize(Decimal("0.0001"))
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= LARGEST:
        raise Invalid(say("plan.bad_quantity"), code="form")
    return found


def lines_of(skus: Collection[str], shown: Mapping[str, Any]) -> tuple[dict[str, Any], dt.date]:
    """Lines of these products as they are shown, by SKU, and the day that is planned for.

    What a line gets of a budget depends on all others.
    """
    narrowed = shown if "money" in shown else {"skus": skus}
    found = views.page(PageRequest(1, MOST_LINES), **narrowed)
    return {line.sku: line for line in found.items if line.sku in skus}, found.plan_date


def explained(wish: Decimal, made: Packed, line: Any) -> str | None:
    """Why another quantity is ordered than was typed; None where it is not."""
    if made.raised_by is None:
        return None
    least, size = amount(line.minimum), amount(line.pack_size)
    return say(
        f"plan.raised.{made.raised_by}",
        name=line.name,
        wish=amount(float(wish)),
        units=amount(float(made.units)),
        least=least,
        size=size,
    )


def register(callbacks: Callbacks) -> None:
    """Cells that were edited."""

    @callbacks.on(
        Output(CHANGES, "data"),
        Output("plan-row", "data"),
        Input(GRID, "cellValueChanged"),
        State(CHANGES, "data"),
        *STATES,
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def edit(events: list[dict[str, Any]], typed: Changes | None, *filters: Any) -> Any:
        kept = dict(typed or {})
        lines, day = lines_of({str(event["rowId"]) for event in events}, wanted(filters))
        for event in events:
            line = lines.get(str(event["rowId"]))
            if line is None:
                raise NotFound(say("plan.line_gone"), code="line_gone")
            kept[line.sku] = marked(_changed(event, line, mine(kept, line.sku, day)), day)
        return kept, [row(line, kept, day) for line in lines.values()]

    callbacks.in_browser("put_rows", Input("plan-row", "data"), State(GRID, "id"), prevent_initial_call=True)


def _changed(event: Mapping[str, Any], line: Any, own: Mapping[str, Any]) -> dict[str, Any]:
    if event["colId"] == "mine":
        return {**own, "reason": " ".join(str(event.get("value") or "").split())[:LONGEST_REASON]}
    try:
        wish = quantity_of(event.get("value"))
    except Invalid as error:
        notify(error.message, color="red")
        return {key: value for key, value in own.items() if key != "quantity"}
    made = packed(wish, Decimal(str(line.pack_size)), Decimal(str(line.minimum)))
    words = explained(wish, made, line)
    if words:
        notify(words)
    if float(made.units) == proposed(line):
        return {key: value for key, value in own.items() if key != "quantity"}
    return {**own, "quantity": float(made.units)}
