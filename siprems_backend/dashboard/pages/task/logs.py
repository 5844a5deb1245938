"""A task's log, line by line as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dash import Patch, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.language.formats import clock_time
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.services import task_registry


def layout(lines: Sequence[Component], finished: bool) -> Component:
    """The box with the lines there are."""
    nothing = say("task.no_log" if finished else "task.no_log_yet")
    box = html.Div(
        list(lines), id="task-log", className="log mono", tabIndex=0, role="log", **{"data-empty": nothing}
    )
    return section(say("task.log"), box)


def lines_after(task_id: UUID, last: int) -> tuple[list[Component], int]:
    """The lines after the one with this number, and the number of the last of them."""
    found = task_registry.log_lines(task_id, caller(), last)
    return [_line(line) for line in found], found[-1].id if found else last


def more_after(task_id: UUID, last: int) -> tuple[Any, Any]:
    """What to add to the box: nothing is sent twice."""
    lines, end = lines_after(task_id, last)
    if not lines:
        return no_update, no_update
    addition = Patch()
    addition.extend(lines)
    return addition, end


def _line(line: Any) -> Component:
    return html.Div(
        [html.Span(clock_time(line.time), className="when"), html.Span(line.message)],
        className=f"line {line.level.lower()}",
    )
