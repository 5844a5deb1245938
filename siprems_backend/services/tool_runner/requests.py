"""Asking for a run of a tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siprems_backend.errors import Forbidden
from siprems_backend.extensions.database import database
from siprems_backend.models import audit
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import Submitted, TaskKind
from siprems_backend.services.tool_runner import registry
from siprems_backend.services.tool_runner.parameters import checked
from siprems_backend.services.tool_runner.tool import Tool
from siprems_backend.utils.pagination import Page, PageRequest


def listing(request: PageRequest) -> Page[Tool]:
    """A page of the tools there are."""
    tools = list(registry.tools().values())
    items = tools[request.offset : request.offset + request.page_size]
    return Page(items, request.page, request.page_size, len(tools))


def arguments(tool_name: str, parameters: Mapping[str, Any], caller: Principal) -> dict[str, Any]:
    """Arguments of a task that runs the tool, if the caller may.

    Raises:
        Invalid: there is no such tool, or the parameters do not fit it.
        Forbidden: it needs a higher role.
    """
    tool = registry.find(tool_name)
    if not caller.may(tool.role):
        raise Forbidden(
            f"The tool {tool.name} needs the role '{tool.role}'; yours is '{caller.role}'.",
            code="role_too_low",
        )
    return {"tool_name": tool.name, "parameters": checked(tool, parameters)}


def submit(
    tool_name: str,
    parameters: Mapping[str, Any],
    caller: Principal,
    *,
    idempotency_key: str | None = None,
) -> Submitted:
    """Have a worker run a tool.

    Raises:
        Invalid: there is no such tool, the parameters do not fit it, or the idempotency key is malformed or
            was used for another run.
        Forbidden: it needs a higher role.
    """
    kwargs = arguments(tool_name, parameters, caller)
    submitted = task_registry.submit(TaskKind.RUN_TOOL, kwargs, owner=caller, idempotency_key=idempotency_key)
    if not submitted.replayed:
        details = {"task_id": str(submitted.task_id), "parameters": kwargs["parameters"]}
        with database.transaction() as session:
            audit.record(session, "tool.run", user_id=caller.user_id, target=tool_name, details=details)
    return submitted
