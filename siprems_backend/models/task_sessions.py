"""Sessions of the database that work for one run of a task, so that they can be ended with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

_END = text(
    "SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity"
    " WHERE application_name = :name AND pid <> pg_backend_pid()"
)


def named(lease_id: UUID) -> Any:
    """Expression that names the session after a lease until its transaction ends."""
    return func.set_config("application_name", _name(lease_id), True)


def name(session: Session, lease_id: UUID) -> None:
    """Name the session after a lease until its transaction ends."""
    session.execute(select(named(lease_id)))


def end(connection: Connection, lease_id: UUID) -> int:
    """End the sessions named after a lease, and with them the locks that they hold; how many."""
    return int(connection.execute(_END, {"name": _name(lease_id)}).scalar_one())


def wait_briefly(session: Session) -> None:
    """Let statements of this transaction fail that wait for a lock longer than a second."""
    session.execute(select(func.set_config("lock_timeout", "1s", True)))


def _name(lease_id: UUID) -> str:
    return f"siprems {lease_id}"
