"""The parts of a task that shares its work out: a nightly run as a tree."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, duration, say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.tasks import kind_name, progress_bar, status_badge, task_path
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import Details, states
from siprems_backend.services.task_registry.views import progress_of
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest

MOST_SHOWN = 50
# The order in which somebody who looks for trouble wants them.
ORDER = (
    states.FAILURE,
    states.PROGRESS,
    states.STARTED,
    states.RETRY,
    states.PENDING,
    states.REVOKED,
    states.SUCCESS,
)


def changes(details: Details) -> bool:
    """Whether there are parts at all."""
    return details.family is not None


def layout(details: Details) -> Component | None:
    """How many parts are in which state, and the parts, those in trouble first."""
    if details.family is None:
        return None
    counts = details.family.by_status
    badges = [_count(status, counts[status]) for status in ORDER if counts.get(status)]
    found = _parts(details)
    heads = [say(f"tasks.column.{name}") for name in ("part", "status", "progress", "took", "message")]
    rows = [_row(place, task) for place, task in found]
    rest = details.family.total - len(rows)
    more = dmc.Text(say("tasks.more", count=rest), size="sm", c="dimmed") if rest else None
    return section(
        say("task.parts", count=details.family.total),
        dmc.Group(badges, gap="xs"),
        table(heads, rows, right={3}),
        more,
    )


def _parts(details: Details) -> list[tuple[int, Any]]:
    page = task_registry.children(details.task.id, None, PageRequest(1, 200), "created_at", caller())
    numbered = list(enumerate(page.items, start=1))
    return sorted(numbered, key=lambda pair: (ORDER.index(pair[1].status), pair[0]))[:MOST_SHOWN]


def _count(status: str, count: int) -> Component:
    return dmc.Group([status_badge(status), dmc.Text(amount(count), size="sm", fw=600)], gap=6)


def _row(place: int, task: Any) -> list[Any]:
    end = task.finished_at or clock.now()
    took = (end - task.started_at).total_seconds() if task.started_at else None
    message = (task.error or {}).get("message") or task.message or ""
    return [
        dmc.Anchor(f"{amount(place)}. {kind_name(task.kind)}", href=task_path(task.id), size="sm"),
        status_badge(task.status),
        dmc.Box(progress_bar(progress_of(task), task.status), w=120),
        duration(took),
        dmc.Text(message, size="sm", c="dimmed", lineClamp=1, maw=360),
    ]
