"""Alembic's entry: runs the migrations on the connection it is given, or on the settings' database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import Base

# One migration at a time, however many containers start together.
LOCK_KEY = 7_305_118


def run(connection: Connection) -> None:
    """Run the migrations in one transaction, holding the lock."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database.bind(get_settings())
    with database.engine.connect() as opened:
        run(opened)
