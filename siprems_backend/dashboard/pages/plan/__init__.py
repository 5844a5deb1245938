"""What to order, from whom, and what is on its way."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.plan import budget, editing, making, orders, proposal, totals
from siprems_backend.dashboard.parts import follow
from siprems_backend.dashboard.parts.headings import heading, panel
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.services.replenishment import refreshing
from siprems_backend.utils.roles import Role

WORK = "plan-work"
VIEWS = {"proposal": proposal, "orders": orders}


def layout(_params: Params, query: Params) -> Component:
    """The proposal or the orders, which the address may name."""
    chosen = query.get("view", "proposal")
    chosen = chosen if chosen in VIEWS else "proposal"
    tabs = [dmc.TabsTab(say(f"plan.view.{name}"), value=name) for name in VIEWS]
    return html.Div(
        [
            heading(say("plan.title"), say("plan.lead"), *_actions()),
            follow.place(WORK),
            dmc.Tabs(dmc.TabsList(tabs), id="plan-view", value=chosen, mb="md", **panel("plan-content")),
            html.Div(VIEWS[chosen].layout(query), id="plan-content", role="tabpanel"),
        ]
    )


def _actions() -> list[Component]:
    if not may(Role.ANALYST):
        return []
    return [dmc.Button(say("plan.refresh"), id="plan-refresh", variant="default", leftSection=icon("retry"))]


def register(callbacks: Callbacks) -> None:
    """Changing the view, making the plan anew, and what the views need."""

    @callbacks.on(
        Output("plan-content", "children"),
        Input("plan-view", "value"),
        follow.done(WORK),
        prevent_initial_call=True,
    )
    def show(view: str, _done: dict[str, Any] | None) -> Any:
        return VIEWS.get(view, proposal).layout({})

    @callbacks.on(
        follow.task_of(WORK),
        Input("plan-refresh", "n_clicks"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def refresh(_clicks: int) -> str:
        return str(refreshing.submit(caller()).task_id)

    follow.register(callbacks, WORK)
    for part in (proposal, totals, budget, editing, making, orders):
        part.register(callbacks)


PAGE = Page("plan", "plan", Role.VIEWER, layout, icon="cart")
