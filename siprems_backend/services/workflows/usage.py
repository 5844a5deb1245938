"""The schedules that run a workflow: it is not deleted under them, nor changed so that they would fail."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, ServiceError
from siprems_backend.models import schedule_queries
from siprems_backend.models.schedules import Schedule
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.services.workflows.definitions import Definition, require_sound
from siprems_backend.services.workflows.inputs import filled
from siprems_backend.utils.roles import Role

MOST_NAMED = 20


def require_unscheduled(session: Session, workflow_id: UUID, caller: Principal) -> None:
    """See that no schedule runs the workflow, paused ones included.

    Raises:
        Conflict: some do; names them.
    """
    using = _using(session, workflow_id)
    if using:
        names = ", ".join(_name(schedule, caller) for schedule in using[:MOST_NAMED])
        raise Conflict(
            f"The workflow is run by {names}; delete them first, or give them something else to run.",
            code="workflow_scheduled",
            fields={"schedules": [schedule.id for schedule in using]},
        )


def require_fits_schedules(
    session: Session, workflow_id: UUID, definition: Definition, caller: Principal
) -> None:
    """See that a new definition takes what the schedules that run it give, but for paused ones.

    Raises:
        Conflict: it does not; names them and says why.
    """
    misfits = [
        (schedule, problem)
        for schedule in _using(session, workflow_id)
        if not schedule.paused and (problem := _misfit(schedule, definition))
    ]
    if misfits:
        reasons = " ".join(
            f"{_name(schedule, caller)}: {problem}" for schedule, problem in misfits[:MOST_NAMED]
        )
        raise Conflict(
            f"The workflow would not take the inputs of schedules that run it. {reasons[:1000]} Pause them, "
            "change the workflow, then give them other inputs and resume them.",
            code="workflow_scheduled",
            fields={"schedules": [schedule.id for schedule, _ in misfits]},
        )


def _using(session: Session, workflow_id: UUID) -> list[Schedule]:
    kind = TaskKind.EXECUTE_WORKFLOW
    return schedule_queries.naming(session, kind, "workflow_id", str(workflow_id))


def _misfit(schedule: Schedule, definition: Definition) -> str | None:
    try:
        require_sound(filled(definition, schedule.kwargs.get("inputs", {})))
    except ServiceError as error:
        return error.message
    return None


def _name(schedule: Schedule, caller: Principal) -> str:
    """What a schedule is called; the names of other people's are theirs."""
    if schedule.owner_id == caller.user_id or caller.may(Role.OPERATOR):
        return f"the schedule {schedule.id} ({schedule.name})"
    return f"the schedule {schedule.id} of another user"
