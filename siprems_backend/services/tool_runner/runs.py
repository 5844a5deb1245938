"""One run of a tool from the worker's side: start it, pass on what it says, keep what it made."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from siprems_backend.config import get_settings
from siprems_backend.errors import Forbidden
from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries, user_queries
from siprems_backend.services import task_files
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.tool_runner import parameters, registry
from siprems_backend.services.tool_runner.child import Child
from siprems_backend.services.tool_runner.execution import OUTPUT
from siprems_backend.services.tool_runner.listening import Listener
from siprems_backend.services.tool_runner.tool import Parameters, Tool
from siprems_backend.utils.roles import Role
from siprems_backend.utils.run_limits import RunLimits

log = structlog.get_logger(__name__)


def run(
    task_id: UUID, tool_name: str, given: Parameters, *, on_progress: OnProgress = unreported
) -> dict[str, Any]:
    """Run a tool in a process of its own and keep its files; the task's result.

    Raises:
        Invalid: there is no such tool, or the parameters do not fit it.
        Forbidden: whoever asked may not run it any more.
        ToolFailed: it broke a limit, crashed, or says itself what is wrong.
        TaskCancelled: from `on_progress`; the tool is dead, its files are gone.
    """
    tool = registry.find(tool_name)
    final = parameters.checked(tool, given)
    _require_role(task_id, tool)
    on_progress(0, 0, f"Starting {tool.title}")
    with task_files.scratch_folder(task_id) as folder:
        made = _heard(tool, final, folder, on_progress)
        files = task_files.keep(task_id, folder / OUTPUT, made["files"])
    log.info("tool_finished", tool=tool.name, files=len(files))
    return {"tool": tool.name, "summary": made["summary"], "output_files": files}


def limits() -> RunLimits:
    """What the settings allow a run."""
    settings = get_settings()
    return RunLimits(
        cpu_seconds=settings.tool_cpu_seconds,
        wall_seconds=settings.tool_time_limit,
        memory_bytes=settings.tool_memory_bytes,
        output_bytes=settings.tool_output_bytes,
        processes=settings.tool_processes,
    )


def _require_role(task_id: UUID, tool: Tool) -> None:
    """Roles may have changed since the task was submitted; without an owner the system itself asked."""
    with database.reading() as session:
        task = task_queries.by_id(session, task_id)
        owner = None if task is None or task.owner_id is None else user_queries.by_id(session, task.owner_id)
    if owner is not None and not Role(owner.role).includes(tool.role):
        raise Forbidden(f"The tool {tool.name} needs the role '{tool.role}'.", code="role_too_low")


def _heard(tool: Tool, given: Parameters, folder: Path, on_progress: OnProgress) -> dict[str, Any]:
    """What the tool made; raises what went wrong."""
    allowed = limits()
    request = {
        "tool": tool.name,
        "parameters": given,
        "folder": str(folder),
        "database_url": get_settings().database_url,
        "limits": vars(allowed),
    }
    listener = Listener(on_progress)
    with Child.start(request, folder) as child:
        listener.hear_out(child)
    return listener.verdict(allowed)
