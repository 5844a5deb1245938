"""What a model predicted for a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, say
from siprems_backend.dashboard.parts.bars import shares
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.values import word
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import states

SHOWN = 10
MOST_CLASSES = 12


def layout(task_id: UUID) -> Component | None:
    """The first predictions, and how all of them are spread."""
    task = task_registry.get(task_id, caller())
    if task.status != states.SUCCESS or not isinstance(task.result, dict):
        return None
    result, found = task.result, task.result.get("predictions") or []
    rows = [[amount(place), word(value)] for place, value in enumerate(found[:SHOWN], start=1)]
    heads = [say("playground.predictions.row"), say("playground.predictions.value")]
    parts = [
        html.P(say("playground.predictions.count", count=result["rows"])),
        table(heads, rows, right={0, 1}) if rows else None,
        _spread(found),
        *[_file(task_id, file["name"]) for file in result.get("output_files") or []],
    ]
    return html.Div(parts, className="predictions")


def _spread(values: Sequence[Any]) -> Component | None:
    """How often each class, or between which bounds the numbers."""
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not values:
        return None
    if (
        len(numbers) < len([value for value in values if value is not None])
        or len(set(numbers)) <= MOST_CLASSES
    ):
        counted = Counter(word(value) for value in values).most_common(MOST_CLASSES)
        return shares([(name, count, amount(count)) for name, count in counted])
    facts = {"least": min(numbers), "mean": sum(numbers) / len(numbers), "greatest": max(numbers)}
    cells = [
        html.Div([html.Dt(say(f"playground.predictions.{name}")), html.Dd(amount(value))])
        for name, value in facts.items()
    ]
    return html.Dl(cells, className="facts")


def _file(task_id: UUID, name: str) -> Component:
    address = f"/api/v1/tasks/{task_id}/files/{name}"
    return html.A([icon("download"), " ", name], href=address, className="download")
