"""Models that pipelines fitted: the bytes are on the shared volume, this is their list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json


class PipelineModel(Base):
    """One fitted pipeline. A user's pipelines of one name are versions of each other, counted from 1.

    `digest` stands for the rows, nodes and parameters that it was made of; `columns` are those that new rows
    need, `features` those that the model itself sees.
    """

    __tablename__ = "pipeline_models"
    __table_args__ = (
        Index("uq_pipeline_models_owner_id_name_version", "owner_id", "name", "version", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    node_id: Mapped[str] = mapped_column(String(100))
    node_type: Mapped[str] = mapped_column(String(100))
    task: Mapped[str] = mapped_column(String(20))
    target: Mapped[str | None]
    columns: Mapped[Json]
    features: Mapped[Json]
    metrics: Mapped[Json]
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[CreatedAt]


def by_id(session: Session, model_id: UUID, *, lock: bool = False) -> PipelineModel | None:
    """The model with this id, locked against other changes if wanted."""
    return session.get(PipelineModel, model_id, with_for_update=lock, populate_existing=lock)


def bytes_of(session: Session, owner_id: int) -> int:
    """What the models of a user take on the volume together; nobody adds one until the transaction ends."""
    key = func.hashtextextended(f"pipeline models of {owner_id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    total = select(func.coalesce(func.sum(PipelineModel.size_bytes), 0))
    return int(session.execute(total.where(PipelineModel.owner_id == owner_id)).scalar_one())


def of_content(session: Session, owner_id: int, name: str, digest: str) -> PipelineModel | None:
    """The user's model of this name that was made of the same."""
    same = select(PipelineModel).where(
        PipelineModel.owner_id == owner_id, PipelineModel.name == name, PipelineModel.digest == digest
    )
    return session.scalars(same.order_by(PipelineModel.version.desc()).limit(1)).first()


def last_version(session: Session, owner_id: int, name: str) -> int:
    """The highest version of a user's models of this name; 0 if there is none."""
    highest = select(func.coalesce(func.max(PipelineModel.version), 0))
    return int(
        session.execute(
            highest.where(PipelineModel.owner_id == owner_id, PipelineModel.name == name)
        ).scalar_one()
    )


def page(
    session: Session, *, owner_id: int | None, name: str | None, offset: int, limit: int
) -> tuple[Sequence[PipelineModel], int]:
    """Models, the newest first, and how many there are; of one user, or of all for None; of any name."""
    conditions: list[Any] = [] if owner_id is None else [PipelineModel.owner_id == owner_id]
    if name is not None:
        conditions.append(PipelineModel.name == name)
    matching = select(PipelineModel).where(*conditions)
    total = session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    newest_first = matching.order_by(
        PipelineModel.created_at.desc(), PipelineModel.version.desc(), PipelineModel.id
    )
    return session.scalars(newest_first.offset(offset).limit(limit)).all(), total


def existing(session: Session, model_ids: Collection[UUID]) -> set[UUID]:
    """Those of the given ids that belong to a model."""
    return set(session.scalars(select(PipelineModel.id).where(PipelineModel.id.in_(model_ids))))


def remove(session: Session, model_id: UUID) -> None:
    """Delete the row."""
    session.execute(delete(PipelineModel).where(PipelineModel.id == model_id))
