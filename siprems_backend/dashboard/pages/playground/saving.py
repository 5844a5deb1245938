"""Saving the pipeline as a workflow, or as the next version of the one that it was opened from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dash import Input, Output, State

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.playground import draft as drafts
from siprems_backend.dashboard.pages.playground.draft import DRAFT, OPENED
from siprems_backend.dashboard.problems import notify
from siprems_backend.errors import Invalid
from siprems_backend.services import workflows
from siprems_backend.utils.roles import Role

LONGEST_NAME = 200


def register(callbacks: Callbacks) -> None:
    """The button."""

    @callbacks.on(
        Output(OPENED, "data", allow_duplicate=True),
        Input("pipeline-save", "n_clicks"),
        State(DRAFT, "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def save(_clicks: int, draft: Any) -> Any:
        kept = _saved(draft)
        notify(say("playground.saved", name=kept.name, version=str(kept.version)))
        return {**draft, "name": kept.name, "workflow": {"id": str(kept.id), "version": kept.version}}


def _saved(draft: Any) -> workflows.WorkflowView:
    name = checks.line(drafts.name_of(draft), LONGEST_NAME, say("playground.name"))
    values = {"name": name, "description": "", "parameters": {}, "pipeline": drafts.pipeline_of(draft)}
    workflow = drafts.workflow_of(draft)
    try:
        return workflows.create(values, caller()) if workflow is None else _next_version(workflow, values)
    except Invalid as error:
        if error.code != "invalid_pipeline":
            raise
        raise Invalid(say("playground.problem.not_ready"), code="pipeline_not_ready") from None


def _next_version(workflow: Mapping[str, Any], values: Mapping[str, Any]) -> workflows.WorkflowView:
    """What is not edited here stays as it is."""
    try:
        found, expected = workflows.get(UUID(str(workflow["id"])), caller()), int(workflow["version"])
    except (TypeError, ValueError):
        raise Invalid(say("playground.problem.reload"), code="form") from None
    kept = {"description": found.description, "parameters": found.parameters}
    return workflows.replace(found.id, {**values, **kept}, caller(), expected=[expected])
