"""The revision of the schema, asked without Alembic."""

from __future__ import annotations

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from siprems_backend.extensions.database import Database
from siprems_backend.services import migrations


def test_the_newest_revision_is_alembics(database: Database) -> None:
    script = ScriptDirectory.from_config(Config(str(migrations.PROJECT / "alembic.ini")))
    assert [migrations.newest_revision()] == script.get_heads()


def test_the_current_revision_is_alembics(database: Database) -> None:
    with database.engine.connect() as connection:
        expected = MigrationContext.configure(connection).get_current_revision()
    assert expected is not None
    assert migrations.current_revision() == expected
