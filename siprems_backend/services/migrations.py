"""The database's schema: bringing it up to date, and asking whether it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database

PROJECT = Path(__file__).resolve().parents[2]


def _config() -> Config:
    return Config(str(PROJECT / "alembic.ini"))


def upgrade(revision: str = "head") -> None:
    """Run the missing migrations; several processes may call it at once, one of them does it.

    Raises:
        Invalid: when the database is at a revision that this version does not know.
    """
    _run(command.upgrade, revision)


def downgrade(revision: str) -> None:
    """Undo migrations down to `revision` (`base` empties the database).

    Raises:
        Invalid: for a revision that does not exist.
    """
    _run(command.downgrade, revision)


def _run(step: Callable[[Config, str], None], revision: str) -> None:
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        try:
            step(config, revision)
        except CommandError as error:
            raise Invalid(
                f"{error}. Is this the version of the program that the database was last migrated with?",
                code="unknown_revision",
            ) from None
        connection.commit()


def current_revision() -> str | None:
    """Revision the database is at; None before the first migration."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Revision the code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head()
