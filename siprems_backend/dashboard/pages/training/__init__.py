"""Training models of the whole shop: choose, watch, compare."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.training import choosing, outcome, versions, watching
from siprems_backend.dashboard.parts.actions import pressed, store
from siprems_backend.dashboard.parts.cancelling import cancel_pressed
from siprems_backend.dashboard.parts.headings import heading
from siprems_backend.services.learned_models import requests
from siprems_backend.services.task_registry import states
from siprems_backend.utils.roles import Role

TASK, CLOCK = "training-task", "training-clock"
LOOK_EVERY_MS = 300


def layout(_params: Params, query: Params) -> Component:
    """What to train and how; the training that is followed; and the versions there are."""
    details = watching.details_of(query.get("task"))
    ended = details is None or details.task.status in states.TERMINAL
    return html.Div(
        [
            heading(say("training.title"), say("training.lead")),
            choosing.layout(query.get("type")),
            html.Div(
                [
                    html.Div(
                        watching.panel(details) if details else None,
                        id="training-panel",
                        **{"aria-live": "polite"},
                    ),
                    html.Div(
                        watching.curve_layout(), id="training-curve", style=watching.curve_style(details)
                    ),
                    html.Div(outcome.layout(details) if details and ended else None, id="training-outcome"),
                ],
                id="training-run",
                className="stack",
            ),
            html.Div(versions.layout(), id="training-versions"),
            dcc.Store(id=TASK, data=query.get("task")),
            dcc.Store(id="training-progress", data=watching.point_of(details) if details else None),
            dcc.Store(id="training-points", storage_type="session"),
            dcc.Interval(id=CLOCK, interval=LOOK_EVERY_MS, disabled=ended),
            store("cancel-training"),
        ],
        className="stack",
    )


def register(callbacks: Callbacks) -> None:
    """Submitting, looking, cancelling."""
    choosing.register(callbacks)
    versions.register(callbacks)
    watching.register(callbacks)

    @callbacks.on(
        Output(TASK, "data"),
        Input("training-start", "n_clicks"),
        State("training-type", "value"),
        State("training-values", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def start(_clicks: int, model_type: str, values: Any) -> Any:
        chosen = values if isinstance(values, dict) else {}
        return str(requests.submit(str(model_type), chosen, caller()).task_id)

    @callbacks.on(
        Output("training-panel", "children"),
        Output("training-progress", "data"),
        Output("training-curve", "style"),
        Output("training-outcome", "children"),
        Output("training-versions", "children"),
        Output(CLOCK, "disabled"),
        Input(TASK, "data"),
        Input(CLOCK, "n_intervals"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def look(task_id: str, _count: int | None) -> Any:
        details = watching.details_of(task_id)
        if details is None:
            return None, None, watching.curve_style(None), None, no_update, True
        ended = details.task.status in states.TERMINAL
        fresh = callbacks.triggered() == TASK
        style = watching.curve_style(details)
        found = outcome.layout(details) if ended else None if fresh else no_update
        listed = versions.layout() if ended else no_update
        return watching.panel(details), watching.point_of(details), style, found, listed, ended

    @callbacks.on(
        Output(CLOCK, "disabled", allow_duplicate=True),
        pressed("cancel-training"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def cancel(press: dict[str, str]) -> Any:
        cancel_pressed(press)
        return False

    callbacks.in_browser("show_run", Input(TASK, "data"), prevent_initial_call=True)


PAGE = Page("training", "training", Role.ANALYST, layout, icon="brain")
