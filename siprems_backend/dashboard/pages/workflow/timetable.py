"""When a workflow runs by itself."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import moment, say
from siprems_backend.dashboard.language.choice import current_zone
from siprems_backend.dashboard.language.formats import weekday_names
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.problems import notify
from siprems_backend.errors import Invalid
from siprems_backend.services import schedules, workflows
from siprems_backend.services.workflows import WorkflowView
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 200
EVERY_DAY, MONTHLY = "day", "month"
TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?")
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def layout(workflow: WorkflowView) -> Component:
    """The schedules there are, and a form for another."""
    return section(
        say("workflow.timetable"),
        html.Div(_listed(workflow.id), id="workflow-schedules"),
        _form(),
        store("remove-schedule"),
        lead=say("workflow.timetable_lead"),
    )


def _listed(workflow_id: UUID) -> Component | None:
    found = [
        each
        for each in schedules.listing(PageRequest(1, SHOWN), caller()).items
        if str(each.parameters.get("workflow_id")) == str(workflow_id)
    ]
    if not found:
        return None
    heads = [say(f"workflow.{name}") for name in ("rule", "next")]
    actions = html.Span(say("playground.actions"), className="unseen")
    return table([*heads, actions], [_row(each) for each in found])


def _row(schedule: Any) -> list[Any]:
    next_run = moment(schedule.next_runs[0]) if schedule.next_runs else schedule.obstacle or "–"
    label = say("workflow.unschedule", name=schedule.name)
    button = dmc.ActionIcon(
        icon("trash"),
        variant="subtle",
        color="gray",
        **{"aria-label": label},
        **does("remove-schedule", schedule.id, confirm=f"{label}?"),
    )
    rule = html.Span([html.Code(schedule.cron), f" {schedule.timezone}"])
    return [rule, next_run, button]


def _form() -> Component:
    days = [{"value": key, "label": name} for key, name in zip(DAYS, weekday_names(), strict=True)]
    choices = [
        {"value": EVERY_DAY, "label": say("workflow.every_day")},
        *days,
        {"value": MONTHLY, "label": say("workflow.monthly")},
    ]
    when = dmc.Select(
        id="schedule-when", label=say("workflow.when"), data=choices, value=EVERY_DAY, allowDeselect=False
    )
    at = dmc.TimeInput(id="schedule-at", label=say("workflow.at"), value="04:00")
    button = dmc.Button(
        say("workflow.schedule"), id="schedule-add", leftSection=icon("clock"), variant="default"
    )
    return dmc.Group([when, at, button], align="flex-end", className="apply")


def cron_of(when: object, at: object) -> str:
    """The rule of a schedule in the five fields of cron.

    Raises:
        Invalid: no time, or no such choice.
    """
    found = TIME.fullmatch(str(at or ""))
    if found is None:
        raise Invalid(say("workflow.no_time"), code="form")
    chosen = checks.one_of(when, [EVERY_DAY, *DAYS, MONTHLY], say("workflow.when"))
    time = f"{int(found[2])} {int(found[1])}"
    days = {EVERY_DAY: "* * *", MONTHLY: "1 * *"}
    return f"{time} {days.get(chosen, f'* * {chosen}')}"


def register(callbacks: Callbacks) -> None:
    """Adding and removing."""

    @callbacks.on(
        Output("workflow-schedules", "children"),
        Input("schedule-add", "n_clicks"),
        State("schedule-when", "value"),
        State("schedule-at", "value"),
        State("workflow-id", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add(_clicks: int, when: str | None, at: str | None, workflow_id: str) -> Any:
        workflow = workflows.get(UUID(workflow_id), caller())
        made = schedules.create(
            {
                "name": workflow.name,
                "cron": cron_of(when, at),
                "timezone": getattr(current_zone(), "key", "UTC"),
                "task": "run_workflow",
                "parameters": {"workflow_id": workflow.id, "inputs": {}},
            },
            caller(),
        )
        notify(say("workflow.scheduled", when=moment(made.next_runs[0]) if made.next_runs else "–"))
        return _listed(workflow.id)

    @callbacks.on(
        Output("workflow-schedules", "children", allow_duplicate=True),
        pressed("remove-schedule"),
        State("workflow-id", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str], workflow_id: str) -> Any:
        schedules.remove(int(press["value"]), caller())
        return _listed(UUID(workflow_id))
