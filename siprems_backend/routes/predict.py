"""Forecasts on demand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.predict import (
    PredictAsyncBody,
    PredictBatchBody,
    PredictBody,
    PredictionSchema,
    PredictionTaskSchema,
)
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services import prediction_requests, task_registry
from siprems_backend.services.task_registry import Submitted, states
from siprems_backend.utils.roles import Role

blueprint = Blueprint("predict", __name__, description="How much will sell")
PREFIX = "/predict"
protect(blueprint, Role.ANALYST)

MESSAGES = {
    states.PENDING: "Task is waiting to be executed",
    states.STARTED: "Task has started execution",
}


@blueprint.post("")
@blueprint.arguments(PredictBody)
@blueprint.response(200, PredictionSchema)
@blueprint.alt_response(
    202, schema=SubmittedSchema, description="A model must be trained first: follow the task"
)
def predict(body: dict[str, Any]) -> Any:
    """Forecast a product now, from its stored forecast or model."""
    sku, days = body["product_sku"], body["days"]
    answer = prediction_requests.predict_now(
        sku,
        days,
        body["history_days"],
        current_principal(),
        engine=body["engine"],
        quantiles=body["quantiles"],
    )
    if not isinstance(answer, Submitted):
        # As it is: dumping a hundred points through the schema takes longer than forecasting them. Tests
        # hold the answer against the schema instead.
        return jsonify(answer)
    return _accepted(answer, sku, days)


@blueprint.post("/async")
@submits_once
@blueprint.arguments(PredictAsyncBody)
@blueprint.response(202, SubmittedSchema)
def predict_async(body: dict[str, Any]) -> Any:
    """Have a worker forecast a product, making what it takes first."""
    sku, days = body["product_sku"], body["days"]
    submitted = prediction_requests.submit_prediction(
        sku,
        days,
        current_principal(),
        engine=body["engine"],
        quantiles=body["quantiles"],
        wishes=body["wishes"],
        idempotency_key=request.headers.get(HEADER),
    )
    return _submitted(submitted, sku, days)


@blueprint.post("/batch")
@submits_once
@blueprint.arguments(PredictBatchBody)
@blueprint.response(202, SubmittedSchema)
def predict_batch(body: dict[str, Any]) -> Any:
    """Have a worker forecast many products."""
    submitted = prediction_requests.submit_batch(
        body.get("product_skus"),
        body.get("filter"),
        body["days"],
        current_principal(),
        engine=body["engine"],
        quantiles=body["quantiles"],
        wishes=body["wishes"],
        idempotency_key=request.headers.get(HEADER),
    )
    return submitted_body(submitted, "Prediction task submitted", forecast_days=body["days"])


@blueprint.get("/task/<uuid:task_id>")
@blueprint.response(200, PredictionTaskSchema)
@blueprint.alt_response(202, schema=PredictionTaskSchema, description="Nobody has started it yet")
def follow(task_id: UUID) -> Any:
    """Show how far a prediction is; with its result when it is done."""
    task = task_registry.get(task_id, current_principal())
    body = {"task_id": task.id, "status": task.status, "message": MESSAGES.get(task.status, task.message)}
    if task.status == states.PENDING:
        return body, 202
    if task.status == states.SUCCESS:
        return {**body, "result": task.result}
    if task.status == states.FAILURE:
        return {**body, "error": task.error}
    return {**body, "progress": task_registry.progress_of(task)}


def _submitted(submitted: Submitted, sku: str, days: int) -> dict[str, Any]:
    message = f"Prediction task submitted for {sku}"
    return submitted_body(submitted, message, product_sku=sku, forecast_days=days)


def _accepted(submitted: Submitted, sku: str, days: int) -> Response:
    """A 202 beside a 200 of another schema."""
    response = jsonify(SubmittedSchema().dump(_submitted(submitted, sku, days)))
    response.status_code = 202
    return response
