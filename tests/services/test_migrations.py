"""The revision of the schema, asked without Alembic."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from siprems_backend.extensions.database import Database
from siprems_backend.models import Base
from siprems_backend.services import migrations


def test_the_newest_revision_is_alembics(database: Database) -> None:
    script = ScriptDirectory.from_config(Config(str(migrations.PROJECT / "alembic.ini")))
    assert [migrations.newest_revision()] == script.get_heads()


def test_the_current_revision_is_alembics(database: Database) -> None:
    with database.engine.connect() as connection:
        expected = MigrationContext.configure(connection).get_current_revision()
    assert expected is not None
    assert migrations.current_revision() == expected


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    """A table, column or index that only one of the two has would be found by users first."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []
