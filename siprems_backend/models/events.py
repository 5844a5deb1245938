"""Named dates with an effect on demand."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, Date, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt


class Event(Base):
    """A holiday, promotion, festival or closure on one day."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("name", "date"),)

    id: Mapped[BigKey]
    name: Mapped[str] = mapped_column(String(200))
    date: Mapped[dt.date] = mapped_column(Date, index=True)
    type: Mapped[str] = mapped_column(String(40), server_default="event")
    description: Mapped[str | None] = mapped_column(String(1000))
    country: Mapped[str | None] = mapped_column(String(8))
    include_in_prediction: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[CreatedAt]
