"""Models that pipelines fitted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, send_file

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.pipelines import LONG, finished_or_accepted
from siprems_backend.routes.schemas.paging import PageQuerySchema
from siprems_backend.routes.schemas.pipelines import (
    PREDICT_EXAMPLE,
    ModelPageSchema,
    ModelQuery,
    ModelSchema,
    NewRowsBody,
    PipelineSubmittedSchema,
    PredictionsSchema,
)
from siprems_backend.services.pipelines import model_records, requests
from siprems_backend.utils.roles import Role

PREFIX = "/ml/models"
ONE_MODEL = "/<uuid:model_id>"
SKOPS = "application/zip"
blueprint = Blueprint(
    "pipeline-models",
    __name__,
    description="Fitted pipelines, which predict new rows. Everybody has their own; operators see all.",
)
protect(blueprint, Role.ANALYST)
GONE = "Its file is no longer there (`model_gone`)"


@blueprint.get("")
@blueprint.arguments(ModelQuery, location="query")
@blueprint.response(200, ModelPageSchema)
def list_models(query: dict[str, Any]) -> Any:
    """List your models; operators see everybody's."""
    return model_records.listing(query["request"], current_principal(), query.get("name"))


@blueprint.get(ONE_MODEL)
@blueprint.response(200, ModelSchema)
def get(model_id: UUID) -> Any:
    """Show a model."""
    return model_records.get(model_id, current_principal())


@blueprint.get(f"{ONE_MODEL}/versions")
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, ModelPageSchema)
def versions(query: dict[str, Any], model_id: UUID) -> Any:
    """List the versions of a model: those of the same pipeline name."""
    return model_records.versions(model_id, query["request"], current_principal())


@blueprint.get(f"{ONE_MODEL}/download")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=SKOPS)
@blueprint.alt_response(410, schema=ErrorSchema, description=GONE)
def download(model_id: UUID) -> Response:
    """Fetch a model as a file of skops, which Python reads without this server."""
    file = model_records.fetch(model_id, current_principal())
    return send_file(file.path, mimetype=SKOPS, as_attachment=True, download_name=file.name)


@blueprint.post(f"{ONE_MODEL}/predict")
@submits_once
@blueprint.arguments(NewRowsBody, example=PREDICT_EXAMPLE)
@blueprint.response(200, PredictionsSchema)
@blueprint.alt_response(202, schema=PipelineSubmittedSchema, description=LONG)
@blueprint.alt_response(410, schema=ErrorSchema, description=GONE)
@blueprint.alt_response(422, schema=ErrorSchema, description="The rows lack a column, or cannot be used")
def predict(body: dict[str, Any], model_id: UUID) -> Any:
    """Predict new rows, and wait for the predictions."""
    key = request.headers.get(HEADER)
    return finished_or_accepted(
        requests.submit_prediction(model_id, current_principal(), **body, idempotency_key=key)
    )


@blueprint.delete(ONE_MODEL)
@blueprint.response(204)
def delete(model_id: UUID) -> None:
    """Delete a model with its file."""
    model_records.remove(model_id, current_principal())
