"""Workflows of analysts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from siprems_backend.services import pipelines, workflows
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.tasks.base import HandedToChildren, LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.EXECUTE_WORKFLOW.value)
def execute_workflow_task(
    self: LedgerTask, workflow_id: str, version: int, inputs: dict[str, Any]
) -> dict[str, Any]:
    """Run a version of a workflow for whoever asked for the task."""
    caller = pipelines.caller_of(UUID(self.request.id))
    return workflows.execute(UUID(workflow_id), version, inputs, caller, on_progress=self.report_node)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.VALIDATE_WORKFLOW.value)
def validate_workflow_task(
    self: LedgerTask, workflow_id: str, version: int, inputs: dict[str, Any]
) -> dict[str, Any]:
    """Look whether a version of a workflow could run for whoever asked for the task."""
    caller = pipelines.caller_of(UUID(self.request.id))
    return workflows.validate(UUID(workflow_id), version, inputs, caller)


@shared_task(bind=True, base=LedgerTask, name=TaskKind.BULK_WORKFLOWS.value)
def bulk_execute_workflows_task(self: LedgerTask, tasks: int, digest: str) -> None:  # noqa: ARG001  As in run_bulk.
    """Send out the executions of one request."""
    sent = workflows.start(UUID(self.request.id))
    raise HandedToChildren(f"{sent} workflows sent")
