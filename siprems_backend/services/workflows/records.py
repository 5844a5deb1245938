"""Looking at workflows and their versions, as much of them as the caller may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import workflow_queries
from siprems_backend.models.workflows import Workflow, WorkflowVersion
from siprems_backend.services.identity import Principal
from siprems_backend.services.workflows.definitions import Definition, Nodes
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role


@dataclass(frozen=True)
class WorkflowView:
    """A workflow with what it does at its current version."""

    id: UUID
    name: str
    description: str
    version: int
    pipeline: Nodes
    parameters: Mapping[str, Any]
    owner_id: int
    created_at: datetime
    updated_at: datetime

    @property
    def nodes(self) -> int:
        """How many nodes it has."""
        return len(self.pipeline)


def listing(
    request: PageRequest,
    sort: str,
    caller: Principal,
    *,
    owner: int | None = None,
    search: str | None = None,
) -> Page[Any]:
    """A page of the caller's workflows; operators see everybody's, or those of an `owner`."""
    scope = owner if caller.may(Role.OPERATOR) else caller.user_id
    with database.reading() as session:
        return workflow_queries.page(session, request, sort, owner_id=scope, search=search)


def get(workflow_id: UUID, caller: Principal) -> WorkflowView:
    """One workflow.

    Raises:
        NotFound: there is none, or not the caller's; which of the two is not told.
    """
    with database.reading() as session:
        return view(session, workflow_id, caller)


def versions(workflow_id: UUID, request: PageRequest, caller: Principal) -> Page[Any]:
    """A page of a workflow's versions, the newest first.

    Raises:
        NotFound: there is no such workflow, or not the caller's.
    """
    with database.reading() as session:
        require_visible(session, workflow_id, caller)
        return workflow_queries.versions(session, workflow_id, request)


def version(workflow_id: UUID, number: int, caller: Principal) -> WorkflowVersion:
    """What a workflow did at a version.

    Raises:
        NotFound: there is no such workflow or version, or not the caller's.
    """
    with database.reading() as session:
        require_visible(session, workflow_id, caller)
        return require_version(session, workflow_id, number)


def view(session: Session, workflow_id: UUID, caller: Principal) -> WorkflowView:
    """The workflow at its current version.

    Raises:
        NotFound: there is none, or not the caller's.
    """
    workflow = require_visible(session, workflow_id, caller)
    current = require_version(session, workflow_id, workflow.version)
    return WorkflowView(
        id=workflow.id,
        name=workflow.name,
        description=workflow.description,
        version=workflow.version,
        pipeline=current.pipeline,
        parameters=current.parameters,
        owner_id=workflow.owner_id,
        created_at=workflow.created_at,
        updated_at=workflow.updated_at,
    )


def require_visible(
    session: Session, workflow_id: UUID, caller: Principal, *, lock: bool = False
) -> Workflow:
    """The workflow, locked against other changes if wanted, if the caller may see it.

    Raises:
        NotFound: otherwise.
    """
    found = workflow_queries.by_id(session, workflow_id, lock=lock)
    if found is None or not may_see(found, caller):
        raise not_found(workflow_id)
    return found


def may_see(workflow: Workflow, caller: Principal) -> bool:
    """Whether it is the caller's, or the caller an operator."""
    return workflow.owner_id == caller.user_id or caller.may(Role.OPERATOR)


def require_version(session: Session, workflow_id: UUID, number: int) -> WorkflowVersion:
    """A version, also of a workflow that was deleted.

    Raises:
        NotFound: there is none of this number, or not any more.
    """
    found = workflow_queries.version(session, workflow_id, number)
    if found is None:
        raise NotFound(
            f"The workflow {workflow_id} has no version {number}, or not any more.", code="version_not_found"
        )
    return found


def definition_of(version: WorkflowVersion) -> Definition:
    """What a version does."""
    return Definition(version.pipeline, version.parameters)


def not_found(workflow_id: UUID) -> NotFound:
    """What is said of a workflow that is not there, or not the caller's."""
    return NotFound(f"There is no workflow {workflow_id}.", code="workflow_not_found")
