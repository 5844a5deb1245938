"""Tables that analysts bring along; their rows are Parquet files on the shared volume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json, Moment
from siprems_backend.models.tasks import Task
from siprems_backend.models.workflow_queries import names_dataset

WAITING, READY, FAILED = "waiting", "ready", "failed"


class Dataset(Base):
    """One dataset. `rows` and `columns` (name, type) are known once it is ready, `error` once it failed.

    `size_bytes` is what it takes on the volume: the upload while it waits, the Parquet file when it is ready.
    """

    __tablename__ = "datasets"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'ready', 'failed')", name="status"),
        Index("ix_datasets_owner_id_created_at", "owner_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(300))
    format: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_bytes: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(10), server_default=WAITING)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    columns: Mapped[Json | None]
    error: Mapped[Json | None]
    profile: Mapped[Json | None]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"), index=True)
    profile_task_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("tasks.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Moment | None]


def add_if_new(session: Session, **values: Any) -> bool:
    """Enter a dataset; False when one with this id exists."""
    statement = insert(Dataset).values(**values).on_conflict_do_nothing().returning(Dataset.id)
    return session.execute(statement).first() is not None


def by_id(session: Session, dataset_id: UUID, *, lock: bool = False) -> Dataset | None:
    """The dataset with this id, locked against other changes if wanted."""
    return session.get(Dataset, dataset_id, with_for_update=lock, populate_existing=lock)


def bytes_of(session: Session, owner_id: int) -> int:
    """What the datasets of a user take on the volume together; nobody adds one until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"datasets of {owner_id}", 0))))
    total = select(func.coalesce(func.sum(Dataset.size_bytes), 0)).where(Dataset.owner_id == owner_id)
    return int(session.execute(total).scalar_one())


def page(session: Session, *, owner_id: int | None, offset: int, limit: int) -> tuple[Sequence[Dataset], int]:
    """Datasets, the newest first, and how many there are; of one user, or of all for None."""
    matching = select(Dataset)
    if owner_id is not None:
        matching = matching.where(Dataset.owner_id == owner_id)
    total = session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    newest_first = matching.order_by(Dataset.created_at.desc(), Dataset.id).offset(offset).limit(limit)
    return session.scalars(newest_first).all(), total


def task_that_uses(session: Session, dataset_id: UUID, statuses: Collection[str]) -> UUID | None:
    """A task in one of these states whose arguments, or whose workflow, name the dataset anywhere."""
    named = or_(cast(Task.kwargs, Text).contains(str(dataset_id)), names_dataset(dataset_id))
    return session.scalars(select(Task.id).where(Task.status.in_(statuses), named).limit(1)).first()


def existing(session: Session, dataset_ids: Collection[UUID]) -> set[UUID]:
    """Those of the given ids that belong to a dataset."""
    return set(session.scalars(select(Dataset.id).where(Dataset.id.in_(dataset_ids))))


def unusable_before(session: Session, moment: dt.datetime) -> Sequence[UUID]:
    """Datasets made before `moment` that never became ready."""
    old = select(Dataset.id).where(Dataset.status != READY, Dataset.created_at < moment)
    return session.scalars(old).all()


def remove(session: Session, dataset_id: UUID) -> None:
    """Delete the row."""
    session.execute(delete(Dataset).where(Dataset.id == dataset_id))
