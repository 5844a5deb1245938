"""Making drafts of the lines chosen, or of all that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import money, say
from siprems_backend.dashboard.pages.plan.changes import CHANGES, Changes, mine
from siprems_backend.dashboard.pages.plan.editing import lines_of, quantity_of
from siprems_backend.dashboard.pages.plan.proposal import GRID
from siprems_backend.dashboard.pages.plan.rows import proposed, seen
from siprems_backend.dashboard.pages.plan.wanted import STATES, wanted
from siprems_backend.dashboard.paths import path_to
from siprems_backend.errors import Conflict, Invalid
from siprems_backend.services.replenishment import orders, views
from siprems_backend.services.replenishment.orders import MOST_LINES
from siprems_backend.services.replenishment.proposals import Wish
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role


def register(callbacks: Callbacks) -> None:
    """The button below the grid."""

    @callbacks.on(
        Output("plan-result", "children"),
        Output(CHANGES, "data", allow_duplicate=True),
        Output("plan-made", "data"),
        Output(GRID, "selectedRows"),
        Input("plan-order", "n_clicks"),
        State(GRID, "selectedRows"),
        State(CHANGES, "data"),
        *STATES,
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
        running=[(Output("plan-order", "loading"), True, False)],
    )
    def order(_clicks: int, chosen: Any, typed: Changes | None, *filters: Any) -> Any:
        picked = [each for each in chosen or [] if isinstance(each, dict) and each.get("sku")]
        shown = wanted(filters)
        wishes = _of_chosen(picked, typed, shown) if picked else _of_all(typed, shown)
        made = orders.create(wishes, None, caller().user_id)
        done = {wish.sku for wish in wishes}
        left = {sku: change for sku, change in (typed or {}).items() if sku not in done}
        return _told(made), left, clock.iso(clock.now()), []


def _of_chosen(
    picked: Sequence[Mapping[str, Any]], typed: Changes | None, shown: Mapping[str, Any]
) -> list[Wish]:
    """The lines that were ticked, as they were seen.

    Raises:
        Conflict: somebody ordered, sold or counted in between, so that the plan proposes something else.
    """
    skus = {str(each["sku"]): each.get("seen") for each in picked}
    lines, day = lines_of(skus, shown)
    gone = [sku for sku, was in skus.items() if sku not in lines or seen(lines[sku]) != was]
    if gone:
        names = ", ".join(lines[sku].name if sku in lines else sku for sku in gone[:3])
        raise Conflict(say("plan.changed", count=len(gone), names=names), code="plan_changed")
    return [_wish(lines[sku], mine(typed, sku, day)) for sku in skus]


def _of_all(typed: Changes | None, shown: Mapping[str, Any]) -> list[Wish]:
    """All lines shown with something to order that no draft has yet.

    Raises:
        Invalid: there are none.
    """
    plan = views.page(PageRequest(1, MOST_LINES), **shown)
    open_lines = [line for line in plan.items if line.on_draft <= 0]
    wishes = [_wish(line, mine(typed, line.sku, plan.plan_date)) for line in open_lines]
    found = [wish for wish in wishes if wish.quantity]
    if not found:
        raise Invalid(say("plan.nothing_left"), code="form")
    return found


def _wish(line: Any, change: Mapping[str, Any]) -> Wish:
    own = change.get("quantity")
    units = Decimal(str(proposed(line))) if own is None else quantity_of(own)
    return Wish(line.sku, units, str(change.get("reason") or "") or None)


def _told(made: Sequence[Any]) -> Component:
    """What was made, with the way to each."""
    links = [
        dmc.Anchor(
            say(
                "plan.made_one",
                number=order.id,
                supplier=order.supplier or say("plan.no_supplier"),
                value=money(order.value),
            ),
            href=path_to("plan", "orders", order.id),
            size="sm",
            fw=550,
        )
        for order in made
    ]
    return dmc.Alert(
        [dmc.Text(say("plan.made_advice"), size="sm"), dmc.Group(links, gap="md", mt="xs")],
        title=say("plan.made", count=len(made)),
        color="teal",
        withCloseButton=True,
        mb="md",
    )
