"""The database's schema: bringing it up to date, and asking whether it is.

Alembic is loaded where migrations are run. The web processes only ask, which needs none of its seven
megabytes.
"""

from __future__ import annotations

import re
from pathlib import Path

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import schema_queries

PROJECT = Path(__file__).resolve().parents[2]
ASSIGNED = re.compile(r"^(revision|down_revision)\b[^=\n]*= *[\"']([^\"'\n]+)[\"']", re.MULTILINE)


def upgrade(revision: str = "head") -> None:
    """Run the missing migrations; several processes may call it at once, one of them does it.

    Raises:
        Invalid: when the database is at a revision that this version does not know.
    """
    _run("upgrade", revision)


def downgrade(revision: str) -> None:
    """Undo migrations down to `revision` (`base` empties the database).

    Raises:
        Invalid: for a revision that does not exist.
    """
    _run("downgrade", revision)


def _run(step: str, revision: str) -> None:
    # Heavy, and needed by whoever migrates only.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(str(PROJECT / "alembic.ini"))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        try:
            getattr(command, step)(config, revision)
        except CommandError as error:
            raise Invalid(
                f"{error}. Is this the version of the program that the database was last migrated with?",
                code="unknown_revision",
            ) from None
        connection.commit()


def current_revision() -> str | None:
    """Revision the database is at; None before the first migration."""
    with database.reading() as session:
        return schema_queries.revision(session)


def newest_revision() -> str | None:
    """Revision the code expects: the migration that no other one follows."""
    revisions, followed = set(), set()
    for path in (PROJECT / "migrations" / "versions").glob("*.py"):
        assigned = dict(ASSIGNED.findall(path.read_text()))
        revisions.add(assigned.get("revision"))
        followed.add(assigned.get("down_revision"))
    return next(iter(revisions - followed), None)
