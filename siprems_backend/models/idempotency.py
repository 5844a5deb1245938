"""Answers already given to requests that carried an idempotency key."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Integer, String, and_, delete, null, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

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


def claim(
    session: Session,
    user_id: int,
    key: str,
    request_hash: str,
    *,
    now: dt.datetime,
    abandoned_before: dt.datetime,
    forgotten_before: dt.datetime,
) -> bool:
    """Claim a key; False when it is taken.

    Two claims may be overtaken: one that is too old to count, and one by the same request that was never
    answered, because whoever served it is gone. The claim's moment is what tells claims apart.
    """
    fresh = insert(IdempotentAnswer).values(
        user_id=user_id, key=key, request_hash=request_hash, created_at=now
    )
    abandoned = and_(
        IdempotentAnswer.status.is_(None),
        IdempotentAnswer.created_at < abandoned_before,
        IdempotentAnswer.request_hash == request_hash,
    )
    statement = fresh.on_conflict_do_update(
        index_elements=["user_id", "key"],
        set_={"request_hash": request_hash, "status": None, "body": null(), "created_at": now},
        where=or_(IdempotentAnswer.created_at < forgotten_before, abandoned),
    )
    return session.execute(statement.returning(IdempotentAnswer.key)).first() is not None


def find(session: Session, user_id: int, key: str) -> IdempotentAnswer | None:
    """What is known about a key."""
    return session.get(IdempotentAnswer, (user_id, key))


def answer(
    session: Session, user_id: int, key: str, claimed_at: dt.datetime, *, status: int, body: object
) -> None:
    """Store the answer, unless the claim was overtaken in the meantime."""
    session.execute(
        update(IdempotentAnswer)
        .where(IdempotentAnswer.user_id == user_id, IdempotentAnswer.key == key)
        .where(IdempotentAnswer.created_at == claimed_at)
        .values(status=status, body=body)
    )


def release(session: Session, user_id: int, key: str, claimed_at: dt.datetime) -> None:
    """Give up a claim, so that the request can be made again at once."""
    session.execute(
        delete(IdempotentAnswer)
        .where(IdempotentAnswer.user_id == user_id, IdempotentAnswer.key == key)
        .where(IdempotentAnswer.created_at == claimed_at)
    )


def forget_before(session: Session, moment: dt.datetime) -> int:
    """Delete keys that were claimed before; how many."""
    old = delete(IdempotentAnswer).where(IdempotentAnswer.created_at < moment)
    return len(session.execute(old.returning(IdempotentAnswer.key)).all())
