"""Tools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.tool_runner import runs
from siprems_backend.tasks.base import LedgerTask


@shared_task(bind=True, base=LedgerTask, name=TaskKind.RUN_TOOL.value)
def run_tool(self: LedgerTask, tool_name: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run a tool in a process of its own."""
    return runs.run(UUID(self.request.id), tool_name, parameters or {}, on_progress=self.report)
