"""One run of a tool from the worker's side: start it, pass on what it says, keep what it made."""

from __future__ import annotations

import time
from collections import deque
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
from siprems_backend.services.tool_runner import messages, parameters, registry
from siprems_backend.services.tool_runner.child import Child
from siprems_backend.services.tool_runner.execution import OUTPUT, Made
from siprems_backend.services.tool_runner.failures import ToolFailed
from siprems_backend.services.tool_runner.tool import Parameters, Tool
from siprems_backend.utils.roles import Role
from siprems_backend.utils.run_limits import RunLimits

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 0.25
# Between two reports even when nothing is new: each one asks whether the task is still wanted.
REPORT_EVERY_SECONDS = 0.5
MOST_LOG_LINES = 300
# Of these a crash is explained.
LAST_LINES = 50


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
        made = _Listener(on_progress).outcome(tool, final, folder)
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


class _Listener:
    """Hears a tool to its end."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._progress: tuple[int, int, str] = (0, 0, "Running")
        self._reported = time.monotonic()
        self._logged = 0
        self._tail: deque[str] = deque(maxlen=LAST_LINES)
        self._said: dict[str, Any] = {}

    def outcome(self, tool: Tool, given: Parameters, folder: Path) -> Made:
        """What the tool made; raises what went wrong."""
        allowed = limits()
        request = {
            "tool": tool.name,
            "parameters": given,
            "folder": str(folder),
            "database_url": get_settings().database_url,
            "limits": vars(allowed),
        }
        with Child.start(request, folder) as child:
            while (heard := child.listen(LISTEN_SECONDS)) is not None:
                for message in heard.messages:
                    self._take(message)
                for line in heard.log:
                    self._log(line)
                self._report()
        return self._verdict(allowed)

    def _take(self, message: dict[str, Any]) -> None:
        if "progress" in message:
            current, total, text = message["progress"]
            self._progress = (int(current), int(total), str(text))
        else:
            self._said |= message

    def _log(self, line: str) -> None:
        """Into the task's log, up to a bound: a chatty tool must not fill the worker's either."""
        self._tail.append(line)
        self._logged += 1
        if self._logged <= MOST_LOG_LINES:
            log.info(line)
        elif self._logged == MOST_LOG_LINES + 1:
            log.info("The tool says more; the rest is left out.")

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._reported >= REPORT_EVERY_SECONDS:
            self._reported = now
            self._on_progress(*self._progress)

    def _verdict(self, allowed: RunLimits) -> Made:
        """A limit explains everything else; then the tool's own words count, then how it ended."""
        ended = self._said.get("ended") or {"status": -9, "exceeded": None}
        if ended["exceeded"]:
            raise ToolFailed.exceeding(ended["exceeded"], allowed)
        if "error" in self._said:
            raise messages.rebuild(self._said["error"], allowed)
        if "result" in self._said and ended["status"] == 0:
            made: Made = self._said["result"]
            return made
        raise ToolFailed.crashing(ended["status"], list(self._tail))
