"""What wants looking at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import task_registry, workers
from siprems_backend.services.stock_outlook import Counts
from siprems_backend.services.task_registry import TaskFilter, states
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

# A run a night: one that is older was missed.
RUN_IS_OLD = timedelta(hours=30)
LATELY = timedelta(hours=24)

Alert = tuple[str, str, str]


def layout(counts: Counts, overdue: int, run: Any | None) -> Component:
    """One line each, with the way to where something can be done."""
    found = [*_of_orders(overdue), *_of_stock(counts), *_of_work(run)]
    if not found:
        calm = dmc.Group([icon("check"), dmc.Text(say("morning.calm"), size="sm")], gap="xs")
        return section(say("morning.alerts"), calm)
    return section(
        say("morning.alerts"), html.Ul([_line(*alert) for alert in found], className="plain-list alerts")
    )


def _line(level: str, words: str, href: str) -> Component:
    return html.Li([icon("alert"), dmc.Anchor(words, href=href, size="sm", c="inherit")], className=level)


def _of_orders(overdue: int) -> Iterator[Alert]:
    if overdue:
        yield "warn", say("morning.alert.overdue", count=overdue), path_to("plan", view="orders")


def _of_stock(counts: Counts) -> Iterator[Alert]:
    if counts.drifted:
        yield "warn", say("morning.alert.drifted", count=counts.drifted), path_to("products", show="drifted")
    if counts.without_forecast:
        yield "info", say("morning.alert.without", count=counts.without_forecast), path_to("products")


def _of_work(run: Any | None) -> Iterator[Alert]:
    if run is None or clock.now() - run.created_at > RUN_IS_OLD:
        yield "warn", say("morning.alert.no_run"), path_to("tasks", view="scheduled")
    failed = _failed_lately()
    if failed:
        yield "bad", say("morning.alert.failed", count=failed), path_to("tasks", view="history")
    if may(Role.OPERATOR) and not workers.health()["success"]:
        yield "bad", say("morning.alert.no_worker"), path_to("tasks", view="workers")


def _failed_lately() -> int:
    wanted = TaskFilter(statuses=[states.FAILURE], created_after=clock.now() - LATELY)
    return task_registry.listing(wanted, PageRequest(1, 1), "-created_at", caller()).total
