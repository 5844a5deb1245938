"""Who did what that matters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Json


class AuditEntry(Base):
    """One action: a login, a role change, a cancelled task, an import, an export."""

    __tablename__ = "audit"

    id: Mapped[BigKey]
    time: Mapped[CreatedAt] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str | None] = mapped_column(String(300))
    details: Mapped[Json | None]
    address: Mapped[str | None] = mapped_column(String(64))


def record(
    session: Session,
    action: str,
    *,
    user_id: int | None = None,
    target: str | None = None,
    details: object | None = None,
    address: str | None = None,
) -> None:
    """Add an entry to the caller's unit of work, so that it is kept exactly when the action is."""
    session.add(AuditEntry(action=action, user_id=user_id, target=target, details=details, address=address))


def delete_before(session: Session, moment: datetime) -> int:
    """Forget entries older than this moment; how many."""
    old = delete(AuditEntry).where(AuditEntry.time < moment).returning(AuditEntry.id)
    return len(session.execute(old).all())
