"""Following a task beside the button that started it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, say
from siprems_backend.dashboard.parts.tasks import progress_bar, status_badge, task_path, title
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import Details, states

# Bars move at least twice a second.
LOOK_EVERY_MS = 400


def place(name: str, task_id: str | None = None) -> Component:
    """Where the bar appears. Write a task's id into the store `task_of(name)` to have it followed.

    A task that is known already is followed from the start.
    """
    return html.Div(
        [
            dcc.Store(id=f"{name}-task", data=task_id),
            dcc.Store(id=f"{name}-done"),
            dcc.Interval(id=f"{name}-clock", interval=LOOK_EVERY_MS, disabled=task_id is None),
            html.Div(id=f"{name}-bar", **{"aria-live": "polite"}),
        ],
        className="follow",
    )


def task_of(name: str) -> Output:
    """The output of the callback that submits the task: its id as text."""
    return Output(f"{name}-task", "data", allow_duplicate=True)


def done(name: str) -> Input:
    """The input of what happens when the task has ended: `{"task_id", "status"}`; use `press=True`."""
    return Input(f"{name}-done", "data")


def register(callbacks: Callbacks, name: str) -> None:
    """Look at the task until it has ended."""

    @callbacks.on(
        Output(f"{name}-bar", "children"),
        Output(f"{name}-clock", "disabled"),
        Output(f"{name}-done", "data"),
        Input(f"{name}-task", "data"),
        Input(f"{name}-clock", "n_intervals"),
        State(f"{name}-clock", "disabled"),
        press=True,
        prevent_initial_call=True,
    )
    def look(task_id: str, _count: int | None, _disabled: bool) -> Any:
        details = task_registry.details(UUID(task_id), caller())
        ended = details.task.status in states.TERMINAL
        told = {"task_id": task_id, "status": details.task.status} if ended else no_update
        return _shown(details), ended, told


def _shown(details: Details) -> Component:
    task, progress = details.task, details.progress or {}
    message = (task.error or {}).get("message") or task.message or say(f"status.{task.status}")
    running = task.status in states.RUNNING and progress.get("percent") is not None
    percent = f"{amount(progress['percent'], 0)} %" if running else ""
    name = dmc.Anchor(title(task.kind, task.kwargs), href=task_path(task.id), size="sm", fw=550)
    words = dmc.Text(message, size="sm", c="dimmed", className="one-line")
    return dmc.Paper(
        [
            dmc.Group(
                [
                    dmc.Group([name, status_badge(task.status)], gap="sm"),
                    dmc.Text(percent, size="sm", fw=600),
                ],
                justify="space-between",
            ),
            progress_bar(progress or None, task.status),
            words,
        ],
        className="task-row",
        mb="md",
    )
