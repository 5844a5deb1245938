"""Learned models: training them, and their versions."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, send_file

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.predict import NoBody
from siprems_backend.routes.schemas.train import (
    LearnedModelDetailsSchema,
    LearnedModelPageSchema,
    LearnedModelQuery,
    LearnedModelSchema,
    ModelTypesSchema,
    TrainBody,
    TrainedSchema,
    TrainSubmittedSchema,
)
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services.learned_models import repository, requests
from siprems_backend.services.learned_models.types import ALL
from siprems_backend.services.task_registry import Submitted
from siprems_backend.utils.roles import Role

blueprint = Blueprint(
    "train",
    __name__,
    description="Models of the whole shop: prophet, xgboost, lightgbm, pytorch, tensorflow, or all of them",
)
PREFIX = "/train"
ONE_MODEL = "/models/<int:learned_model_id>"
protect(blueprint, Role.ANALYST)

FILE = {"type": "string", "format": "binary"}
UNUSABLE = "A hyperparameter is out of range or not of this type, or the type's framework is not installed"


@blueprint.get("")
@blueprint.response(200, ModelTypesSchema)
def list_types() -> Any:
    """List the types of models: what can be chosen about each, and whether workers can train it."""
    return {"items": requests.catalogue()}


@blueprint.post("/<model_type>")
@submits_once
@blueprint.arguments(TrainBody, required=False)
@blueprint.response(200, TrainedSchema)
@blueprint.alt_response(202, schema=TrainSubmittedSchema, description="It takes longer: follow the task")
@blueprint.alt_response(422, schema=ErrorSchema, description=UNUSABLE)
def train(body: dict[str, Any], model_type: str) -> Any:
    """Train a model and wait a few seconds for it."""
    answer = requests.train_now(model_type, *_read(body))
    return jsonify(answer) if not isinstance(answer, Submitted) else _accepted(answer, model_type)


@blueprint.post("/<model_type>/async")
@submits_once
@blueprint.arguments(TrainBody, required=False)
@blueprint.response(202, TrainSubmittedSchema)
@blueprint.alt_response(422, schema=ErrorSchema, description=UNUSABLE)
def train_async(body: dict[str, Any], model_type: str) -> Any:
    """Have a worker train a model; its progress tells epoch and losses."""
    return _accepted(requests.submit(model_type, *_read(body)), model_type)


@blueprint.get("/models")
@blueprint.arguments(LearnedModelQuery, location="query")
@blueprint.response(200, LearnedModelPageSchema)
def list_models(query: dict[str, Any]) -> Any:
    """List the versions of the learned models, the newest first."""
    return repository.listing(query.get("model_type"), query["request"])


@blueprint.get(ONE_MODEL)
@blueprint.response(200, LearnedModelDetailsSchema)
def get(learned_model_id: int) -> Any:
    """Show a version with its figures and loss curve."""
    return repository.get(learned_model_id)


@blueprint.get(f"{ONE_MODEL}/file")
@blueprint.response(200, FILE, content_type="application/zip")
@blueprint.alt_response(206, schema=FILE, content_type="application/zip", description="A range")
def fetch(learned_model_id: int) -> Response:
    """Download a version: a zip archive of a description and fits, none of them code."""
    version, path = repository.file_of(learned_model_id)
    name = f"{version.model_type}-{version.version}.zip"
    return send_file(path.absolute(), as_attachment=True, download_name=name, conditional=True)


@blueprint.post(f"{ONE_MODEL}/activate")
@blueprint.arguments(NoBody, required=False)
@blueprint.response(200, LearnedModelSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description="Its file is gone")
def activate(_body: dict[str, Any], learned_model_id: int) -> Any:
    """Let an earlier version forecast again, from the next refresh on."""
    return repository.activate(learned_model_id, current_principal())


@blueprint.delete(ONE_MODEL)
@requires(Role.OPERATOR)
@blueprint.response(204)
def delete(learned_model_id: int) -> None:
    """Delete a version with its file and forecasts."""
    repository.remove(learned_model_id, current_principal())


def _read(body: dict[str, Any]) -> Any:
    """What the service wants of a request, behind the type."""
    chosen = {name: value for name, value in body.items() if name != "wishes"}
    return chosen, current_principal(), body["wishes"], request.headers.get(HEADER)


def _accepted(submitted: Submitted, model_type: str) -> Any:
    children = f"/api/v1/tasks/{submitted.task_id}/children"
    more = {"children_url": children} if model_type == ALL else {}
    message = f"Training task submitted for {model_type}"
    return jsonify(submitted_body(submitted, message, model_type=model_type, **more)), 202
