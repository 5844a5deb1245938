"""What runs and waits now."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, duration, say
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.cancelling import cancel_pressed
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tasks import progress_bar, status_badge, task_path, title
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import Overview, states
from siprems_backend.utils import clock

# Bars move at least twice a second.
LOOK_EVERY_MS = 250
MOST_SHOWN = 100


def layout() -> Component:
    """The list, and what keeps it fresh."""
    return html.Div(
        [
            html.Div(_rows(), id="active-tasks", role="list", **{"aria-label": say("tasks.view.active")}),
            dcc.Interval(id="active-clock", interval=LOOK_EVERY_MS),
            store("cancel-active"),
        ]
    )


def _rows() -> list[Component]:
    tasks = [*task_registry.running(caller()), *task_registry.waiting(caller())]
    shown = {task.task_id for task in tasks}
    # Parts of a run are shown by their parent's bar.
    whole = [task for task in tasks if task.parent_id not in shown]
    if not whole:
        calm = empty("check", say("tasks.nothing_active"), say("tasks.nothing_active_advice"))
        return [html.Div(calm, role="listitem")]
    rows = [_row(task) for task in whole[:MOST_SHOWN]]
    if len(whole) > MOST_SHOWN:
        rows.append(dmc.Text(say("tasks.more", count=len(whole) - MOST_SHOWN), c="dimmed", size="sm"))
    return rows


def _row(task: Overview) -> Component:
    progress = task.progress or {}
    running = task.status in states.RUNNING
    since = task.started_at if running else task.created_at
    facts = [duration((clock.now() - (since or task.created_at)).total_seconds()), task.worker]
    message = progress.get("message") or say("tasks.waits" if not running else "tasks.begins")
    name = dmc.Anchor(title(task.task_name, task.args), href=task_path(task.task_id), fw=600, c="inherit")
    box = dmc.Paper(
        [
            dmc.Group(
                [dmc.Group([name, status_badge(task.status)], gap="sm"), _cancel_button(task)],
                justify="space-between",
                wrap="nowrap",
            ),
            dmc.Group([progress_bar(task.progress, task.status), _percent(progress, running)], wrap="nowrap"),
            dmc.Group(
                [
                    dmc.Text(message, size="sm", c="dimmed", className="one-line"),
                    dmc.Text(
                        " · ".join(fact for fact in facts if fact), size="sm", c="dimmed", className="numbers"
                    ),
                ],
                justify="space-between",
            ),
        ],
        className="task-row",
    )
    return html.Div(box, role="listitem")


def _percent(progress: dict[str, Any], running: bool) -> Component:
    text = f"{amount(progress['percent'], 0)} %" if running and progress.get("percent") is not None else ""
    return dmc.Text(text, size="sm", fw=600, w=48, className="numbers right")


def _cancel_button(task: Overview) -> Component:
    return dmc.Tooltip(
        dmc.ActionIcon(
            icon("stop"),
            variant="subtle",
            color="gray",
            **{"aria-label": f"{say('tasks.cancel')}: {title(task.task_name, task.args)}"},
            **does("cancel-active", task.task_id),
        ),
        label=say("tasks.cancel"),
    )


def register(callbacks: Callbacks) -> None:
    """Looking again, and cancelling."""

    @callbacks.on(
        Output("active-tasks", "children"), Input("active-clock", "n_intervals"), prevent_initial_call=True
    )
    def look(_count: int) -> Any:
        return _rows()

    @callbacks.on(
        Output("active-tasks", "children", allow_duplicate=True),
        pressed("cancel-active"),
        press=True,
        prevent_initial_call=True,
    )
    def cancel(press: dict[str, str]) -> Any:
        cancel_pressed(press)
        return _rows()
