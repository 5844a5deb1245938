"""Parents and children: a fan-out ends when its last child has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.lifecycle import DONE
from siprems_backend.services.task_registry.transitions import after_commit, ledger, move
from siprems_backend.utils import clock

Summarise = Callable[[Task, list[Task]], dict[str, Any]]
SUMMARIES: dict[TaskKind, Summarise] = {}
# Kinds whose summary does without the results of the children.
WITHOUT_RESULTS: set[TaskKind] = set()
# What is to be done once fan-outs of a kind have ended.
FOLLOWERS: dict[TaskKind, Callable[[], None]] = {}


def joined_by(kind: TaskKind, *, results: bool = True) -> Callable[[Summarise], Summarise]:
    """Declare the function that makes the result of a fan-out of this kind from its ended children.

    Without `results` theirs are not loaded: a thousand forecasts would fill the memory for nothing.
    """

    def declare(summarise: Summarise) -> Summarise:
        SUMMARIES[kind] = summarise
        if not results:
            WITHOUT_RESULTS.add(kind)
        return summarise

    return declare


def followed_by(*kinds: TaskKind) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declare what is to be done after the commit that ends a fan-out of these kinds, however it ended.

    If the process dies in between it is not done: it must be something that is done at other times too.
    """

    def declare(step: Callable[[], None]) -> Callable[[], None]:
        FOLLOWERS.update(dict.fromkeys(kinds, step))
        return step

    return declare


def update_parent(parent_id: UUID) -> bool:
    """Count a parent's ended children; join them when none is left. Whether it was joined.

    Children that end at the same moment wait for each other at the parent's row, so exactly one sees the
    last of them ended. A process that cannot make the result, as the web's cannot for what trains, leaves
    the joining to `join_finished` of the next worker that looks.
    """
    with ledger() as session:
        parent = task_queries.by_id(session, parent_id, lock=True)
        # A parent that still has a lease is not done handing out its work.
        if parent is None or parent.status not in states.RUNNING or parent.lease_id is not None:
            return False
        counts = task_queries.child_states(session, parent_id)
        total = sum(counts.values())
        ended = sum(count for status, count in counts.items() if status in states.TERMINAL)
        joined = ended == total and TaskKind(parent.kind) in SUMMARIES
        if joined:
            values = _joined(parent, _summary(session, parent))
            if (follower := FOLLOWERS.get(TaskKind(parent.kind))) is not None:
                after_commit(session, follower)
        else:
            progress = _progress(ended, total)
            values = {"status": states.PROGRESS, "progress": progress, "message": progress["message"]}
        move(session, parent_id, states.RUNNING, values)
        return joined


def _summary(session: Session, parent: Task) -> dict[str, Any]:
    kind = TaskKind(parent.kind)
    children = task_queries.children(session, parent.id, results=kind not in WITHOUT_RESULTS)
    return SUMMARIES[kind](parent, children)


def join_finished() -> int:
    """Join fan-outs whose last child ended, or was cancelled, where nobody could join them."""
    with database.reading() as session:
        waiting = task_queries.parents_to_join(session, [kind.value for kind in SUMMARIES])
    return sum(update_parent(parent_id) for parent_id in waiting)


def _progress(ended: int, total: int) -> dict[str, Any]:
    percent = round(100 * ended / total, 1) if total else 100.0
    message = f"{ended} of {total} parts done"
    return {"current": ended, "total": total, "percent": percent, "message": message}


def _joined(parent: Task, result: dict[str, Any]) -> dict[str, Any]:
    cancelled = parent.cancel_requested_at is not None
    values: dict[str, Any] = {
        "status": states.REVOKED if cancelled else states.SUCCESS,
        "message": "Task was cancelled" if cancelled else result.get("warning") or DONE,
        "result": result,
        "finished_at": clock.now(),
    }
    if not cancelled and parent.progress:
        total = parent.progress["total"]
        values["progress"] = {**parent.progress, **_progress(total, total)}
    return values
