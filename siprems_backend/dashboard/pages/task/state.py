"""The state of a task, and its outcome."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
import orjson
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import amount, duration, moment, say
from siprems_backend.dashboard.parts.actions import does
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.tasks import progress_bar, status_badge, task_path
from siprems_backend.services.task_registry import Details, states
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

LONGEST_SHOWN = 20_000


def layout(details: Details) -> Component:
    """The bar, what the task says, and its facts."""
    task, progress = details.task, details.progress or {}
    running = task.status in states.RUNNING
    percent = f"{amount(progress.get('percent'), 0)} %" if running and progress else ""
    message = (task.error or {}).get("message") or task.message or say(f"status.{task.status}")
    head = dmc.Group(
        [
            dmc.Group([status_badge(task.status), dmc.Text(message, fw=550)], gap="sm"),
            dmc.Group([dmc.Text(percent, fw=650, className="numbers"), _button(details)], gap="sm"),
        ],
        justify="space-between",
    )
    return dmc.Paper(
        [head, progress_bar(progress or None, task.status, size="md"), _facts(details)], className="section"
    )


def _button(details: Details) -> Component | None:
    task = details.task
    if task.status in states.ACTIVE:
        return dmc.Button(
            say("tasks.cancel"),
            leftSection=icon("stop"),
            variant="default",
            size="xs",
            **does("cancel-task", task.id),
        )
    if task.status in {states.FAILURE, states.REVOKED} and may(Role.CLERK):
        return dmc.Button(
            say("task.retry"),
            leftSection=icon("retry"),
            variant="light",
            size="xs",
            **does("retry-task", task.id),
        )
    return None


def _facts(details: Details) -> Component:
    task = details.task
    end = task.finished_at or clock.now()
    took = (end - task.started_at).total_seconds() if task.started_at else None
    facts: list[tuple[str, Any]] = [
        ("created", moment(task.created_at)),
        ("took", duration(took)),
        ("queue", say(f"queue.{task.queue}")),
        ("worker", task.worker or "–"),
        ("attempts", amount(task.attempts)),
    ]
    if details.earlier:
        facts.append(
            (
                "repeats",
                dmc.Anchor(
                    moment(details.earlier[0].created_at),
                    href=task_path(details.earlier[0].task_id),
                    size="sm",
                ),
            )
        )
    if task.parent_id:
        facts.append(
            ("part_of", dmc.Anchor(say("task.whole_run"), href=task_path(task.parent_id), size="sm"))
        )
    return html.Dl(
        [html.Div([html.Dt(say(f"task.fact.{name}")), html.Dd(value)]) for name, value in facts],
        className="facts",
    )


def outcome(details: Details) -> Component | None:
    """The error or the result, as far as it fits on a page."""
    task = details.task
    if task.status == states.FAILURE and task.error:
        more = html.Pre(task.traceback, className="log mono", tabIndex=0) if task.traceback else None
        alert = dmc.Alert(task.error.get("message"), title=task.error.get("type"), color="red")
        return section(say("task.error"), alert, more)
    if task.status == states.SUCCESS and task.result:
        text = orjson.dumps(task.result, option=orjson.OPT_INDENT_2).decode()
        shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "\n…"
        return section(
            say("task.result"), _counts(task.result), html.Pre(shown, className="log mono", tabIndex=0)
        )
    return None


def _counts(result: Any) -> Component | None:
    """The numbers at the top of a result, which is what most people look for."""
    numbers = (
        {
            name: value
            for name, value in result.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        if isinstance(result, dict)
        else {}
    )
    if not numbers:
        return None
    cells = [
        html.Div([html.Dt(name.replace("_", " ")), html.Dd(amount(value))]) for name, value in numbers.items()
    ]
    return html.Dl(cells, className="facts")
