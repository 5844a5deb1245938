"""The two changes that every task makes, if all goes well: it is claimed, and it ends.

A worker does little else for a short task. Both are one statement, prepared on the server, and one trip to
it; each is a transaction of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from siprems_backend.extensions.database import as_json
from siprems_backend.models.prepared import Prepared
from siprems_backend.models.task_changes import Changed


class Taken(NamedTuple):
    """What a worker must know of the task it has just claimed."""

    change: Changed
    attempts: int
    priority: int
    request_id: str | None
    created_at: datetime


# As `task_changes.CHANGED_COLUMNS`, in the words of the database.
_WATCHED = (
    "(parent_id IS NULL AND EXISTS (SELECT 1 FROM subscriptions"
    " WHERE active AND (tasks.owner_id IS NULL OR subscriptions.owner_id = tasks.owner_id)))"
)
_CHANGED = ", ".join(_WATCHED if name == "watched" else name for name in Changed._fields)
_WIDTH = len(Changed._fields)
# As `task_changes.UNHURRIED`.
_UNHURRIED = "set_config('synchronous_commit', 'off', true)"

CLAIM = Prepared(
    "claim_task",
    {"task_id": "uuid", "worker": "text", "lease": "uuid", "now": "timestamptz", "until": "timestamptz"},
    "UPDATE tasks SET status = 'STARTED', message = 'Task has started execution', worker = $2, lease_id = $3,"
    " lease_expires_at = $5, heartbeat_at = $4, started_at = coalesce(started_at, $4),"
    " attempts = attempts + 1, eta = NULL"
    " WHERE id = $1 AND (status IN ('PENDING', 'RETRY') AND (expires_at IS NULL OR expires_at > $4)"
    " OR status IN ('STARTED', 'PROGRESS') AND lease_expires_at < $4)",
    returning=f"{_CHANGED}, attempts, priority, request_id, created_at, {_UNHURRIED}",
)
END_WELL = Prepared(
    "end_task_well",
    {"task_id": "uuid", "lease": "uuid", "now": "timestamptz", "message": "text", "result": "jsonb"},
    "UPDATE tasks SET status = 'SUCCESS', message = $4, result = $5, finished_at = $3, lease_id = NULL,"
    " lease_expires_at = NULL, eta = NULL"
    " WHERE id = $1 AND lease_id = $2 AND status IN ('STARTED', 'PROGRESS')",
    condition=f"NOT {_WATCHED}",
    returning=f"{_CHANGED}, {_UNHURRIED}",
)


def claim(
    connection: Connection,
    task_id: UUID,
    *,
    worker: str,
    lease_id: UUID,
    now: datetime,
    lease_expires_at: datetime,
) -> Taken | None:
    """Take the task for one worker: only a waiting one, or one whose holder's lease ran out."""
    row = CLAIM.row(
        connection,
        {"task_id": task_id, "worker": worker, "lease": lease_id, "now": now, "until": lease_expires_at},
    )
    return None if row is None else Taken(Changed(*row[:_WIDTH]), *row[_WIDTH:-1])


def end_well(
    connection: Connection, task_id: UUID, lease_id: UUID, *, now: datetime, message: str, result: Any
) -> Changed | None:
    """End a task with its result; None if the lease is not the caller's, or somebody wants to be told.

    Whoever wants to be told is so by what is written in the transaction of the end, which this has none for.
    """
    row = END_WELL.row(
        connection,
        {"task_id": task_id, "lease": lease_id, "now": now, "message": message, "result": as_json(result)},
    )
    return None if row is None else Changed(*row[:_WIDTH])
