"""The workers that are or lately were alive: each renews its row, nobody asks them over the broker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, Json, Moment


class Worker(Base):
    """One worker: a Celery worker, or the local executor of a web process."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    # "celery" or "local".
    kind: Mapped[str] = mapped_column(String(10))
    pid: Mapped[int] = mapped_column(Integer)
    concurrency: Mapped[int] = mapped_column(Integer)
    queues: Mapped[Json] = mapped_column(server_default="[]")
    figures: Mapped[Json] = mapped_column(server_default="{}")
    started_at: Mapped[Moment]
    heartbeat_at: Mapped[Moment]


def renew(session: Session, values: dict[str, Any]) -> None:
    """Enter a worker or renew its row; `values` are all columns."""
    changed = {name: value for name, value in values.items() if name != "name"}
    statement = insert(Worker).values(**values).on_conflict_do_update(index_elements=["name"], set_=changed)
    session.execute(statement)


def leave(session: Session, name: str, heartbeat_at: datetime) -> None:
    """Take back the last sign of life of a worker that ended in good order."""
    session.execute(update(Worker).where(Worker.name == name).values(heartbeat_at=heartbeat_at))


def alive(session: Session, since: datetime) -> Sequence[Worker]:
    """The workers heard of since then, by name."""
    return session.scalars(select(Worker).where(Worker.heartbeat_at >= since).order_by(Worker.name)).all()


def any_alive(session: Session, kind: str, since: datetime) -> bool:
    """Whether a worker of this kind was heard of since then."""
    return bool(session.scalar(select(exists().where(Worker.kind == kind, Worker.heartbeat_at >= since))))


def forget_before(session: Session, before: datetime) -> int:
    """Delete workers not heard of since then; how many."""
    gone = delete(Worker).where(Worker.heartbeat_at < before).returning(Worker.name)
    return len(session.execute(gone).all())
