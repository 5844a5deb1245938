"""Answers already given to requests that carried an idempotency key."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, CreatedAt, Json


class IdempotentAnswer(Base):
    """The first answer to a key; `status` is NULL while the first request is still being served."""

    __tablename__ = "idempotent_answers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[Json | None]
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
