"""Units of work on connections that may have died in the pool."""

from __future__ import annotations

from collections.abc import Callable

import psycopg2
import pytest
from sqlalchemy import text

from siprems_backend.extensions import idle_connections
from siprems_backend.extensions.database import Database

BACKEND = text("SELECT pg_backend_pid()")


def _by_session(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(BACKEND).scalar_one())


def _by_lookup(database: Database) -> int:
    with database.lookup() as connection:
        return int(connection.execute(BACKEND).scalar_one())


def _end_all(url: str) -> None:
    """End every connection of the database, and wait until they are gone."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


@pytest.mark.parametrize("ask", [_by_session, _by_lookup])
@pytest.mark.parametrize("trusted_seconds", [0.0, 3600.0])
def test_connections_that_died_in_the_pool_are_replaced(
    database: Database,
    server_urls: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Database], int],
    trusted_seconds: float,
) -> None:
    monkeypatch.setattr(idle_connections, "TRUSTED_SECONDS", trusted_seconds)
    with database.lookup() as one, database.lookup() as another:
        ended = {connection.execute(BACKEND).scalar_one() for connection in (one, another)}
    _end_all(server_urls[0])
    assert len(ended) == 2
    assert ask(database) not in ended
    assert ask(database) not in ended


def test_a_living_connection_is_used_again(database: Database) -> None:
    first = {_by_lookup(database) for _ in range(30)}
    assert {_by_session(database) for _ in range(30)} <= first


def test_a_transaction_after_a_lookup_is_one(database: Database) -> None:
    with database.lookup():
        pass
    with database.reading() as session:
        session.execute(text("INSERT INTO events (name, date) VALUES ('Fair', '2026-06-30')"))
    with database.lookup() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar_one() == 0
