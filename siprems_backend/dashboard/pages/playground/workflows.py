"""Workflows: pipelines that were saved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, moment, say
from siprems_backend.dashboard.pages.playground import draft as drafts
from siprems_backend.dashboard.pages.playground import run
from siprems_backend.dashboard.pages.playground.draft import OPENED
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import workflows
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 100


def layout() -> Component:
    """The workflows, those changed last first."""
    stores = [store("run-workflow"), store("open-workflow")]
    return html.Div([html.Div(_list(), id="workflows-list"), *stores])


def _list() -> Component:
    found = workflows.listing(PageRequest(1, SHOWN), "-updated_at", caller())
    if not found.total:
        return empty("flask", say("playground.workflows.none"), say("playground.workflows.none_advice"))
    heads = [say(f"playground.workflows.{name}") for name in ("name", "version", "changed")]
    actions = html.Span(say("playground.actions"), className="unseen")
    rows = [_row(each) for each in found.items]
    return section(
        say("playground.workflows.title"),
        table([*heads, actions], rows, right={1}, less={1, 2}),
        lead=say("playground.workflows.lead"),
    )


def _row(workflow: Any) -> list[Any]:
    name = dmc.Anchor(workflow.name, href=path_to("playground", "workflows", workflow.id), size="sm", fw=550)
    buttons = [
        dmc.Button(
            say("playground.run"),
            leftSection=icon("play"),
            size="compact-sm",
            variant="light",
            **{"aria-label": f"{say('playground.run')}: {workflow.name}"},
            **does("run-workflow", workflow.id),
        ),
        dmc.Button(
            say("playground.workflows.open"),
            size="compact-sm",
            variant="default",
            **{"aria-label": f"{say('playground.workflows.open')}: {workflow.name}"},
            **does("open-workflow", workflow.id),
        ),
    ]
    note = dmc.Text(workflow.description, size="xs", c="dimmed") if workflow.description else None
    return [
        html.Div([name, note]),
        amount(workflow.version),
        moment(workflow.updated_at),
        dmc.Group(buttons, gap="xs", justify="flex-end"),
    ]


def _opened(workflow_id: UUID) -> dict[str, Any]:
    found = workflows.get(workflow_id, caller())
    return drafts.opened(found.name, found.pipeline, {"id": str(found.id), "version": found.version})


def register(callbacks: Callbacks) -> None:
    """Opening, and running: a run is watched where the pipeline is built."""

    @callbacks.on(
        Output(OPENED, "data", allow_duplicate=True),
        Output("playground-view", "value", allow_duplicate=True),
        pressed("open-workflow"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def show(press: dict[str, str]) -> Any:
        return _opened(UUID(press["value"])), "build"

    @callbacks.on(
        Output(run.TASK, "data", allow_duplicate=True),
        Output(OPENED, "data", allow_duplicate=True),
        Output("playground-view", "value", allow_duplicate=True),
        pressed("run-workflow"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def start(press: dict[str, str]) -> Any:
        workflow_id = UUID(press["value"])
        submitted = workflows.submit_execution(workflows.Config(workflow_id), caller())
        return str(submitted.task_id), _opened(workflow_id), "build"
