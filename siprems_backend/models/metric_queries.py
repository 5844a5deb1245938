"""Named queries for monitoring: asked every few seconds, so each reads an index or few rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.notifications import Delivery
from siprems_backend.models.schedules import ScheduleSlot
from siprems_backend.models.tasks import Task

UNFINISHED = ("PENDING", "RETRY", "STARTED", "PROGRESS")


class Unfinished(NamedTuple):
    """How many tasks of a queue are in one state, and since when the first of them could have run."""

    queue: str
    status: str
    # A fan-out that waits for its children runs without a lease.
    leased: bool
    tasks: int
    since: datetime


class Run(NamedTuple):
    """How a run over the whole catalogue went."""

    ended_at: datetime
    seconds: float | None
    trained: int | None
    unchanged: int | None
    skipped: int | None
    failed: int | None


class Models(NamedTuple):
    """The models that serve: how many, when the oldest was trained, and the middle of their errors (WAPE)
    on the last days before they were trained, which each had to forecast from the days before."""

    number: int
    oldest: datetime | None
    wape: float | None


class Deliveries(NamedTuple):
    """Messages that are to be sent, the first moment one of them was due, and those given up lately."""

    pending: int
    due_since: datetime | None
    failed: int


def unfinished(session: Session) -> Sequence[Unfinished]:
    """The tasks that have not ended, by queue and state."""
    since = func.min(func.coalesce(Task.eta, Task.created_at))
    leased = Task.lease_id.is_not(None)
    statement = (
        select(Task.queue, Task.status, leased, func.count(), since)
        .where(Task.status.in_(UNFINISHED))
        .group_by(Task.queue, Task.status, leased)
    )
    return [Unfinished(*row) for row in session.execute(statement)]


def last_run(session: Session, kind: str) -> Run | None:
    """The latest run of this kind that ended well."""
    counts = (Task.result[name].as_integer() for name in ("trained", "unchanged", "skipped", "failed"))
    statement = (
        select(Task.finished_at, Task.result["seconds"].as_float(), *counts)
        .where(Task.kind == kind, Task.status == "SUCCESS")
        .order_by(Task.finished_at.desc())
        .limit(1)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else Run(*row)


def active_models(session: Session) -> Models:
    """The models that serve."""
    wape = func.percentile_cont(0.5).within_group(Artifact.meta["backtest"]["wape"].as_float())
    statement = select(func.count(), func.min(Artifact.trained_at), wape).where(Artifact.is_active)
    return Models(*session.execute(statement).one())


def deliveries(session: Session, since: datetime) -> Deliveries:
    """Messages that wait, and those made since then that were given up."""
    pending = Delivery.status == "pending"
    counts = select(func.count(), func.min(Delivery.next_attempt_at)).where(pending)
    waiting, due_since = session.execute(counts).one()
    given_up = and_(Delivery.created_at >= since, Delivery.status == "failed")
    failed = session.scalar(select(func.count()).select_from(Delivery).where(given_up)) or 0
    return Deliveries(waiting, due_since, failed)


def last_slot_taken(session: Session) -> datetime | None:
    """When Beat last started anything."""
    return session.scalar(select(func.max(ScheduleSlot.taken_at)))
