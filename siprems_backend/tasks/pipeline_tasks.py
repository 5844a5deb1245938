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
    return pipelines.run(pipelines.pipeline_of(body), caller, on_progress=self.report_node)
