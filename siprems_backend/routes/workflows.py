"""Workflows of analysts over HTTP."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import request

from siprems_backend.errors import BadRequest
from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.paging import PageQuerySchema
from siprems_backend.routes.schemas.workflows import (
    LARGEST_VERSION,
    NewWorkflowSchema,
    RestoreSchema,
    VersionPageSchema,
    VersionSchema,
    WorkflowChangesSchema,
    WorkflowPageSchema,
    WorkflowQuery,
    WorkflowSchema,
)
from siprems_backend.services import workflows
from siprems_backend.services.workflows import WorkflowView
from siprems_backend.utils.roles import Role

PREFIX = "/workflows"
ONE = "/<uuid:workflow_id>"
VERSION = f"{ONE}/versions/<int(max={LARGEST_VERSION}):number>"
blueprint = Blueprint(
    "workflows",
    __name__,
    description="Pipelines that are saved by version. Everybody has their own; operators see and manage all.",
)
protect(blueprint, Role.ANALYST)
VERSION_TAG = re.compile(r"[1-9][0-9]{0,8}")
REFUSED = "Names each node at fault (`invalid_pipeline`) or parameter (`invalid_parameters`)"
NOT_FOUND = "`workflow_not_found`"
CHANGED = (
    "It has been changed meanwhile (`workflow_changed`), or schedules give it inputs that it would not take"
)
IF_MATCH = {
    "parameters": [
        {
            "in": "header",
            "name": "If-Match",
            "required": False,
            "schema": {"type": "string"},
            "description": "The `ETag` of the version that is changed; 409 if it is not current any more",
        }
    ]
}


@blueprint.get("")
@blueprint.arguments(WorkflowQuery, location="query")
@blueprint.response(200, WorkflowPageSchema)
def list_workflows(query: dict[str, Any]) -> Any:
    """List your workflows; operators see everybody's."""
    return workflows.listing(
        query["request"],
        query["sort"],
        current_principal(),
        owner=query.get("owner"),
        search=query.get("search"),
    )


@blueprint.post("")
@idempotent
@blueprint.arguments(NewWorkflowSchema)
@blueprint.response(201, WorkflowSchema)
@blueprint.alt_response(
    409, schema=ErrorSchema, description="You have one of this name (`workflow_exists`), or too many"
)
@blueprint.alt_response(422, schema=ErrorSchema, description=REFUSED)
def create_workflow(values: dict[str, Any]) -> Any:
    """Save a pipeline. It is checked as far as it can be without its data."""
    return _tagged(workflows.create(values, current_principal()))


@blueprint.get(ONE)
@blueprint.response(200, WorkflowSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def get_workflow(workflow_id: UUID) -> Any:
    """Show a workflow at its current version."""
    return _tagged(workflows.get(workflow_id, current_principal()))


@blueprint.put(ONE)
@blueprint.arguments(WorkflowChangesSchema)
@blueprint.response(200, WorkflowSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
@blueprint.alt_response(409, schema=ErrorSchema, description=CHANGED)
@blueprint.alt_response(422, schema=ErrorSchema, description=REFUSED)
@blueprint.doc(**IF_MATCH)
def replace_workflow(values: dict[str, Any], workflow_id: UUID) -> Any:
    """Make a new version of a workflow; the same again makes none."""
    expected = _expected(values.pop("version", None))
    return _tagged(workflows.replace(workflow_id, values, current_principal(), expected=expected))


@blueprint.delete(ONE)
@blueprint.response(204)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
@blueprint.alt_response(409, schema=ErrorSchema, description="Schedules run it (`workflow_scheduled`)")
def delete_workflow(workflow_id: UUID) -> None:
    """Delete a workflow; tasks that are to run it still do."""
    workflows.remove(workflow_id, current_principal())


@blueprint.get(f"{ONE}/versions")
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, VersionPageSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def list_versions(query: dict[str, Any], workflow_id: UUID) -> Any:
    """List the versions of a workflow, the newest first."""
    return workflows.versions(workflow_id, query["request"], current_principal())


@blueprint.get(VERSION)
@blueprint.response(200, VersionSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{NOT_FOUND}, `version_not_found`")
def get_version(workflow_id: UUID, number: int) -> Any:
    """Show what a workflow did at a version."""
    return workflows.version(workflow_id, number, current_principal())


@blueprint.post(f"{VERSION}/restore")
@idempotent
@blueprint.arguments(RestoreSchema, required=False)
@blueprint.response(200, WorkflowSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{NOT_FOUND}, `version_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description=CHANGED)
@blueprint.doc(**IF_MATCH)
def restore_version(values: dict[str, Any], workflow_id: UUID, number: int) -> Any:
    """Make a new version that does what an earlier one did."""
    expected = _expected(values.get("version"))
    return _tagged(workflows.restore(workflow_id, number, current_principal(), expected=expected))


def _tagged(found: WorkflowView) -> Any:
    """The workflow with its version as its tag, in the order that the blueprint reads it."""
    return found, {"ETag": f'"{found.version}"'}


def _expected(version: int | None) -> set[int] | None:
    """The versions that the request knows, by its body and its header; None if it names none."""
    tags = request.if_match
    known = None if version is None else {version}
    if tags.star_tag or not tags:
        return known
    tagged = {int(tag) for tag in tags.as_set(include_weak=True) if tag and VERSION_TAG.fullmatch(tag)}
    if known is not None and known != tagged:
        raise BadRequest("If-Match and `version` name different versions; give one of them.")
    return tagged
