"""Real servers for the whole run, a clean database and broker for every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.config import Settings, get_settings
from siprems_backend.extensions import queue
from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import Database
from siprems_backend.extensions.database import database as bound_database
from siprems_backend.utils.roles import Role
from tests import factories
from tests.servers import running_postgres, running_valkey

LONG = ("e2e", "local", "contract")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: a process that met one last would work alone at the end."""
    folder = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(folder).parts[0] not in LONG)


@pytest.fixture(scope="session")
def server_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A PostgreSQL and a Redis-protocol server of this run's own: (database URL, Redis URL)."""
    state = tmp_path_factory.mktemp("servers")
    with running_postgres(state) as postgres, running_valkey(state) as valkey:
        yield postgres.url("siprems"), valkey.url(0).rsplit("/", 1)[0]


@pytest.fixture(scope="session")
def environment(server_urls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that makes this process, and those it starts, use the run's own servers."""
    volume = tmp_path_factory.mktemp("volume")
    values = {
        "SIPREMS_ENV": "test",
        "DATABASE_URL": server_urls[0],
        "REDIS_URL": server_urls[1],
        "JWT_SECRET_KEY": "a key for tests, long enough for SHA-256",
        "MODELS_DIR": str(volume / "models"),
        "DATA_DIR": str(volume / "data"),
        "LOG_LEVEL": "WARNING",
        # Most tests have no worker; they would be run by the web processes as soon as that is noticed.
        "EXECUTION_MODE": "celery",
    }
    os.environ.update(values)
    get_settings.cache_clear()
    return values


@pytest.fixture(scope="session")
def migrated(environment: dict[str, str]) -> Settings:
    """Settings of a database with the schema in place."""
    from siprems_backend.services import migrations

    settings = get_settings()
    bound_database.bind(settings)
    migrations.upgrade()
    return settings


@pytest.fixture(scope="session")
def app(migrated: Settings) -> Flask:
    """The web application."""
    from siprems_backend.app import create_app

    application = create_app(migrated)
    # With several test processes on few cores a broker that answers late is busy, not away.
    queue.bind_queue(migrated)
    return application


@pytest.fixture
def database(app: Flask) -> Database:
    """The database, emptied; the broker and the cache too."""
    factories.empty_database(bound_database)
    cache.client.flushall()
    return bound_database


@pytest.fixture
def models_dir(database: Database, migrated: Settings) -> Path:
    """The models' folder, emptied."""
    import shutil

    shutil.rmtree(migrated.models_dir, ignore_errors=True)
    migrated.models_dir.mkdir(parents=True)
    return migrated.models_dir


@pytest.fixture
def client(app: Flask, database: Database) -> FlaskClient:
    """A client nobody knows."""
    return app.test_client()


@pytest.fixture
def as_role(app: Flask, database: Database) -> Callable[[Role], FlaskClient]:
    """Makes clients signed in as a user of the given role."""
    return lambda role: factories.signed_in_client(app, role)
