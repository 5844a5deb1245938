"""Pipelines of analysts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from siprems_backend.services import pipelines
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.EXECUTE_PIPELINE.value)
def execute_pipeline_task(self: LedgerTask, body: dict[str, Any]) -> dict[str, Any]:
    """Run a pipeline for whoever asked for the task."""
    caller = pipelines.caller_of(UUID(self.request.id))
    return pipelines.run(body, caller, on_progress=self.report_node)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.EXECUTE_NODE.value)
def execute_node_task(self: LedgerTask, body: dict[str, Any]) -> dict[str, Any]:
    """Run a single node on the rows of a source for whoever asked for the task."""
    caller = pipelines.caller_of(UUID(self.request.id))
    return pipelines.run_node(body, caller, on_progress=self.report_node)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.PREDICT_WITH_MODEL.value)
def predict_with_model_task(
    self: LedgerTask,
    model_id: str,
    rows: list[dict[str, Any]] | None = None,
    dataset_id: str | None = None,
) -> dict[str, Any]:
    """Predict new rows, or those of a dataset, with a fitted model."""
    caller, report = pipelines.caller_of(UUID(self.request.id)), self.report_node
    return pipelines.predict(UUID(model_id), caller, rows=rows, dataset_id=dataset_id, on_progress=report)
