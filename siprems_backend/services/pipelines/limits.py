"""What the settings allow a run."""

from __future__ import annotations

from siprems_backend.config import get_settings
from siprems_backend.utils.run_limits import RunLimits


def limits() -> RunLimits:
    """Limits of one run: time as for every task, memory of its own, files and processes as for tools."""
    settings = get_settings()
    return RunLimits(
        cpu_seconds=settings.celery_task_soft_time_limit,
        wall_seconds=settings.celery_task_soft_time_limit,
        memory_bytes=settings.pipeline_memory_bytes,
        output_bytes=settings.tool_output_bytes,
        processes=settings.tool_processes,
    )
