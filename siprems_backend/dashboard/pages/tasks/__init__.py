"""Tasks: what runs, what comes, what was, and who works."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.tasks import active, figures, history, scheduled, workers
from siprems_backend.dashboard.parts.headings import heading, panel
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.tasks import task_path
from siprems_backend.services import prediction_requests
from siprems_backend.utils.roles import Role

VIEWS = {"active": active, "scheduled": scheduled, "history": history, "workers": workers}
OF_OPERATORS = frozenset({"workers"})


def layout(_params: Params, query: Params) -> Component:
    """The figures, and one of the views, which the address may name."""
    views = [name for name in VIEWS if name not in OF_OPERATORS or may(Role.OPERATOR)]
    chosen = query.get("view", "active")
    chosen = chosen if chosen in views else "active"
    tabs = [dmc.TabsTab(say(f"tasks.view.{name}"), value=name) for name in views]
    return html.Div(
        [
            heading(say("tasks.title"), say("tasks.lead"), *_actions()),
            figures.layout() if may(Role.OPERATOR) else None,
            dmc.Tabs(dmc.TabsList(tabs), id="tasks-view", value=chosen, mb="md", **panel("tasks-content")),
            html.Div(VIEWS[chosen].layout(), id="tasks-content", role="tabpanel"),
        ]
    )


def _actions() -> list[Component]:
    if not may(Role.ANALYST):
        return []
    return [dmc.Button(say("tasks.run_all"), id="tasks-run-all", leftSection=icon("play"))]


def register(callbacks: Callbacks) -> None:
    """Changing the view, starting the nightly run by hand, and what the views need."""

    @callbacks.on(
        Output("tasks-content", "children"), Input("tasks-view", "value"), prevent_initial_call=True
    )
    def show(view: str) -> Any:
        allowed = view in VIEWS and (view not in OF_OPERATORS or may(Role.OPERATOR))
        return VIEWS[view].layout() if allowed else active.layout()

    @callbacks.on(
        Output("url", "pathname", allow_duplicate=True),
        Input("tasks-run-all", "n_clicks"),
        State("tasks-run-all", "id"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
        running=[(Output("tasks-run-all", "loading"), True, False)],
    )
    def run_all(_clicks: int, _id: str) -> str:
        return task_path(prediction_requests.submit_training_of_all(caller()).task_id)

    for part in (active, figures, history, workers):
        part.register(callbacks)


PAGE = Page("tasks", "tasks", Role.VIEWER, layout, icon="pulse")
