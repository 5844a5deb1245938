"""A training at work: where it is, its epochs, and the loss as it falls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import duration, known, say
from siprems_backend.dashboard.parts.actions import does
from siprems_backend.dashboard.parts.charts import function, legend
from siprems_backend.dashboard.parts.counters import counter
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.tasks import progress_bar, status_badge, task_path
from siprems_backend.errors import NotFound
from siprems_backend.services import task_registry
from siprems_backend.services.learned_models.types import LEARNED
from siprems_backend.services.task_registry import Details, TaskKind, states
from siprems_backend.services.task_registry.views import progress_of
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest

SEARCH = "Training"


def details_of(task_id: str | None) -> Details | None:
    """The training; None if it is not there, or no training."""
    try:
        found = task_registry.details(UUID(str(task_id)), caller()) if task_id else None
    except (ValueError, NotFound):
        return None
    return found if found and found.task.kind == TaskKind.TRAIN_MODEL.value else None


def curve_style(details: Details | None) -> dict[str, str]:
    """The curve is shown where losses are: neither Prophet nor all types at once have one of their own."""
    shown = details is not None and details.task.kwargs.get("model_type") in LEARNED
    return {} if shown else {"display": "none"}


def panel(details: Details) -> Component:
    """State, epoch, bar."""
    task, progress = details.task, details.progress or {}
    running = task.status in states.RUNNING
    epoch = (progress.get("epoch"), progress.get("epochs")) if running else (None, None)
    took = ((task.finished_at or clock.now()) - (task.started_at or task.created_at)).total_seconds()
    action = (
        dmc.Button(
            say("tasks.cancel"),
            leftSection=icon("stop"),
            variant="default",
            size="xs",
            **does("cancel-training", task.id),
        )
        if task.status in states.ACTIVE
        else dmc.Anchor(say("playground.its_task"), href=task_path(task.id), size="sm")
    )
    head = dmc.Group(
        [
            dmc.Group(
                [status_badge(task.status), dmc.Text(_message(details), fw=550, className="run-message")]
            ),
            dmc.Group(
                [
                    counter(*epoch, say("training.epoch")),
                    dmc.Text(duration(took), size="sm", c="dimmed", className="numbers"),
                    action,
                ]
            ),
        ],
        justify="space-between",
        className="run-head",
    )
    bar = progress_bar(progress or None, task.status, size="md")
    return section(_title(details), head, bar, _parts(details))


def _title(details: Details) -> str:
    name = details.task.kwargs.get("model_type", "")
    key = f"training.type.{name}.title"
    return say("training.of", name=say(key) if known(key) else name)


def _message(details: Details) -> str:
    task, progress = details.task, details.progress or {}
    if task.status in states.RUNNING:
        stage = str(progress.get("stage") or "")
        if stage.startswith("Backtest"):
            return say("training.stage.backtest")
        key = {"Training": "search", "Final model": "final"}.get(stage)
        return say(f"training.stage.{key}") if key else progress.get("message") or say("tasks.begins")
    if task.status == states.FAILURE:
        return str((task.error or {}).get("message") or say("status.FAILURE"))
    return say("tasks.waits") if task.status == states.PENDING else say(f"training.ended.{task.status}")


def _parts(details: Details) -> Component | None:
    """The bars of each type, where all of them are trained."""
    if details.family is None:
        return None
    found = task_registry.children(details.task.id, None, PageRequest(1, 20), "created_at", caller()).items
    heads = [say(f"training.part.{name}") for name in ("type", "state", "progress")]
    rows = [
        [
            dmc.Anchor(
                say(f"training.type.{task.kwargs['model_type']}.title"), href=task_path(task.id), size="sm"
            ),
            status_badge(task.status),
            dmc.Box(progress_bar(progress_of(task), task.status), w=160),
        ]
        for task in found
    ]
    return table(heads, rows)


def point_of(details: Details) -> dict[str, Any]:
    """What the curve is made of: the losses of now, or all of them when it is over."""
    task, progress = details.task, details.progress or {}
    result = task.result if isinstance(task.result, dict) else {}
    point: dict[str, Any] = {"task": str(task.id), "whole": result.get("loss_curve")}
    if task.status in states.RUNNING and progress.get("stage") == SEARCH and "epoch" in progress:
        point |= {name: progress.get(name) for name in ("epoch", "loss", "validation_loss")}
    return point


def curve_layout() -> Component:
    """The place of the curve; the browser puts points together."""
    label = say("training.curve")
    chart = dmc.LineChart(
        id="loss-chart",
        data=[],
        dataKey="epoch",
        series=[
            {"name": "loss", "label": say("training.loss"), "color": "var(--forecast)"},
            {"name": "validation_loss", "label": say("training.validation_loss"), "color": "var(--what-if)"},
        ],
        h=260,
        withDots=False,
        curveType="linear",
        gridAxis="x",
        tickLine="none",
        strokeWidth=2,
        xAxisLabel=say("training.epoch"),
        xAxisProps={
            "type": "number",
            "domain": ["dataMin", "dataMax"],
            "tickFormatter": function("shortNumber"),
        },
        yAxisProps={"width": 56, "domain": ["auto", "auto"], "tickFormatter": function("shortNumber")},
        lineProps={"isAnimationActive": False},
        valueFormatter=function("shortNumber"),
    )
    keys = legend(("forecast", say("training.loss")), ("what-if", say("training.validation_loss")))
    figure = html.Figure([chart, html.Figcaption(label, className="unseen")], className="chart")
    return html.Div(section(label, keys, figure), className="curve")


def register(callbacks: Callbacks) -> None:
    """The points of the curve, kept in the browser: the ledger knows the last losses only."""
    callbacks.in_browser(
        "loss_points",
        Output("training-points", "data"),
        Output("loss-chart", "data"),
        Input("training-progress", "data"),
        State("training-points", "data"),
    )
