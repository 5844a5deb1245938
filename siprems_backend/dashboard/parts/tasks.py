"""How tasks look wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, known, say
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services.task_registry import TaskKind, states

COLORS = {
    states.PENDING: "gray",
    states.RETRY: "yellow",
    states.STARTED: "blue",
    states.PROGRESS: "blue",
    states.SUCCESS: "teal",
    states.FAILURE: "red",
    states.REVOKED: "gray",
}


def kind_name(kind: str) -> str:
    """What a kind of task does, in a few words."""
    try:
        name = TaskKind(kind).name
    except ValueError:
        return kind
    key = f"kind.{name}"
    return say(key) if known(key) else name.replace("_", " ").capitalize()


def status_badge(status: str) -> Component:
    """The state of a task."""
    return dmc.Badge(say(f"status.{status}"), color=COLORS.get(status, "gray"))


def subject(kwargs: Mapping[str, Any]) -> str | None:
    """What a task is about: a product, a file, a tool."""
    for name in ("product_sku", "filename", "tool", "tool_name", "category", "name"):
        if kwargs.get(name):
            return str(kwargs[name])
    return None


def title(kind: str, kwargs: Mapping[str, Any]) -> str:
    """A task in a few words."""
    about = subject(kwargs)
    return f"{kind_name(kind)} · {about}" if about else kind_name(kind)


def task_path(task_id: UUID | str) -> str:
    """Where a task is shown."""
    return path_to("tasks", task_id)


def progress_bar(progress: Mapping[str, Any] | None, status: str, *, size: str = "sm") -> Component:
    """How far a task is; one that does not say so, but runs, moves in stripes."""
    percent = float((progress or {}).get("percent") or 0)
    running = status in states.RUNNING
    unknown = running and not progress
    shown = 100.0 if unknown or status == states.SUCCESS else percent
    return dmc.ProgressRoot(
        dmc.ProgressSection(
            value=shown,
            color=COLORS[states.PROGRESS if running else status],
            striped=unknown,
            animated=unknown,
            **{"aria-label": say("task.progress", percent=amount(percent, 0))},
        ),
        size=size,
        className="bar",
    )
