"""Reading the ledger, as much of it as the caller may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import (
    live_queries,
    task_figures,
    task_files,
    task_log_queries,
    task_messages,
    task_overviews,
    task_queries,
)
from siprems_backend.models.live_queries import Family, Seen
from siprems_backend.models.task_overviews import Attempt, Overview
from siprems_backend.models.task_queries import TaskFilter
from siprems_backend.models.tasks import Task, TaskLog
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import MAKES_FILES, START_WITHIN
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role

STATISTICS_WINDOW = timedelta(hours=24)
MOST_LOG_LINES = 1000
MOST_LISTED = 500


def visible(session: Session, task_id: UUID, caller: Principal) -> Task:
    """The task, if the caller may see it: its own, or any for an operator.

    Raises:
        NotFound: otherwise; whether the task exists is not told.
    """
    task = task_queries.by_id(session, task_id)
    if task is None or (task.owner_id != caller.user_id and not caller.may(Role.OPERATOR)):
        raise _not_found(task_id)
    return task


def _not_found(task_id: UUID) -> NotFound:
    return NotFound(f"No task with id {task_id}.", code="task_not_found")


def require_visible(task_id: UUID, caller: Principal) -> None:
    """See that the caller may see the task.

    Raises:
        NotFound: no such task, or not the caller's.
    """
    with database.reading() as session:
        if not task_queries.visible_to(session, task_id, scope_of(caller, None)):
            raise _not_found(task_id)


def get(task_id: UUID, caller: Principal) -> Task:
    """One task.

    Raises:
        NotFound: no such task, or not the caller's.
    """
    with database.reading() as session:
        return visible(session, task_id, caller)


@dataclass(frozen=True)
class Details:
    """A task and what belongs to it: its children, the tasks it repeats, and the files it made.

    `family` is None for a task without children.
    """

    task: Task
    family: Family | None
    earlier: Sequence[Attempt]
    output_files: Sequence[str]

    @property
    def progress(self) -> dict[str, Any] | None:
        """How far it is; while its children do the work, as far as they are together."""
        if self.family is None or self.task.status not in states.RUNNING:
            return progress_of(self.task)
        return shared_progress(self.task, self.family)


def details(task_id: UUID, caller: Principal) -> Details:
    """One task with what belongs to it.

    Raises:
        NotFound: no such task, or not the caller's.
    """
    with database.reading() as session:
        task = visible(session, task_id, caller)
        families = live_queries.families(session, [task_id])
        earlier = task_overviews.earlier_attempts(session, task_id) if task.retry_of else []
        files = task_files.names(session, [task_id]) if task.kind in MAKES_FILES else {}
    return Details(task, families.get(task_id), earlier, files.get(task_id, []))


def progress_of(task: Task) -> dict[str, Any] | None:
    """How far a task says it is.

    One that has ended says how it ended, not what it was last doing; if it ended well, it is done.
    """
    known = task.progress
    if task.status == states.SUCCESS:
        total = (known or {}).get("total", 1)
        return {**(known or {}), "current": total, "total": total, "percent": 100.0, "message": task.message}
    if task.status in states.TERMINAL and known:
        return {**known, "message": task.message}
    return known


def shared_progress(parent: Task | Seen, family: Family) -> dict[str, Any]:
    """Progress of a task whose children do its work: what they have done together."""
    return {**(parent.progress or {}), "total": family.total, "percent": family.percent}


def children(
    task_id: UUID, statuses: Collection[str] | None, request: PageRequest, sort: str, caller: Principal
) -> Page[Task]:
    """A page of a task's children.

    Raises:
        NotFound: no such task, or not the caller's.
    """
    with database.reading() as session:
        visible(session, task_id, caller)
        # Whoever may see a task may see its children: those of a regular one have no owner.
        return task_queries.page(session, TaskFilter(parent_id=task_id, statuses=statuses), request, sort)


def listing(wanted: TaskFilter, request: PageRequest, sort: str, caller: Principal) -> Page[Task]:
    """A page of the tasks that the caller may see."""
    scope = TaskFilter(**{**vars(wanted), "owner_id": scope_of(caller, wanted.owner_id)})
    with database.reading() as session:
        return task_queries.page(session, scope, request, sort)


def scope_of(caller: Principal, wanted: int | None) -> int | None:
    """Whose tasks the caller gets who wants this owner's: None stands for everybody's."""
    return wanted if caller.may(Role.OPERATOR) else caller.user_id


def running(caller: Principal) -> Sequence[Overview]:
    """Tasks that are being worked on, the oldest first, at most `MOST_LISTED`.

    Parents are as far as their children that ended, and those that run, have come together.
    """
    tasks = _overview(states.RUNNING, caller)
    begun: defaultdict[UUID, float] = defaultdict(float)
    for task in tasks:
        if task.parent_id is not None:
            begun[task.parent_id] += (task.progress or {}).get("percent") or 0.0
    return [task._replace(progress=_with_begun(task.progress, begun[task.task_id])) for task in tasks]


def _with_begun(progress: dict[str, Any] | None, begun: float) -> dict[str, Any] | None:
    """Progress of a parent with that of its running children, in percent of one child."""
    if not begun or not progress or not progress.get("total"):
        return progress
    return {**progress, "percent": round((100 * progress["current"] + begun) / progress["total"], 1)}


def waiting(caller: Principal) -> Sequence[Overview]:
    """Tasks that wait for a worker or for another attempt, the oldest first, at most `MOST_LISTED`."""
    return _overview(states.WAITING, caller)


def _overview(statuses: Collection[str], caller: Principal) -> Sequence[Overview]:
    with database.lookup() as connection:
        return task_overviews.in_states(connection, statuses, scope_of(caller, None), MOST_LISTED)


def next_to_start(limit: int) -> list[Task]:
    """What an executor without a broker should take next, the most urgent first."""
    with database.reading() as session:
        return task_messages.startable(session, clock.now(), limit)


def log_lines(task_id: UUID, caller: Principal, after: int = 0) -> Sequence[TaskLog]:
    """What a task wrote about its work, in order, after line `after`."""
    with database.reading() as session:
        visible(session, task_id, caller)
        return task_log_queries.logs(session, task_id, after, MOST_LOG_LINES)


def statistics() -> dict[str, Any]:
    """Totals of the last 24 hours by status and kind, durations in seconds, and the oldest waiting task."""
    now = clock.now()
    since = now - STATISTICS_WINDOW
    with database.reading() as session:
        rows = task_figures.statistics(session, since)
        median, high, finished = task_figures.durations(session, since)
        oldest = task_figures.oldest_waiting(session)
        late = task_figures.started_late(session, since, START_WITHIN)
    by_status = dict.fromkeys(sorted(states.ALL), 0)
    by_kind: dict[str, dict[str, Any]] = {}
    for kind, status, count, kind_median, kind_high in rows:
        by_status[status] += count
        entry = by_kind.setdefault(kind, {"total": 0, "by_status": {}})
        entry["total"] += count
        entry["by_status"][status] = count
        if status == states.SUCCESS:
            entry["duration_p50_s"], entry["duration_p95_s"] = kind_median, kind_high
    ended_well, ended_badly = by_status[states.SUCCESS], by_status[states.FAILURE]
    attempts = ended_well + ended_badly
    return {
        "window_hours": STATISTICS_WINDOW.total_seconds() / 3600,
        "total": sum(by_status.values()),
        "by_status": by_status,
        "by_kind": by_kind,
        "success_rate": ended_well / attempts if attempts else None,
        "duration_p50_s": median,
        "duration_p95_s": high,
        "throughput_per_hour": finished / (STATISTICS_WINDOW.total_seconds() / 3600),
        "oldest_waiting_s": (now - oldest).total_seconds() if oldest else None,
        "sla_breaches": late,
        "generated_at": now,
    }
