"""The parts of a task that shares its work out: a nightly run as a tree."""

from __future__ import annotations

from collections.abc import Sequence
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
# Every component on a page costs the browser time whenever anything on it changes, and a bar should move.
MOST_LIVE = 12
MOST_NUMBERED = 200
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
IN_TROUBLE = ORDER[:1]


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
        table(heads, rows, right={3}, less={4}),
        more,
    )


def _parts(details: Details) -> list[tuple[int | None, Any]]:
    """(its number, if that is known, and a part) of those to show."""

    def among(statuses: Sequence[str] | None, most: int) -> Sequence[Any]:
        request = PageRequest(1, most)
        return task_registry.children(details.task.id, statuses, request, "created_at", caller()).items

    first = among(None, MOST_NUMBERED)
    parts: dict[Any, tuple[int | None, Any]] = {
        task.id: (number, task) for number, task in enumerate(first, start=1)
    }
    if details.family is not None and details.family.total > len(first):
        for task in among(IN_TROUBLE, MOST_SHOWN):
            parts.setdefault(task.id, (None, task))
    finished = details.task.status in states.TERMINAL
    return sorted(parts.values(), key=_urgency)[: MOST_SHOWN if finished else MOST_LIVE]


def _urgency(part: tuple[int | None, Any]) -> tuple[int, Any]:
    return ORDER.index(part[1].status), part[1].created_at


def _count(status: str, count: int) -> Component:
    return dmc.Group([status_badge(status), dmc.Text(amount(count), size="sm", fw=600)], gap=6)


def _row(place: int | None, task: Any) -> list[Any]:
    end = task.finished_at or clock.now()
    took = (end - task.started_at).total_seconds() if task.started_at else None
    message = (task.error or {}).get("message") or task.message or ""
    return [
        dmc.Anchor(_name(place, task), href=task_path(task.id), size="sm"),
        status_badge(task.status),
        dmc.Box(progress_bar(progress_of(task), task.status), w=120),
        duration(took),
        dmc.Text(message, size="sm", c="dimmed", lineClamp=1, maw=360),
    ]


def _name(place: int | None, task: Any) -> str:
    name = kind_name(task.kind)
    return name if place is None else f"{amount(place)}. {name}"
