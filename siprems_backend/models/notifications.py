"""Who wants to be told of ended tasks, and every message that was or is to be sent."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Json, Moment


class Subscription(Base):
    """A webhook or an e-mail address, and the events it wants."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("channel IN ('webhook', 'email')", name="channel"),
        # A user has one e-mail address here, and so one subscription of that kind.
        Index("uq_subscriptions_email", "owner_id", unique=True, postgresql_where=text("channel = 'email'")),
    )

    id: Mapped[BigKey]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    # A URL or an e-mail address.
    target: Mapped[str] = mapped_column(String(2000))
    # Signs a webhook's bodies; it must be readable, so that both sides can compute the signature.
    secret: Mapped[str | None] = mapped_column(String(200))
    events: Mapped[Json] = mapped_column(server_default="[]")
    # Kinds of tasks to be told of; none named means all.
    kinds: Mapped[Json] = mapped_column(server_default="[]")
    description: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    # Since when every attempt has failed; None after one that did not.
    failing_since: Mapped[Moment | None]
    # When and why it was switched off by us; None if its owner did it.
    stopped_at: Mapped[Moment | None]
    stopped_because: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[CreatedAt]


class Delivery(Base):
    """One message to one subscription: written with the event, sent afterwards, kept as a log."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
        Index("ix_deliveries_due", "next_attempt_at", postgresql_where=text("status = 'pending'")),
        # One event of one task is told once, however often it is reported.
        Index("uq_deliveries_event", "subscription_id", "event_key", unique=True),
    )

    id: Mapped[BigKey]
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(60))
    event_key: Mapped[str] = mapped_column(String(200))
    task_id: Mapped[UUID | None]
    payload: Mapped[Json]
    status: Mapped[str] = mapped_column(String(10), server_default="pending")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_attempt_at: Mapped[Moment]
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
    delivered_at: Mapped[Moment | None]
