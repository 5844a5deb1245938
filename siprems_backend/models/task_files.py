"""Files that tasks made: the bytes are on the shared volume, this is their list."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt


class TaskFile(Base):
    """One file of one task; `path` is relative to the folder of task files."""

    __tablename__ = "task_files"
    __table_args__ = (Index("uq_task_files_task_id_name", "task_id", "name", unique=True),)

    id: Mapped[BigKey]
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    path: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[CreatedAt]


def of_task(session: Session, task_id: UUID) -> Sequence[TaskFile]:
    """The files of a task, by name."""
    return session.scalars(select(TaskFile).where(TaskFile.task_id == task_id).order_by(TaskFile.name)).all()


def by_name(session: Session, task_id: UUID, name: str) -> TaskFile | None:
    """One file of a task."""
    return session.scalar(select(TaskFile).where(TaskFile.task_id == task_id, TaskFile.name == name))
