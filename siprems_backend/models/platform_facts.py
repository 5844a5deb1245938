"""Small facts that all processes share, such as which life of the broker the messages were sent in."""

from __future__ import annotations

from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, CreatedAt


class PlatformFact(Base):
    """One named fact."""

    __tablename__ = "platform_facts"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[CreatedAt]


def read(session: Session, name: str, *, lock: bool = False) -> str | None:
    """The value of a fact, locked against other changes if wanted."""
    fact = session.get(PlatformFact, name, with_for_update=lock)
    return None if fact is None else fact.value


def only_one(session: Session, key: int) -> bool:
    """Whether this transaction is the only one that holds this lock; it keeps it until it ends."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def write(session: Session, name: str, value: str) -> None:
    """Set a fact."""
    statement = insert(PlatformFact).values(name=name, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
