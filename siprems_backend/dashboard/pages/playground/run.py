"""The run of a pipeline: what it is doing, how far it is, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import duration, say
from siprems_backend.dashboard.pages.playground import draft as drafts
from siprems_backend.dashboard.pages.playground import results
from siprems_backend.dashboard.pages.playground.draft import DRAFT
from siprems_backend.dashboard.pages.playground.words import node_title
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.cancelling import cancel_pressed
from siprems_backend.dashboard.parts.counters import counter
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.tasks import progress_bar, status_badge, task_path
from siprems_backend.errors import Invalid, NotFound
from siprems_backend.services import task_registry
from siprems_backend.services.pipelines import requests
from siprems_backend.services.task_registry import Details, TaskKind, states
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

TASK = "playground-task"
# Bars move at least twice a second.
LOOK_EVERY_MS = 350
RUNS = {TaskKind.EXECUTE_PIPELINE.value, TaskKind.EXECUTE_WORKFLOW.value, TaskKind.EXECUTE_NODE.value}


def layout(task_id: str | None) -> Component:
    """The run that is followed, if there is one."""
    details = _details(task_id)
    ended = details is None or details.task.status in states.TERMINAL
    return html.Div(
        [
            html.Div(None if details is None else panel(details), id="run-panel", **{"aria-live": "polite"}),
            html.Div(results.layout(details) if details and ended else None, id="run-results"),
            dcc.Interval(id="run-clock", interval=LOOK_EVERY_MS, disabled=ended),
            store("run-cancel"),
        ],
        id="run",
        className="stack",
    )


def _details(task_id: str | None) -> Details | None:
    """The run; None if it is not there, or no run."""
    try:
        found = task_registry.details(UUID(str(task_id)), caller()) if task_id else None
    except (ValueError, NotFound):
        return None
    return found if found and found.task.kind in RUNS else None


def panel(details: Details) -> Component:
    """What it is doing, the number of the node, and the bar."""
    task, progress = details.task, details.progress or {}
    running = task.status in states.RUNNING
    total = progress.get("total_nodes")
    done = progress.get("current_node") if running else total if task.status == states.SUCCESS else None
    took = ((task.finished_at or clock.now()) - (task.started_at or task.created_at)).total_seconds()
    head = dmc.Group(
        [
            dmc.Group(
                [status_badge(task.status), dmc.Text(_message(details), fw=550, className="run-message")]
            ),
            dmc.Group(
                [
                    counter(done, total, say("playground.counter")),
                    dmc.Text(duration(took), size="sm", c="dimmed", className="numbers"),
                    _action(details),
                ]
            ),
        ],
        justify="space-between",
        className="run-head",
    )
    return section(say("playground.the_run"), head, progress_bar(progress or None, task.status, size="md"))


def _message(details: Details) -> str:
    task, progress = details.task, details.progress or {}
    if task.status in states.RUNNING and progress.get("node_type"):
        return say("playground.executing", node=node_title(progress["node_type"]))
    if task.status == states.PENDING:
        return say("tasks.waits")
    return say(f"playground.ended.{task.status}") if task.status in states.TERMINAL else say("tasks.begins")


def _action(details: Details) -> Component:
    if details.task.status in states.ACTIVE:
        return dmc.Button(
            say("tasks.cancel"),
            leftSection=icon("stop"),
            variant="default",
            size="xs",
            **does("run-cancel", details.task.id),
        )
    return dmc.Anchor(say("playground.its_task"), href=task_path(details.task.id), size="sm")


def submit(body: dict[str, Any]) -> str:
    """Have the pipeline run; the task's id.

    Raises:
        Invalid: it cannot run.
    """
    try:
        return str(requests.submit_pipeline(body, caller()).task_id)
    except Invalid:
        # Each step says what is wrong with it.
        raise Invalid(say("playground.problem.not_ready"), code="pipeline_not_ready") from None


def register(callbacks: Callbacks) -> None:
    """Starting, looking, cancelling."""

    @callbacks.on(
        Output(TASK, "data"),
        Input("pipeline-run", "n_clicks"),
        State(DRAFT, "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def start(_clicks: int, draft: Any) -> Any:
        return submit(drafts.body_of(draft))

    @callbacks.on(
        Output("run-panel", "children"),
        Output("run-results", "children"),
        Output("run-clock", "disabled"),
        Input(TASK, "data"),
        Input("run-clock", "n_intervals"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def look(task_id: str, _count: int | None) -> Any:
        details = _details(task_id)
        if details is None:
            return None, None, True
        ended = details.task.status in states.TERMINAL
        fresh = callbacks.triggered() == TASK
        return panel(details), results.layout(details) if ended else None if fresh else no_update, ended

    @callbacks.on(
        Output("run-clock", "disabled", allow_duplicate=True),
        pressed("run-cancel"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def cancel(press: dict[str, str]) -> Any:
        cancel_pressed(press)
        return False

    callbacks.in_browser("show_run", Input(TASK, "data"), prevent_initial_call=True)
