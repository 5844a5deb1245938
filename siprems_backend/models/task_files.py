"""Files that tasks made: the bytes are on the shared volume, this is their list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt


class TaskFile(Base):
    """One file of one task; `path` is relative to the folder of task files, and empty once it was removed."""

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


def names(session: Session, task_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Names of the files of each of these tasks that has any."""
    found: dict[UUID, list[str]] = {}
    statement = select(TaskFile.task_id, TaskFile.name).where(TaskFile.task_id.in_(task_ids))
    for task_id, name in session.execute(statement.order_by(TaskFile.name)):
        found.setdefault(task_id, []).append(name)
    return found


def remove_all(session: Session, task_id: UUID) -> list[str]:
    """Forget the files of a task; the paths they had."""
    statement = delete(TaskFile).where(TaskFile.task_id == task_id).returning(TaskFile.path)
    return [path for path in session.scalars(statement) if path]


def paths_of(session: Session, task_ids: Collection[UUID]) -> Sequence[str]:
    """Paths of the files of these tasks."""
    return session.scalars(select(TaskFile.path).where(TaskFile.task_id.in_(task_ids))).all()


def forget_beyond(session: Session, most_bytes: int) -> list[str]:
    """Mark the oldest files as removed, so many that the others have no more bytes than this; their paths."""
    newer_too = func.sum(TaskFile.size_bytes).over(order_by=(TaskFile.created_at.desc(), TaskFile.id.desc()))
    sums = select(TaskFile.id, TaskFile.path, newer_too.label("bytes")).where(TaskFile.path != "").subquery()
    beyond = session.execute(select(sums.c.id, sums.c.path).where(sums.c.bytes > most_bytes)).all()
    gone = [file_id for file_id, _ in beyond]
    session.execute(update(TaskFile).where(TaskFile.id.in_(gone)).values(path=""))
    return [path for _, path in beyond]
