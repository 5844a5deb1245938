"""Pipelines of analysts: the catalogue of nodes, and runs."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.paging import PageQuerySchema
from siprems_backend.routes.schemas.pipelines import (
    NODE_EXAMPLE,
    PIPELINE_EXAMPLES,
    NodeBody,
    NodePageSchema,
    PipelineBody,
    PipelineResultSchema,
    PipelineSubmittedSchema,
)
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services.pipelines import catalogue, requests
from siprems_backend.services.task_registry import Submitted
from siprems_backend.utils.roles import Role

PREFIX = "/ml"
blueprint = Blueprint(
    "pipelines",
    __name__,
    description="Rows through nodes to a model. `GET /ml/nodes` has all that is needed to write a body.",
)
protect(blueprint, Role.ANALYST)
WRONG = "It cannot run, or a node failed: `fields` names node and parameter"
LONG = "It takes longer than a call waits: follow the task"


@blueprint.get("/nodes")
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, NodePageSchema)
def nodes(query: dict[str, Any]) -> Any:
    """List the nodes with the JSON Schema of their parameters."""
    return catalogue.page(query["request"])


@blueprint.post("/pipeline/run")
@submits_once
@blueprint.arguments(PipelineBody, examples=PIPELINE_EXAMPLES)
@blueprint.response(200, PipelineResultSchema)
@blueprint.alt_response(202, schema=PipelineSubmittedSchema, description=LONG)
@blueprint.alt_response(413, schema=ErrorSchema, description="Too many rows to wait for (`too_many_rows`)")
@blueprint.alt_response(422, schema=ErrorSchema, description=WRONG)
def run_pipeline(body: dict[str, Any]) -> Any:
    """Run a pipeline and wait for its results."""
    return finished_or_accepted(requests.submit_pipeline(body, current_principal(), waits=True, **_key()))


@blueprint.post("/pipeline/run-async")
@submits_once
@blueprint.arguments(PipelineBody, examples=PIPELINE_EXAMPLES)
@blueprint.response(202, PipelineSubmittedSchema)
@blueprint.alt_response(
    422, schema=ErrorSchema, description="It cannot run: `fields` names node and parameter"
)
def run_pipeline_async(body: dict[str, Any]) -> Any:
    """Have a worker run a pipeline."""
    return accepted_body(requests.submit_pipeline(body, current_principal(), **_key()))


@blueprint.post("/nodes/run")
@submits_once
@blueprint.arguments(NodeBody, example=NODE_EXAMPLE)
@blueprint.response(200, PipelineResultSchema)
@blueprint.alt_response(202, schema=PipelineSubmittedSchema, description=LONG)
@blueprint.alt_response(413, schema=ErrorSchema, description="Too many rows to wait for (`too_many_rows`)")
@blueprint.alt_response(422, schema=ErrorSchema, description=WRONG)
def run_node(body: dict[str, Any]) -> Any:
    """Run a single node on a dataset or another source, and wait for its results."""
    return finished_or_accepted(requests.submit_node(body, current_principal(), waits=True, **_key()))


@blueprint.post("/nodes/run-async")
@submits_once
@blueprint.arguments(NodeBody, example=NODE_EXAMPLE)
@blueprint.response(202, PipelineSubmittedSchema)
@blueprint.alt_response(422, schema=ErrorSchema, description="It cannot run: `fields` names the parameter")
def run_node_async(body: dict[str, Any]) -> Any:
    """Have a worker run a single node."""
    return accepted_body(requests.submit_node(body, current_principal(), **_key()))


def finished_or_accepted(submitted: Submitted) -> Any:
    """The result of a task if it comes soon, otherwise where to follow it."""
    answer = requests.answer_of(submitted, current_principal())
    # As it is: results of many columns take longer through the schema than some pipelines run.
    return jsonify(answer) if answer is not None else (jsonify(accepted_body(submitted)), 202)


def accepted_body(submitted: Submitted) -> dict[str, Any]:
    """Where to follow a task."""
    return submitted_body(submitted, "Pipeline task submitted", success=True)


def _key() -> dict[str, Any]:
    return {"idempotency_key": request.headers.get(HEADER)}
