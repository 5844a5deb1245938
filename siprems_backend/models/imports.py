"""Files brought in, and what became of their rows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json, Moment


class Import(Base):
    """One imported file. `report` counts its rows and lists the first rejected ones by line."""

    __tablename__ = "imports"
    __table_args__ = (CheckConstraint("kind IN ('sales', 'products', 'events', 'stock')", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    report: Mapped[Json | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Moment | None]
