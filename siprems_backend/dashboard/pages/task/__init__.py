"""One task: how far it is, its parts, its log, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dash import Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.task import family, logs, state
from siprems_backend.dashboard.parts.actions import pressed, store
from siprems_backend.dashboard.parts.cancelling import cancel_pressed
from siprems_backend.dashboard.parts.headings import heading
from siprems_backend.dashboard.parts.states import nothing_here
from siprems_backend.dashboard.parts.tasks import task_path, title
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import states
from siprems_backend.utils.roles import Role

# The bar moves at least twice a second; the parts are many, and are looked at every few looks.
LOOK_EVERY_MS = 300
PARTS_EVERY = 6


def layout(params: Params, _query: Params) -> Component:
    """All of it; while the task is not finished it is looked at again and again."""
    task_id = _id_in(params["task_id"])
    if task_id is None:
        return nothing_here("missing")
    details = task_registry.details(task_id, caller())
    finished = details.task.status in states.TERMINAL
    lines, last = logs.lines_after(task_id, 0)
    return html.Div(
        [
            heading(
                title(details.task.kind, details.task.kwargs), back=(say("tasks.title"), path_to("tasks"))
            ),
            html.Div(state.layout(details), id="task-state"),
            html.Div(family.layout(details), id="task-family"),
            logs.layout(lines, finished),
            html.Div(state.outcome(details), id="task-outcome"),
            dcc.Store(id="task-id", data=str(task_id)),
            dcc.Store(id="task-log-end", data=last),
            dcc.Interval(id="task-clock", interval=LOOK_EVERY_MS, disabled=finished),
            store("cancel-task"),
            store("retry-task"),
        ],
        className="stack",
    )


def register(callbacks: Callbacks) -> None:
    """Looking again, cancelling, trying again."""

    @callbacks.on(
        Output("task-state", "children"),
        Output("task-family", "children"),
        Output("task-outcome", "children"),
        Output("task-log", "children"),
        Output("task-log-end", "data"),
        Output("task-clock", "disabled"),
        Input("task-clock", "n_intervals"),
        State("task-id", "data"),
        State("task-log-end", "data"),
        prevent_initial_call=True,
    )
    def look(count: int | None, task_id: str, last: int) -> Any:
        details = task_registry.details(UUID(task_id), caller())
        finished = details.task.status in states.TERMINAL
        more, end = logs.more_after(UUID(task_id), int(last or 0))
        due = finished or not count or count % PARTS_EVERY == 0
        parts = family.layout(details) if due and family.changes(details) else no_update
        outcome = state.outcome(details) if finished else no_update
        return state.layout(details), parts, outcome, more, end, finished

    @callbacks.on(
        Output("task-clock", "n_intervals"), pressed("cancel-task"), press=True, prevent_initial_call=True
    )
    def cancel(press: dict[str, str]) -> Any:
        cancel_pressed(press)
        return 0

    @callbacks.on(
        Output("url", "pathname", allow_duplicate=True),
        pressed("retry-task"),
        press=True,
        prevent_initial_call=True,
    )
    def retry(press: dict[str, str]) -> Any:
        return task_path(task_registry.retry(UUID(press["value"]), caller()).task_id)


def _id_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


PAGE = Page("task", "tasks/<task_id>", Role.VIEWER, layout)
