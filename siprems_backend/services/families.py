"""Many tasks by one request: a parent whose children run side by side, entered all or none."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy.orm import Session

from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import Submitted, TaskKind, states
from siprems_backend.services.task_registry.submission import (
    as_row,
    enter,
    new_row,
    replayed,
    send_again,
    sent,
)
from siprems_backend.services.task_registry.wishes import NONE, Wishes

# What people wait for passes what was ordered by the hundred.
PRIORITY = 4


@dataclass(frozen=True)
class Part:
    """A child: its kind and its arguments."""

    kind: TaskKind
    kwargs: Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """The parent, and its children in the order of the request."""

    parent: Submitted
    task_ids: Sequence[UUID]


def submit(
    kind: TaskKind,
    asked: Sequence[Any],
    parts: Callable[[Session], Sequence[Part]],
    caller: Principal,
    *,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> Family:
    """Enter a parent and its children in the ledger, all or none.

    `asked` is the request as plain data, which tells it from others under the same key; `parts` makes a child
    of each of its elements, or raises what is wrong with them. Only the parent's message is sent here: a
    worker sends those of the children.

    Raises:
        Invalid: the idempotency key is malformed, or was used with another request.
        Forbidden: the priority is too high for the caller.
    """
    wishes.require_allowed(caller)
    if idempotency_key is not None:
        require_acceptable(idempotency_key)
    parent = new_row(
        kind,
        {"tasks": len(asked), "digest": hashlib.sha256(orjson.dumps(asked)).hexdigest()},
        owner_id=caller.user_id,
        idempotency_key=idempotency_key,
    )
    with database.transaction() as session:
        children = parts(session)
        if not enter(session, parent):
            earlier = task_queries.by_idempotency_key(session, caller.user_id, kind, idempotency_key or "")
            again = replayed(earlier, parent)
            return Family(again, child_ids(again.task_id, len(asked)))
        ids = child_ids(parent["id"], len(children))
        rows = [_child(part, task_id, parent, wishes) for part, task_id in zip(children, ids, strict=True)]
        task_queries.add_many(session, rows)
    return Family(sent(parent), ids)


def start(parent_id: UUID) -> int:
    """Send the children's messages; how many. A parent that is a retry gets children first.

    They are those of the tasks that did not end well the last time. Repeating it is harmless.
    """
    with database.transaction() as session:
        parent = task_queries.by_id(session, parent_id)
        if parent is not None and parent.retry_of and not task_queries.child_states(session, parent_id):
            failed = task_queries.children(session, parent.retry_of, results=False)
            rows = [_repeated(task, parent) for task in failed if task.status != states.SUCCESS]
            task_queries.add_many(session, rows)
        unsent = task_queries.unsent_children(session, parent_id)
    return send_again([as_row(child) for child in unsent])


def counted(children: Sequence[Task]) -> dict[str, Any]:
    """How the children ended, for the result of their parent."""
    counts = Counter(child.status for child in children)
    well = counts[states.SUCCESS]
    return {
        "status": "completed" if well == len(children) else "partial" if well else "failed",
        "total": len(children),
        "succeeded": well,
        "failed": counts[states.FAILURE],
        "cancelled": counts[states.REVOKED],
    }


def outcome(child: Task) -> dict[str, Any]:
    """How a child ended, and why where it did not end well."""
    told = {"task_id": str(child.id), "status": child.status}
    if child.status == states.SUCCESS:
        return told
    return {**told, "error": child.as_error() or {"message": child.message}}


def child_ids(parent_id: UUID, count: int) -> list[UUID]:
    """Ids of so many children, in the order of the request."""
    return [uuid5(parent_id, f"task {place}") for place in range(count)]


def _child(part: Part, task_id: UUID, parent: Mapping[str, Any], wishes: Wishes) -> dict[str, Any]:
    return new_row(
        part.kind,
        part.kwargs,
        task_id=task_id,
        owner_id=parent["owner_id"],
        parent_id=parent["id"],
        priority=PRIORITY if wishes.priority is None else wishes.priority,
        expires_at=wishes.expires_at,
    )


def _repeated(task: Task, parent: Task) -> dict[str, Any]:
    return new_row(
        TaskKind(task.kind),
        task.kwargs,
        task_id=uuid5(parent.id, str(task.id)),
        owner_id=parent.owner_id,
        parent_id=parent.id,
        priority=task.priority,
        retry_of=task.id,
    )
