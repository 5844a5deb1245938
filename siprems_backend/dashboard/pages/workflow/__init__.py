"""One workflow: its steps, its versions, and when it runs by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Output, State, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, moment, say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.playground.steps import graph
from siprems_backend.dashboard.pages.workflow import timetable
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import heading, section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import nothing_here
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import workflows
from siprems_backend.services.workflows import WorkflowView
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

VERSIONS_SHOWN = 20


def layout(params: Params, _query: Params) -> Component:
    """All about one workflow."""
    try:
        workflow = workflows.get(UUID(params["workflow_id"]), caller())
    except ValueError:
        return nothing_here("missing")
    label = say("workflow.remove", name=workflow.name)
    remove = dmc.Button(
        say("workflow.delete"),
        leftSection=icon("trash"),
        variant="default",
        size="sm",
        **does("remove-workflow", workflow.id, confirm=f"{label}?"),
    )
    edit = dmc.Anchor(
        [icon("flask"), " ", say("workflow.edit")],
        href=path_to("playground", workflow=workflow.id),
        className="button-link",
    )
    return html.Div(
        [
            heading(
                workflow.name,
                workflow.description or None,
                edit,
                remove,
                back=(say("workflow.back"), path_to("playground", view="workflows")),
            ),
            html.Div(_content(workflow), id="workflow-content", className="stack"),
            timetable.layout(workflow),
            dcc.Store(id="workflow-id", data=str(workflow.id)),
            store("restore-version"),
            store("remove-workflow"),
        ],
        className="stack",
    )


def _content(workflow: WorkflowView) -> list[Component]:
    nodes: list[Any] = [dict(node) for node in workflow.pipeline]
    return [section(say("playground.graph.title"), graph(nodes)), _versions(workflow)]


def _versions(workflow: WorkflowView) -> Component:
    found = workflows.versions(workflow.id, PageRequest(1, VERSIONS_SHOWN), caller())
    heads = [say(f"workflow.{name}") for name in ("version", "steps", "saved")]
    actions = html.Span(say("playground.actions"), className="unseen")
    rows = [_version(each, workflow) for each in found.items]
    return section(say("workflow.versions"), table([*heads, actions], rows, right={1}))


def _version(version: Any, workflow: WorkflowView) -> list[Any]:
    number = version.version
    note = (
        dmc.Text(say("workflow.restored", version=version.restored_from), size="xs", c="dimmed")
        if version.restored_from
        else None
    )
    look = dmc.Anchor(
        say("workflow.open"), href=path_to("playground", workflow=workflow.id, version=number), size="sm"
    )
    last = (
        dmc.Badge(say("workflow.current"))
        if number == workflow.version
        else dmc.Button(
            say("workflow.restore"),
            size="compact-sm",
            variant="default",
            **{"aria-label": f"{say('workflow.restore')}: {amount(number)}"},
            **does("restore-version", number),
        )
    )
    buttons = dmc.Group([look, last], gap="md", justify="flex-end")
    return [html.Div([amount(number), note]), amount(version.nodes), moment(version.created_at), buttons]


def register(callbacks: Callbacks) -> None:
    """Restoring a version, deleting the workflow, and its schedules."""

    @callbacks.on(
        Output("workflow-content", "children"),
        pressed("restore-version"),
        State("workflow-id", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def restore(press: dict[str, str], workflow_id: str) -> Any:
        workflow = workflows.restore(UUID(workflow_id), int(press["value"]), caller())
        notify(say("playground.saved", name=workflow.name, version=str(workflow.version)))
        return _content(workflow)

    @callbacks.on(
        Output("url", "href", allow_duplicate=True),
        pressed("remove-workflow"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str]) -> Any:
        workflows.remove(UUID(press["value"]), caller())
        return path_to("playground", view="workflows")

    timetable.register(callbacks)


PAGE = Page("workflow", "playground/workflows/<workflow_id>", Role.ANALYST, layout)
