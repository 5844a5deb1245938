"""Named queries of workflows and their versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.models.tasks import Task
from siprems_backend.models.workflows import Workflow, WorkflowVersion
from siprems_backend.utils.pagination import Page, PageRequest


class Current(NamedTuple):
    """A workflow and its current version."""

    workflow: Workflow
    version: WorkflowVersion


class NameTaken(Exception):
    """Another workflow of the same owner has this name."""


SORTABLE = {"name": Workflow.name, "created_at": Workflow.created_at, "updated_at": Workflow.updated_at}
NODES = func.jsonb_array_length(WorkflowVersion.pipeline)


def add_if_new(session: Session, values: Mapping[str, Any]) -> Workflow | None:
    """Add a workflow; None when its owner has one of this name."""
    statement = insert(Workflow).values(**values).on_conflict_do_nothing().returning(Workflow)
    return session.scalar(statement)


def add_version(session: Session, values: Mapping[str, Any]) -> None:
    """Add a version."""
    session.add(WorkflowVersion(**values))
    session.flush()


def change(session: Session, workflow_id: UUID, values: Mapping[str, Any]) -> None:
    """Change the workflow.

    Raises:
        NameTaken: nothing was changed then.
    """
    statement = update(Workflow).where(Workflow.id == workflow_id).values(**values)
    try:
        with session.begin_nested():
            session.execute(statement.execution_options(synchronize_session=False))
    except IntegrityError as error:
        raise NameTaken from error


def by_id(session: Session, workflow_id: UUID, *, lock: bool = False) -> Workflow | None:
    """The workflow, unless it was deleted; read again and locked against other changes if wanted."""
    found = session.get(Workflow, workflow_id, with_for_update=lock, populate_existing=lock)
    return None if found is None or found.deleted_at is not None else found


def current(session: Session, workflow_ids: Collection[UUID]) -> dict[UUID, Current]:
    """Those of these workflows that exist, with their current versions."""
    statement = _current(Workflow, WorkflowVersion).where(Workflow.id.in_(workflow_ids))
    return {row[0].id: Current(*row) for row in session.execute(statement)}


def version(session: Session, workflow_id: UUID, number: int) -> WorkflowVersion | None:
    """A version, also of a workflow that was deleted."""
    return session.get(WorkflowVersion, (workflow_id, number))


def names(session: Session, workflow_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of workflows, also of deleted ones."""
    statement = select(Workflow.id, Workflow.name).where(Workflow.id.in_(workflow_ids))
    return dict(session.execute(statement).all())


def page(
    session: Session, request: PageRequest, sort: str, *, owner_id: int | None, search: str | None
) -> Page[Any]:
    """Workflows of an owner, or of all, with the number of `nodes`; `search` is part of a name."""
    matching = _current(*Workflow.__table__.columns, NODES.label("nodes"))
    if owner_id is not None:
        matching = matching.where(Workflow.owner_id == owner_id)
    if search:
        matching = matching.where(Workflow.name.icontains(search, autoescape=True))
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, Workflow.id), request)
    return Page(rows, request.page, request.page_size, total)


def versions(session: Session, workflow_id: UUID, request: PageRequest) -> Page[Any]:
    """Versions, the newest first, without what they do but with the number of `nodes`."""
    columns = (
        WorkflowVersion.number.label("version"),
        WorkflowVersion.restored_from,
        WorkflowVersion.created_by,
        WorkflowVersion.created_at,
        NODES.label("nodes"),
    )
    matching = select(*columns).where(WorkflowVersion.workflow_id == workflow_id)
    rows, total = fetch_page(session, matching, [WorkflowVersion.number.desc()], request)
    return Page(rows, request.page, request.page_size, total)


def count(session: Session, owner_id: int) -> int:
    """How many workflows a user has."""
    statement = select(func.count()).where(Workflow.owner_id == owner_id, Workflow.deleted_at.is_(None))
    return session.scalar(statement) or 0


def forget_deleted(session: Session, before: datetime, active: Collection[str]) -> int:
    """Remove workflows deleted before then that no task in one of these states is to run; how many."""
    statement = delete(Workflow).where(Workflow.deleted_at < before, ~_is_used(Workflow.id, active))
    return len(session.execute(statement.returning(Workflow.id)).all())


def forget_versions(session: Session, before: datetime, keep: int, active: Collection[str]) -> int:
    """Remove versions made before then beyond the newest `keep` of a workflow; how many.

    Those of workflows that a task in one of these states is to run stay.
    """
    superseded = and_(
        Workflow.id == WorkflowVersion.workflow_id, WorkflowVersion.number <= Workflow.version - keep
    )
    statement = delete(WorkflowVersion).where(
        WorkflowVersion.created_at < before,
        superseded,
        ~_is_used(WorkflowVersion.workflow_id, active),
    )
    return len(session.execute(statement.returning(WorkflowVersion.number)).all())


def names_dataset(dataset_id: UUID) -> ColumnElement[bool]:
    """Condition on a task: it is to run a version of a workflow that names the dataset anywhere."""
    version = select(WorkflowVersion.number).where(
        cast(WorkflowVersion.workflow_id, Text) == Task.kwargs["workflow_id"].astext,
        cast(WorkflowVersion.number, Text) == Task.kwargs["version"].astext,
        cast(WorkflowVersion.pipeline, Text).contains(str(dataset_id)),
    )
    return version.exists()


def _current(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Workflow)
        .join(
            WorkflowVersion,
            and_(
                WorkflowVersion.workflow_id == Workflow.id,
                WorkflowVersion.number == Workflow.version,
            ),
        )
        .where(Workflow.deleted_at.is_(None))
    )


def _is_used(workflow_id: Any, active: Collection[str]) -> ColumnElement[bool]:
    """Condition: a task in one of these states is to run it."""
    using = select(Task.id).where(
        Task.status.in_(active), Task.kwargs["workflow_id"].astext == cast(workflow_id, Text)
    )
    return using.exists()
