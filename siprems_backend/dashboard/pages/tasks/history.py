"""What was, by state and kind."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import duration, moment, say
from siprems_backend.dashboard.parts.pager import pager
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.tasks import kind_name, status_badge, task_path, title
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskFilter, TaskKind, states
from siprems_backend.services.task_registry.kinds import DELIVERY, PARTS, Queue
from siprems_backend.utils.pagination import PageRequest

PAGE_SIZE = 25
# What keeps the house, every few seconds; it is shown when it is asked for.
UPKEEP = frozenset(
    kind for kind, delivery in DELIVERY.items() if delivery.queue in {Queue.MAINTENANCE, Queue.NOTIFICATIONS}
)
USUAL = [kind for kind in TaskKind if kind not in PARTS | UPKEEP]


def layout() -> Component:
    """The filters, a page of the list, and the way to the others."""
    rows, pages, total = _listing(None, None, 1)
    count = dmc.Text(total, id="history-total", size="sm", c="dimmed")
    foot = dmc.Group([count, pager("history-page", pages)], justify="space-between", mt="sm")
    return html.Div([_filters(), html.Div(rows, id="history-list"), foot])


def _filters() -> Component:
    status = dmc.Select(
        id="history-status",
        label=say("tasks.filter.status"),
        placeholder=say("tasks.filter.any"),
        data=[{"value": each, "label": say(f"status.{each}")} for each in sorted(states.ALL)],
        clearable=True,
        w={"base": "100%", "xs": 200},
    )
    kind = dmc.Select(
        id="history-kind",
        label=say("tasks.filter.kind"),
        placeholder=say("tasks.filter.usual"),
        data=[{"value": each.value, "label": kind_name(each)} for each in TaskKind],
        clearable=True,
        searchable=True,
        w={"base": "100%", "xs": 280},
    )
    return dmc.Group([status, kind], mb="md", align="flex-end")


def _listing(status: str | None, kind: str | None, number: int) -> tuple[Component, int, str]:
    """(the rows of a page, how many pages, how many tasks in words)."""
    wanted = TaskFilter(statuses=[status] if status else None, kinds=[kind] if kind else [*map(str, USUAL)])
    found = task_registry.listing(wanted, PageRequest(max(1, number), PAGE_SIZE), "-created_at", caller())
    total = say("tasks.total", count=found.total)
    if not found.total:
        return empty("list", say("tasks.nothing_found"), say("tasks.nothing_found_advice")), 1, total
    heads = [say(f"tasks.column.{name}") for name in ("what", "status", "created", "took", "message")]
    rows = table(heads, [_row(task) for task in found.items], right={3}, less={3, 4})
    return dmc.Paper(rows, p=0), -(-found.total // found.page_size), total


def _row(task: Any) -> list[Any]:
    took = (
        (task.finished_at - task.started_at).total_seconds() if task.finished_at and task.started_at else None
    )
    message = (task.error or {}).get("message") or task.message or ""
    return [
        dmc.Anchor(title(task.kind, task.kwargs), href=task_path(task.id), size="sm"),
        status_badge(task.status),
        moment(task.created_at),
        duration(took),
        dmc.Text(message, size="sm", c="dimmed", lineClamp=1, maw=420),
    ]


def register(callbacks: Callbacks) -> None:
    """Filtering and turning pages."""
    filters = [State("history-status", "value"), State("history-kind", "value")]

    @callbacks.on(
        Output("history-page", "value"),
        Output("history-list", "children"),
        Output("history-page", "total"),
        Output("history-total", "children"),
        [Input(each.component_id, "value") for each in filters],
        prevent_initial_call=True,
    )
    def narrow(chosen: list[str | None]) -> Any:
        return 1, *_listing(chosen[0], chosen[1], 1)

    @callbacks.on(
        Output("history-list", "children", allow_duplicate=True),
        Input("history-page", "value"),
        *filters,
        prevent_initial_call=True,
    )
    def turn(number: int, status: str | None, kind: str | None) -> Any:
        return _listing(status, kind, number)[0]
