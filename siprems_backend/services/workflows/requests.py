"""Asking for executions and validations of workflows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid, ServiceError
from siprems_backend.extensions.database import database
from siprems_backend.models import workflow_queries
from siprems_backend.models.workflow_queries import Current
from siprems_backend.services import families
from siprems_backend.services.families import Family, Part
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import Submitted, TaskKind
from siprems_backend.services.task_registry.wished import submit_wished
from siprems_backend.services.task_registry.wishes import NONE, Wishes
from siprems_backend.services.workflows.definitions import require_sound
from siprems_backend.services.workflows.inputs import Inputs, filled
from siprems_backend.services.workflows.records import definition_of, may_see, not_found

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Config:
    """One execution: which workflow, and what it is given."""

    workflow_id: UUID
    inputs: Inputs = field(default_factory=dict)

    @property
    def kwargs(self) -> dict[str, Any]:
        """Arguments of its task, but for the version."""
        return {"workflow_id": str(self.workflow_id), "inputs": dict(self.inputs)}

    def at(self, version: int) -> dict[str, Any]:
        """Arguments of its task."""
        return {**self.kwargs, "version": version}


def submit_execution(
    config: Config, caller: Principal, *, wishes: Wishes = NONE, idempotency_key: str | None = None
) -> Submitted:
    """Have a worker run the workflow as it is now.

    Raises:
        NotFound: there is no such workflow, or not the caller's.
        Invalid: it does not take these inputs.
        Forbidden: the priority is too high for the caller.
    """
    current = _visible(config.workflow_id, caller)
    require_sound(filled(definition_of(current.version), config.inputs))
    return submit_wished(
        TaskKind.EXECUTE_WORKFLOW, config.at(current.workflow.version), caller, wishes, idempotency_key
    )


def submit_validation(
    config: Config, caller: Principal, *, wishes: Wishes = NONE, idempotency_key: str | None = None
) -> Submitted:
    """Have a worker look whether the workflow as it is now takes these inputs, and the data as they are then.

    Raises:
        NotFound: there is no such workflow, or not the caller's.
        Forbidden: the priority is too high for the caller.
    """
    current = _visible(config.workflow_id, caller)
    return submit_wished(
        TaskKind.VALIDATE_WORKFLOW, config.at(current.workflow.version), caller, wishes, idempotency_key
    )


def submit_bulk(
    configs: Sequence[Config],
    caller: Principal,
    *,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> Family:
    """Have the workers run workflows as they are now, side by side under one parent.

    Only what is wrong with the request keeps them from being submitted: one that fails on its
    data fails alone.

    Raises:
        Invalid: there are no such workflows, or they do not take their inputs; `fields` says which and why,
            by their place in the request. Nothing was submitted then.
        Forbidden: the priority is too high for the caller.
    """

    def parts(session: Session) -> list[Part]:
        found = workflow_queries.current(session, {config.workflow_id for config in configs})
        _require_runnable(configs, found, caller)
        return [
            Part(TaskKind.EXECUTE_WORKFLOW, config.at(found[config.workflow_id].workflow.version))
            for config in configs
        ]

    return families.submit(
        TaskKind.BULK_WORKFLOWS,
        [config.kwargs for config in configs],
        parts,
        caller,
        wishes=wishes,
        idempotency_key=idempotency_key,
    )


def require_runnable(config: Config, caller: Principal) -> None:
    """See that the caller may run the workflow, and that it takes these inputs.

    Raises:
        NotFound: there is no such workflow, or not the caller's.
        Invalid: it does not take the inputs.
    """
    require_sound(filled(definition_of(_visible(config.workflow_id, caller).version), config.inputs))


def with_version(session: Session, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a task that runs the workflow as it is now, from those that a schedule keeps.

    Raises:
        NotFound: it was deleted.
    """
    found = workflow_queries.by_id(session, UUID(kwargs["workflow_id"]))
    if found is None:
        raise not_found(UUID(kwargs["workflow_id"]))
    return {**kwargs, "version": found.version}


def _visible(workflow_id: UUID, caller: Principal) -> Current:
    with database.reading() as session:
        found = workflow_queries.current(session, [workflow_id]).get(workflow_id)
    if found is None or not may_see(found.workflow, caller):
        raise not_found(workflow_id)
    return found


def _require_runnable(configs: Sequence[Config], found: Mapping[UUID, Current], caller: Principal) -> None:
    problems: dict[str, Any] = {}
    for place, config in enumerate(configs):
        current = found.get(config.workflow_id)
        try:
            if current is None or not may_see(current.workflow, caller):
                raise not_found(config.workflow_id)
            filled(definition_of(current.version), config.inputs)
        except ServiceError as error:
            problems[str(place)] = {"message": error.message, **error.fields}
    if problems:
        raise Invalid(
            f"{len(problems)} of {len(configs)} workflows cannot be run; nothing was submitted.",
            code="invalid_workflows",
            fields={"workflow_configs": problems},
        )
