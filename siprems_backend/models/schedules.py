"""What runs regularly: the users' own schedules, and the slots that were taken of every schedule."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, String, delete, false, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Json, Moment


class Schedule(Base):
    """A task that a user wants at the times of a cron text, in the user's time zone."""

    __tablename__ = "schedules"

    id: Mapped[BigKey]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    # What to submit: a kind of the task registry and its arguments.
    kind: Mapped[str] = mapped_column(String(120))
    kwargs: Mapped[Json] = mapped_column(server_default="{}")
    cron: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(64), server_default="UTC")
    paused: Mapped[bool] = mapped_column(Boolean, server_default=false())
    last_run_at: Mapped[Moment | None]
    last_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class ScheduleSlot(Base):
    """One moment of one schedule that somebody took: whoever inserts the row starts the task, nobody else."""

    __tablename__ = "schedule_slots"

    schedule: Mapped[str] = mapped_column(String(200), primary_key=True)
    slot: Mapped[Moment] = mapped_column(primary_key=True)
    task_id: Mapped[UUID | None]
    taken_at: Mapped[CreatedAt] = mapped_column(index=True)


def take_slot(session: Session, schedule: str, slot: datetime, task_id: UUID) -> bool:
    """Take a slot; False when it is taken already."""
    statement = (
        insert(ScheduleSlot)
        .values(schedule=schedule, slot=slot, task_id=task_id)
        .on_conflict_do_nothing()
        .returning(ScheduleSlot.slot)
    )
    return session.scalar(statement) is not None


def last_slots(session: Session) -> dict[str, datetime]:
    """The latest slot taken of every schedule."""
    rows = session.execute(
        select(ScheduleSlot.schedule, func.max(ScheduleSlot.slot)).group_by(ScheduleSlot.schedule)
    )
    return dict(rows.all())


def forget_slots(session: Session, before: datetime) -> int:
    """Delete slots taken before then, but for the latest of each schedule; how many."""
    newer = ScheduleSlot.__table__.alias("newer")
    superseded = (
        select(newer.c.slot)
        .where(newer.c.schedule == ScheduleSlot.schedule, newer.c.slot > ScheduleSlot.slot)
        .exists()
    )
    old = delete(ScheduleSlot).where(ScheduleSlot.taken_at < before, superseded)
    return len(session.execute(old.returning(ScheduleSlot.slot)).all())
