"""Learned models of the whole shop: files on the volume, one row a version."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    delete,
    false,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, Json, Moment


class LearnedModelVersion(Base):
    """One version of a type of learned model; at most one version of a type is active.

    Its file lies on the models' volume. `gain` is the factor that the errors of the blend get with the model
    in it, None where that is not known. `report` is what clients are told of its training.
    """

    __tablename__ = "learned_models"
    __table_args__ = (
        Index("uq_learned_models_model_type_version", "model_type", "version", unique=True),
        Index("uq_learned_models_active", "model_type", unique=True, postgresql_where=text("is_active")),
        Index(
            "uq_learned_models_task_id", "task_id", unique=True, postgresql_where=text("task_id IS NOT NULL")
        ),
    )

    id: Mapped[BigKey]
    model_type: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=false())
    step_days: Mapped[int] = mapped_column(SmallInteger)
    products: Mapped[int] = mapped_column(Integer)
    training_rows: Mapped[int] = mapped_column(Integer)
    hyperparameters: Mapped[Json]
    report: Mapped[Json]
    gain: Mapped[float | None]
    checksum: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    trained_at: Mapped[Moment]
    # Kept without a reference: the ledger forgets its tasks.
    task_id: Mapped[UUID | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


def lock(session: Session, model_type: str) -> None:
    """Let nobody else change the versions of a type until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"learned {model_type}"))))


def by_id(session: Session, model_id: int) -> LearnedModelVersion | None:
    """One version."""
    return session.get(LearnedModelVersion, model_id)


def by_task(session: Session, task_id: UUID) -> LearnedModelVersion | None:
    """The version that a task left."""
    return session.scalars(
        select(LearnedModelVersion).where(LearnedModelVersion.task_id == task_id)
    ).one_or_none()


def newest_version(session: Session, model_type: str) -> int:
    """The number of the newest version of a type; 0 without one."""
    statement = select(func.max(LearnedModelVersion.version)).where(
        LearnedModelVersion.model_type == model_type
    )
    return session.scalar(statement) or 0


def active(session: Session, model_type: str | None = None) -> Sequence[LearnedModelVersion]:
    """The active versions, of one type or of all, by type."""
    statement = select(LearnedModelVersion).where(LearnedModelVersion.is_active)
    if model_type is not None:
        statement = statement.where(LearnedModelVersion.model_type == model_type)
    return session.scalars(statement.order_by(LearnedModelVersion.model_type)).all()


def make_active(session: Session, version: LearnedModelVersion) -> None:
    """Make a version the only active one of its type."""
    others = LearnedModelVersion.model_type == version.model_type, LearnedModelVersion.id != version.id
    session.execute(update(LearnedModelVersion).where(*others).values(is_active=False))
    version.is_active = True
    session.flush()


def page(
    session: Session, model_type: str | None, offset: int, limit: int
) -> tuple[Sequence[LearnedModelVersion], int]:
    """Versions, the newest first, and how many there are."""
    statement = select(LearnedModelVersion)
    if model_type is not None:
        statement = statement.where(LearnedModelVersion.model_type == model_type)
    total = session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    newest_first = statement.order_by(LearnedModelVersion.id.desc()).offset(offset).limit(limit)
    return session.scalars(newest_first).all(), total


def superseded(session: Session, model_type: str, kept: int) -> Sequence[LearnedModelVersion]:
    """Versions of a type beyond the newest so many that are not active."""
    statement = (
        select(LearnedModelVersion)
        .where(LearnedModelVersion.model_type == model_type, ~LearnedModelVersion.is_active)
        .order_by(LearnedModelVersion.version.desc())
        .offset(kept)
    )
    return session.scalars(statement).all()


def remove(session: Session, model_ids: Sequence[int]) -> None:
    """Delete versions, and the forecasts they made."""
    session.execute(delete(LearnedModelVersion).where(LearnedModelVersion.id.in_(model_ids)))
