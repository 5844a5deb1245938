"""What runs regularly: the users' own schedules, and the slots that were taken of every schedule."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, String, delete, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Json, Moment

# Name space of the locks that keep two Beats from one schedule's slots.
SLOTS_LOCK = 7_305


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
    last_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class ScheduleSlot(Base):
    """One moment of one schedule that somebody took: whoever inserts the row starts the task, nobody else."""

    __tablename__ = "schedule_slots"

    schedule: Mapped[str] = mapped_column(String(200), primary_key=True)
    slot: Mapped[Moment] = mapped_column(primary_key=True)
    task_id: Mapped[UUID | None]
    taken_at: Mapped[CreatedAt] = mapped_column(index=True)


def lock_slots(session: Session, schedule: str) -> datetime | None:
    """Keep others from this schedule's slots until the transaction ends; the latest that is taken.

    Slots that lie ahead, taken while a clock was wrong, do not count.
    """
    session.execute(select(func.pg_advisory_xact_lock(SLOTS_LOCK, func.hashtext(schedule))))
    taken = select(func.max(ScheduleSlot.slot)).where(
        ScheduleSlot.schedule == schedule, ScheduleSlot.slot <= func.clock_timestamp()
    )
    return session.scalar(taken)


def take_slot(session: Session, schedule: str, slot: datetime, task_id: UUID | None) -> bool:
    """Take a slot, without a task if nothing is to be started; False when it is taken already."""
    statement = (
        insert(ScheduleSlot)
        .values(schedule=schedule, slot=slot, task_id=task_id)
        .on_conflict_do_nothing()
        .returning(ScheduleSlot.slot)
    )
    return session.scalar(statement) is not None


def last_taken_at(session: Session) -> datetime | None:
    """When a slot of any schedule was taken last."""
    return session.scalar(select(func.max(ScheduleSlot.taken_at)))


def forget_slots(session: Session, before: datetime, in_use: Collection[str]) -> int:
    """Delete slots taken before then, but for the latest of each schedule that is in use; how many."""
    newer = ScheduleSlot.__table__.alias("newer")
    superseded = (
        select(newer.c.slot)
        .where(newer.c.schedule == ScheduleSlot.schedule, newer.c.slot > ScheduleSlot.slot)
        .exists()
    )
    unneeded = or_(superseded, ScheduleSlot.schedule.not_in(in_use))
    old = delete(ScheduleSlot).where(ScheduleSlot.taken_at < before, unneeded)
    return len(session.execute(old.returning(ScheduleSlot.slot)).all())
