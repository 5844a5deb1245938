"""Who works, and what waits for them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from siprems_backend.config import get_settings
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, duration, say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.services import task_registry, workers
from siprems_backend.services.task_registry.kinds import Queue
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

LOOK_EVERY_MS = 2_000


def layout() -> Component:
    """Both tables, and what keeps them fresh."""
    return html.Div(
        [html.Div(_tables(), id="workers"), dcc.Interval(id="workers-clock", interval=LOOK_EVERY_MS)]
    )


def _tables() -> Component:
    return dmc.Stack([_workers(), _queues()], gap="md")


def _workers() -> Component:
    found = workers.overview()["workers"]
    if not found["stats"]:
        return empty("worker", say("tasks.no_workers"), say("tasks.no_workers_advice"))
    heads = [
        say(f"tasks.worker.{name}") for name in ("name", "kind", "busy", "done", "memory", "uptime", "queues")
    ]
    rows = [
        _worker(name, figures, found["active"].get(name, []))
        for name, figures in sorted(found["stats"].items())
    ]
    return section(
        say("tasks.workers"), table(heads, rows, right={2, 3, 4, 5}, less={1, 5, 6}), action=_flower()
    )


def _worker(name: str, figures: dict[str, Any], active: list[Any]) -> list[Any]:
    memory = figures["rss_mb"]
    return [
        dmc.Text(name, size="sm", fw=550),
        say(f"tasks.worker.of_kind.{figures['kind']}"),
        f"{amount(len(active))} / {amount(figures['pool']['max-concurrency'])}",
        amount(sum(figures["total"].values())),
        f"{amount(memory, 0)} MB" if memory is not None else "–",
        duration(figures["uptime"]),
        dmc.Text(", ".join(figures["queues"]), size="sm", c="dimmed"),
    ]


def _flower() -> Component | None:
    address = get_settings().flower_url
    if not address:
        return None
    return dmc.Anchor([say("tasks.flower"), " ", icon("external")], href=address, target="_blank", size="sm")


def _queues() -> Component:
    waiting = task_registry.waiting(caller())
    running = Counter(task.queue for task in task_registry.running(caller()))
    lengths = Counter(task.queue for task in waiting)
    now = clock.now()
    oldest = {task.queue: (now - task.created_at).total_seconds() for task in reversed(waiting)}
    heads = [say(f"tasks.queue.{name}") for name in ("name", "running", "length", "age")]
    rows = [
        [
            say(f"queue.{queue.value}"),
            amount(running[queue]),
            amount(lengths[queue]),
            duration(oldest.get(queue)),
        ]
        for queue in Queue
    ]
    return section(say("tasks.queues"), table(heads, rows, right={1, 2, 3}))


def register(callbacks: Callbacks) -> None:
    """Looking again."""

    @callbacks.on(
        Output("workers", "children"),
        Input("workers-clock", "n_intervals"),
        role=Role.OPERATOR,
        prevent_initial_call=True,
    )
    def look(_count: int) -> Any:
        return _tables()
