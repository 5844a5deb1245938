"""For whom a task runs: whoever asked for it, with the role of now."""

from __future__ import annotations

from uuid import UUID

from siprems_backend.errors import Forbidden
from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries, user_queries
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role


def caller_of(task_id: UUID) -> Principal:
    """The owner of a task, who must still be an analyst.

    Raises:
        Forbidden: nobody owns it, or whoever does may not run pipelines any more.
    """
    with database.reading() as session:
        task = task_queries.by_id(session, task_id)
        owner = None if task is None or task.owner_id is None else user_queries.by_id(session, task.owner_id)
    if owner is None or not owner.is_active or not Role(owner.role).includes(Role.ANALYST):
        raise Forbidden(
            f"Pipelines need a user with the role '{Role.ANALYST}' to run for.", code="role_too_low"
        )
    return Principal(owner.id, owner.email, Role(owner.role))
