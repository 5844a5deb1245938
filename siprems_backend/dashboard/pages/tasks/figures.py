"""The figures of the last day above the lists, for operators."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, duration, percent, say
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import states
from siprems_backend.utils.roles import Role

LOOK_EVERY_MS = 5_000


def layout() -> Component:
    """The row of figures, and what keeps it fresh."""
    return html.Div(
        [
            html.Div(_figures(), id="task-figures"),
            dcc.Interval(id="task-figures-clock", interval=LOOK_EVERY_MS),
        ]
    )


def _figures() -> Component:
    known = task_registry.statistics()
    counts = known["by_status"]
    running = sum(counts[status] for status in states.RUNNING)
    waiting = sum(counts[status] for status in states.WAITING)
    late = known["sla_breaches"]
    oldest = known["oldest_waiting_s"]
    cells = [
        figure(say("tasks.figure.running"), amount(running)),
        figure(
            say("tasks.figure.waiting"),
            amount(waiting),
            say("tasks.figure.oldest", age=duration(oldest)) if oldest is not None else None,
        ),
        figure(
            say("tasks.figure.success"),
            percent(known["success_rate"], 1),
            say("tasks.figure.failed", count=counts[states.FAILURE]),
            color="var(--bad)" if counts[states.FAILURE] else None,
        ),
        figure(
            say("tasks.figure.duration"),
            duration(known["duration_p50_s"]),
            say("tasks.figure.slowest", time=duration(known["duration_p95_s"])),
        ),
        figure(
            say("tasks.figure.throughput"),
            amount(known["throughput_per_hour"]),
            say("tasks.figure.late", count=late),
            color="var(--warn)" if late else None,
        ),
    ]
    return dmc.SimpleGrid(cells, cols={"base": 2, "sm": 3, "lg": 5}, mb="lg")


def register(callbacks: Callbacks) -> None:
    """Looking again."""

    @callbacks.on(
        Output("task-figures", "children"),
        Input("task-figures-clock", "n_intervals"),
        role=Role.OPERATOR,
        prevent_initial_call=True,
    )
    def look(_count: int) -> Any:
        return _figures()
