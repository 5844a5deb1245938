"""The database's schema: bringing it up to date, and asking whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from siprems_backend.extensions.database import database

PROJECT = Path(__file__).resolve().parents[2]


def _config() -> Config:
    return Config(str(PROJECT / "alembic.ini"))


def upgrade(revision: str = "head") -> None:
    """Run the missing migrations; several processes may call it at once, one of them does it."""
    _run(command.upgrade, revision)


def downgrade(revision: str) -> None:
    """Undo migrations down to `revision` (`base` empties the database)."""
    _run(command.downgrade, revision)


def _run(step: object, revision: str) -> None:
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        step(config, revision)  # type: ignore[operator]
        connection.commit()


def current_revision() -> str | None:
    """Revision the database is at; None before the first migration."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Revision the code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head()
