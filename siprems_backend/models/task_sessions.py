"""Sessions of the database that work for one run of a task, so that they can be ended with it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

_NAME = text("SELECT set_config('application_name', :name, true)")
_END = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE application_name = :name AND pid <> pg_backend_pid()"
)


def name(session: Session, lease_id: UUID) -> None:
    """Name the session after a lease until its transaction ends."""
    session.execute(_NAME, {"name": _name(lease_id)})


def end(connection: Connection, lease_id: UUID) -> int:
    """End the sessions named after a lease, and with them the locks that they hold; how many."""
    return int(connection.execute(_END, {"name": _name(lease_id)}).scalar_one())


def _name(lease_id: UUID) -> str:
    return f"siprems {lease_id}"
