"""Files brought in, and what became of their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json, Moment


class Import(Base):
    """One imported file. `report` counts its rows and lists the first rejected ones by line."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('sales', 'products', 'events', 'stock', 'promotions', 'suppliers', 'replenishment')",
            name="kind",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"), index=True)
    report: Mapped[Json | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Moment | None]


def add_if_new(session: Session, **values: Any) -> bool:
    """Enter an import; False when one with this id exists."""
    statement = insert(Import).values(**values).on_conflict_do_nothing().returning(Import.id)
    return session.execute(statement).first() is not None


def by_id(session: Session, import_id: UUID) -> Import | None:
    """The import with this id."""
    return session.get(Import, import_id)


def claim(session: Session, import_id: UUID) -> Import | None:
    """The import, for this transaction alone: a second delivery of its task waits here.

    The lock is not on the row, because the request that submits the task still has to write its id there.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(import_id), 0))))
    return session.get(Import, import_id)


def merge_alone(session: Session) -> None:
    """Wait until no other import merges, and keep others waiting until the transaction ends.

    Two merges that add the same new products while they hold the known ones would wait for each other.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("siprems imports merge", 0))))


def page(
    session: Session, *, user_id: int | None, kind: str | None, offset: int, limit: int
) -> tuple[Sequence[Import], int]:
    """Imports, the newest first, and how many there are; of one user, or of all for None."""
    matching = select(Import)
    if user_id is not None:
        matching = matching.where(Import.created_by == user_id)
    if kind is not None:
        matching = matching.where(Import.kind == kind)
    total = session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    newest_first = matching.order_by(Import.created_at.desc(), Import.id).offset(offset).limit(limit)
    return session.execute(newest_first).scalars().all(), total


def attach_task(session: Session, import_id: UUID, task_id: UUID) -> None:
    """Say which task does the import."""
    session.execute(update(Import).where(Import.id == import_id).values(task_id=task_id))


def finish(session: Session, import_id: UUID, report: dict[str, Any], finished_at: dt.datetime) -> None:
    """Store the report."""
    session.execute(
        update(Import).where(Import.id == import_id).values(report=report, finished_at=finished_at)
    )


def finished_before(session: Session, import_ids: Sequence[UUID], moment: dt.datetime) -> set[UUID]:
    """Those of the given imports that nobody works on any more: finished, or entered, before `moment`."""
    last_seen = func.coalesce(Import.finished_at, Import.created_at)
    statement = select(Import.id).where(Import.id.in_(import_ids), last_seen < moment)
    return set(session.execute(statement).scalars())


def existing(session: Session, import_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the given ids that belong to an import."""
    return set(session.execute(select(Import.id).where(Import.id.in_(import_ids))).scalars())
