"""Saving, changing and deleting workflows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, user_queries, workflow_queries
from siprems_backend.models.workflows import Workflow
from siprems_backend.services.identity import Principal
from siprems_backend.services.workflows import usage
from siprems_backend.services.workflows.definitions import Definition, checked
from siprems_backend.services.workflows.records import (
    WorkflowView,
    definition_of,
    require_version,
    require_visible,
    view,
)
from siprems_backend.utils import clock

MOST_WORKFLOWS = 1000


def create(values: Mapping[str, Any], caller: Principal) -> WorkflowView:
    """Save a workflow of the caller's.

    Raises:
        TooLarge, Invalid: it is too large, or cannot run.
        Conflict: the caller has one of this name, or as many as one may have.
    """
    definition = checked(_definition(values))
    with database.transaction() as session:
        # One after the other, so that the limit holds.
        user_queries.by_id(session, caller.user_id, lock=True)
        if workflow_queries.count(session, caller.user_id) >= MOST_WORKFLOWS:
            problem = f"You have {MOST_WORKFLOWS} workflows already; delete one first."
            raise Conflict(problem, code="too_many_workflows")
        columns = {"id": uuid4(), "owner_id": caller.user_id, **_words(values)}
        made = workflow_queries.add_if_new(session, columns)
        if made is None:
            raise _name_taken(values["name"])
        _add_version(session, made.id, definition, caller, number=1)
        _record(session, "created", made.id, caller, {"name": made.name})
        return view(session, made.id, caller)


def replace(
    workflow_id: UUID,
    values: Mapping[str, Any],
    caller: Principal,
    *,
    expected: Collection[int] | None = None,
) -> WorkflowView:
    """Put another definition in the place of a workflow's, as its next version.

    The same again changes nothing. `expected` are the versions that the caller knows: another one is not
    replaced. None replaces any.

    Raises:
        NotFound: there is none, or not the caller's.
        TooLarge, Invalid: the new one is too large, or cannot run.
        Conflict: somebody has changed it meanwhile, its owner has another one of this name, or a schedule
            that runs gives inputs that the new one does not take.
    """
    definition = checked(_definition(values))
    with database.transaction() as session:
        found = _locked(session, workflow_id, caller, expected)
        before = definition_of(require_version(session, workflow_id, found.version))
        words = _words(values)
        if before == definition and words == {"name": found.name, "description": found.description}:
            return view(session, workflow_id, caller)
        usage.require_fits_schedules(session, workflow_id, definition, caller)
        return _at_next_version(session, found, definition, caller, words=words)


def restore(
    workflow_id: UUID, number: int, caller: Principal, *, expected: Collection[int] | None = None
) -> WorkflowView:
    """Make a workflow do what it did at an earlier version, as its next version; its name stays.

    Raises:
        NotFound: there is no such workflow or version, or not the caller's.
        Invalid: that version cannot run any more.
        Conflict: as in `replace`.
    """
    with database.transaction() as session:
        found = _locked(session, workflow_id, caller, expected)
        definition = checked(definition_of(require_version(session, workflow_id, number)))
        usage.require_fits_schedules(session, workflow_id, definition, caller)
        return _at_next_version(session, found, definition, caller, restored_from=number)


def remove(workflow_id: UUID, caller: Principal) -> None:
    """Delete a workflow; tasks that are to run it do so all the same.

    Raises:
        NotFound: there is none, or not the caller's.
        Conflict: schedules run it; names them.
    """
    with database.transaction() as session:
        found = require_visible(session, workflow_id, caller, lock=True)
        usage.require_unscheduled(session, workflow_id, caller)
        workflow_queries.change(session, workflow_id, {"deleted_at": clock.now()})
        _record(session, "deleted", workflow_id, caller, {"name": found.name})


def _locked(
    session: Session, workflow_id: UUID, caller: Principal, expected: Collection[int] | None
) -> Workflow:
    """The workflow, at a version that the caller expects, which stays so until the transaction ends."""
    found = require_visible(session, workflow_id, caller, lock=True)
    if expected is not None and found.version not in expected:
        raise Conflict(
            f"The workflow has been changed meanwhile: it is at version {found.version}. Read it again and "
            "make your change to what you find.",
            code="workflow_changed",
            fields={"version": [f"It is {found.version} now."]},
        )
    return found


def _at_next_version(
    session: Session,
    found: Workflow,
    definition: Definition,
    caller: Principal,
    *,
    words: Mapping[str, str] | None = None,
    restored_from: int | None = None,
) -> WorkflowView:
    """The workflow with this definition, and these words if any, as its next version."""
    number = found.version + 1
    try:
        changes = {**(words or {}), "version": number, "updated_at": clock.now()}
        workflow_queries.change(session, found.id, changes)
    except workflow_queries.NameTaken:
        raise _name_taken((words or {})["name"]) from None
    _add_version(session, found.id, definition, caller, number=number, restored_from=restored_from)
    action = "changed" if restored_from is None else "restored"
    _record(session, action, found.id, caller, {"version": number, "restored_from": restored_from})
    session.refresh(found)
    return view(session, found.id, caller)


def _add_version(
    session: Session, workflow_id: UUID, definition: Definition, caller: Principal, **more: Any
) -> None:
    values = {
        "workflow_id": workflow_id,
        "pipeline": definition.pipeline,
        "parameters": definition.parameters,
        "created_by": caller.user_id,
    }
    workflow_queries.add_version(session, {**values, **more})


def _definition(values: Mapping[str, Any]) -> Definition:
    return Definition(values["pipeline"], values["parameters"])


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    return {"name": values["name"], "description": values["description"]}


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"There is a workflow {name!r} already; take another name, or change that one.",
        code="workflow_exists",
        fields={"name": ["Is taken."]},
    )


def _record(
    session: Session, action: str, workflow_id: UUID, caller: Principal, details: Mapping[str, Any]
) -> None:
    target = f"workflow {workflow_id}"
    audit.record(session, f"workflow.{action}", user_id=caller.user_id, target=target, details=details)
