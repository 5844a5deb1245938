"""Datasets of analysts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, jsonify, request

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.multipart import uploaded_part
from siprems_backend.routes.schemas.datasets import (
    UPLOAD_BODY,
    DatasetPageSchema,
    DatasetSchema,
    DatasetSubmittedSchema,
    PreviewQuery,
    PreviewSchema,
    ProfileSchema,
)
from siprems_backend.routes.schemas.fields import PageQuery
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services import datasets
from siprems_backend.services.datasets import SubmittedDataset
from siprems_backend.services.task_registry import Submitted
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

PREFIX = "/datasets"
ONE_DATASET = "/<uuid:dataset_id>"
blueprint = Blueprint(
    "datasets",
    __name__,
    description="Tables of analysts, kept as Parquet. Everybody has their own; operators see all.",
)
protect(blueprint, Role.ANALYST)
NOT_READY = "Its file is still being read (`dataset_not_ready`)"
FAILED = "Its file could not be read; says why"


@blueprint.post("")
@submits_once
@blueprint.response(201, DatasetSchema)
@blueprint.alt_response(202, schema=DatasetSubmittedSchema, description="A large file: follow the task")
@blueprint.alt_response(
    413, schema=ErrorSchema, description="Too large, or too much in all (`dataset_quota`)"
)
@blueprint.alt_response(415, schema=ErrorSchema, description="No CSV, Parquet or XLSX")
@blueprint.alt_response(
    422, schema=ErrorSchema, description="No table: says in which row or column, and what to do"
)
@blueprint.doc(requestBody=UPLOAD_BODY)
def upload() -> Any:
    """Upload a file as a dataset; its kind is told from the content, types of columns from all rows."""
    part = uploaded_part("file", current_app.config["SETTINGS"].max_dataset_bytes)
    added = datasets.add(part, current_principal(), idempotency_key=request.headers.get(HEADER))
    if not isinstance(added, SubmittedDataset):
        return added
    message = f"Dataset task submitted for {added.record.filename}"
    return _accepted(added.task, message, added.record.id, name=added.record.name)


@blueprint.get("")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, DatasetPageSchema)
def list_datasets(query: dict[str, Any]) -> Any:
    """List your datasets; operators see everybody's."""
    return datasets.listing(PageRequest(query["page"], query["page_size"]), current_principal())


@blueprint.get(ONE_DATASET)
@blueprint.response(200, DatasetSchema)
def get(dataset_id: UUID) -> Any:
    """Show a dataset."""
    return datasets.get(dataset_id, current_principal())


@blueprint.get(f"{ONE_DATASET}/preview")
@blueprint.arguments(PreviewQuery, location="query")
@blueprint.response(200, PreviewSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description=NOT_READY)
@blueprint.alt_response(422, schema=ErrorSchema, description=FAILED)
def preview(query: dict[str, Any], dataset_id: UUID) -> Any:
    """Show the first rows; of tables with more than 500 columns fewer are kept than 200."""
    return datasets.preview(dataset_id, query["rows"], current_principal())


@blueprint.get(f"{ONE_DATASET}/profile")
@blueprint.response(200, ProfileSchema)
@blueprint.alt_response(202, schema=DatasetSubmittedSchema, description="It is being made: follow the task")
@blueprint.alt_response(409, schema=ErrorSchema, description=f"{NOT_READY}, or it failed (`profile_failed`)")
@blueprint.alt_response(422, schema=ErrorSchema, description=FAILED)
def profile(dataset_id: UUID) -> Any:
    """Show what the columns hold. The first call starts the task that makes the profile."""
    found = datasets.profile_of(dataset_id, current_principal())
    if not isinstance(found, Submitted):
        return found
    return _accepted(found, "The profile is being made", dataset_id)


@blueprint.delete(ONE_DATASET)
@blueprint.response(204)
@blueprint.alt_response(409, schema=ErrorSchema, description="A task uses it (`dataset_in_use`)")
def delete(dataset_id: UUID) -> None:
    """Delete a dataset with its file."""
    datasets.remove(dataset_id, current_principal())


def _accepted(task: Submitted, message: str, dataset_id: UUID, **more: Any) -> Any:
    url = f"/api/v1{PREFIX}/{dataset_id}"
    body = submitted_body(task, message, dataset_id=dataset_id, dataset_url=url, **more)
    return jsonify(body), 202
