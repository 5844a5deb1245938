"""Many tasks by one request: a parent whose children run side by side, and what became of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries, task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import Submitted, TaskKind, fan_out, states
from siprems_backend.services.task_registry.submission import (
    as_row,
    enter,
    new_row,
    replayed,
    send_again,
    sent,
)
from siprems_backend.services.task_registry.wishes import NONE, Wishes

MOST_TASKS = 1000
# What people wait for passes what was ordered by the hundred.
PRIORITY = 4
MOST_LISTED = 200


@dataclass(frozen=True)
class Order:
    """One of the tasks: the training of a product, or its forecast so many days ahead."""

    kind: TaskKind
    product_sku: str
    days: int | None = None

    @property
    def kwargs(self) -> dict[str, Any]:
        """The task's arguments."""
        ahead = {} if self.days is None else {"forecast_days": self.days}
        return {"product_sku": self.product_sku, **ahead}


@dataclass(frozen=True)
class BulkSubmitted:
    """The parent, and its children in the order of the request."""

    parent: Submitted
    task_ids: Sequence[UUID]


def submit(
    orders: Sequence[Order],
    caller: Principal,
    *,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> BulkSubmitted:
    """Enter a parent and its children in the ledger, all or none.

    Only the parent's message is sent here: a worker sends those of the children.

    Raises:
        Invalid: some cannot be done; `fields` says which and why, by their place in the request. Or the
            idempotency key is malformed, or was used with another request.
        Forbidden: the priority is too high for the caller.
    """
    wishes.require_allowed(caller)
    if idempotency_key is not None:
        require_acceptable(idempotency_key)
    parent = new_row(
        TaskKind.BULK,
        {"tasks": len(orders), "digest": _digest(orders)},
        owner_id=caller.user_id,
        idempotency_key=idempotency_key,
    )
    with database.transaction() as session:
        _require_possible(session, orders)
        if not enter(session, parent):
            earlier = task_queries.by_idempotency_key(
                session, caller.user_id, TaskKind.BULK, idempotency_key or ""
            )
            again = replayed(earlier, parent)
            return BulkSubmitted(again, _child_ids(again.task_id, len(orders)))
        ids = _child_ids(parent["id"], len(orders))
        rows = [_child(order, task_id, parent, wishes) for order, task_id in zip(orders, ids, strict=True)]
        task_queries.add_many(session, rows)
    return BulkSubmitted(sent(parent), ids)


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


@fan_out.joined_by(TaskKind.BULK, results=False)
def summarise(_parent: Task, children: list[Task]) -> dict[str, Any]:
    """The result of a parent: how its children ended, and each that did not end well."""
    counts = Counter(child.status for child in children)
    well = counts[states.SUCCESS]
    listed = children if len(children) <= MOST_LISTED else [c for c in children if c.status != states.SUCCESS]
    return {
        "status": "completed" if well == len(children) else "partial" if well else "failed",
        "total": len(children),
        "succeeded": well,
        "failed": counts[states.FAILURE],
        "cancelled": counts[states.REVOKED],
        "results": [_outcome(child) for child in listed],
    }


def _outcome(child: Task) -> dict[str, Any]:
    reason = (
        {} if child.status == states.SUCCESS else {"error": child.as_error() or {"message": child.message}}
    )
    return {
        "task_id": str(child.id),
        "kind": child.kind,
        "product_sku": child.kwargs["product_sku"],
        "status": child.status,
        **reason,
    }


def _child(order: Order, task_id: UUID, parent: Mapping[str, Any], wishes: Wishes) -> dict[str, Any]:
    return new_row(
        order.kind,
        order.kwargs,
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


def _child_ids(parent_id: UUID, count: int) -> list[UUID]:
    return [uuid5(parent_id, f"task {place}") for place in range(count)]


def _digest(orders: Sequence[Order]) -> str:
    """Tells one request from another under the same idempotency key."""
    asked = [[order.kind.value, order.product_sku, order.days] for order in orders]
    return hashlib.sha256(orjson.dumps(asked)).hexdigest()


def _require_possible(session: Session, orders: Sequence[Order]) -> None:
    known = history_queries.known_skus(session, {order.product_sku for order in orders})
    problems: dict[str, Any] = {}
    first_places: dict[Order, int] = {}
    for place, order in enumerate(orders):
        if order.product_sku not in known:
            problems[str(place)] = {"product_sku": [f"No product with SKU '{order.product_sku}'."]}
        elif first_places.setdefault(order, place) != place:
            problems[str(place)] = {"product_sku": [f"This is the same as task {first_places[order]}."]}
    if problems:
        raise Invalid(
            f"{len(problems)} of {len(orders)} tasks cannot be done; nothing was submitted.",
            code="invalid_tasks",
            fields={"tasks": problems},
        )
