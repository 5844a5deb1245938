"""The ledger: the truth about every asynchronous task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json, Moment


class Task(Base):
    """One unit of asynchronous work. Its id is Celery's id; its kind is Celery's task name."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(
            "status IN ('PENDING', 'STARTED', 'PROGRESS', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')",
            name="status",
        ),
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
        Index("ix_tasks_owner_id_created_at", "owner_id", "created_at"),
        Index("ix_tasks_created_at", "created_at"),
        Index("ix_tasks_status_created_at", "status", "created_at"),
        # What is not finished: few rows among many, asked for all the time.
        Index(
            "ix_tasks_unfinished",
            "status",
            "queue",
            "created_at",
            postgresql_where=text("status IN ('PENDING', 'RETRY', 'STARTED', 'PROGRESS')"),
        ),
        Index("ix_tasks_finished_at", "finished_at"),
        # Few have one; without it every task that is forgotten would be looked for in all others.
        Index("ix_tasks_retry_of", "retry_of", postgresql_where=text("retry_of IS NOT NULL")),
        Index(
            "uq_tasks_idempotency_key",
            text("coalesce(owner_id, 0)"),
            "kind",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(120), index=True)
    kwargs: Mapped[Json] = mapped_column(server_default="{}")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    queue: Mapped[str] = mapped_column(String(40))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    status: Mapped[str] = mapped_column(String(10), server_default="PENDING")
    message: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[Json | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    # How often its message was handed to the broker; the pauses between two grow with it.
    sends: Mapped[int] = mapped_column(Integer, server_default="0")
    # The HTTP request that asked for it; its log lines carry it.
    request_id: Mapped[str | None] = mapped_column(String(64))
    worker: Mapped[str | None] = mapped_column(String(200))
    lease_id: Mapped[UUID | None]
    lease_expires_at: Mapped[Moment | None]
    heartbeat_at: Mapped[Moment | None]
    cancel_requested_at: Mapped[Moment | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), index=True)
    retry_of: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    result: Mapped[Json | None]
    error: Mapped[Json | None]
    traceback: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    # When a message was last handed to the broker; None means that the reconciler must still do it.
    enqueued_at: Mapped[Moment | None]
    eta: Mapped[Moment | None]
    expires_at: Mapped[Moment | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]

    def as_error(self) -> dict[str, Any] | None:
        """The error as clients see it."""
        return dict(self.error) if self.error else None


class TaskLog(Base):
    """One line a task wrote about its work."""

    __tablename__ = "task_logs"
    __table_args__ = (Index("ix_task_logs_task_id_id", "task_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    time: Mapped[CreatedAt]
    level: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(Text)
