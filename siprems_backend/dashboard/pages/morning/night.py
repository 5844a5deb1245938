"""The last nightly run."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import duration, say, time_ago
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.dashboard.parts.tasks import task_path
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskFilter, TaskKind, states
from siprems_backend.utils.pagination import PageRequest


def last_run() -> Any | None:
    """The latest run over all products that the caller may see; None before the first."""
    wanted = TaskFilter(kinds=[TaskKind.TRAIN_ALL])
    found = task_registry.listing(wanted, PageRequest(1, 1), "-created_at", caller()).items
    return task_registry.get(found[0].id, caller()) if found else None


def figure_of_run(run: Any | None) -> Component:
    """When it was and what came of it."""
    if run is None:
        return figure(say("morning.last_run"), "–", say("morning.no_run"))
    link = dmc.Anchor(_outcome(run), href=task_path(run.id), size="sm")
    return figure(say("morning.last_run"), time_ago(run.finished_at or run.created_at), link)


def _outcome(run: Any) -> str:
    if run.status != states.SUCCESS:
        return say(f"status.{run.status}")
    counts = run.result or {}
    return say(
        "morning.run_counts",
        trained=counts.get("trained", 0),
        unchanged=counts.get("unchanged", 0),
        skipped=counts.get("skipped", 0),
        failed=counts.get("failed", 0),
        time=duration(counts.get("seconds")),
    )
