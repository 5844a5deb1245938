"""What comes by itself."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import duration, moment, say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.tasks import kind_name, task_path
from siprems_backend.services import upcoming
from siprems_backend.utils import clock


def layout() -> Component:
    """The next run of everything regular, and retries that wait for their time."""
    rows = [row for row in upcoming.scheduled(caller()) if row["eta"] is not None]
    if not rows:
        return empty("clock", say("tasks.nothing_scheduled"), say("tasks.nothing_scheduled_advice"))
    heads = [say(f"tasks.column.{name}") for name in ("what", "when", "in", "rule")]
    return section(
        say("tasks.view.scheduled"),
        table(heads, [_row(row) for row in rows], less={3}),
        lead=say("tasks.scheduled_lead"),
    )


def _row(row: dict[str, Any]) -> list[Any]:
    name = kind_name(row["task_name"])
    left = max(0.0, (row["eta"] - clock.now()).total_seconds())
    rule = row["schedule"] or say("tasks.retry_waits")
    return [
        dmc.Anchor(name, href=task_path(row["task_id"])) if row["task_id"] else name,
        moment(row["eta"]),
        duration(round(left)),
        dmc.Text(rule, size="sm", c="dimmed"),
    ]
