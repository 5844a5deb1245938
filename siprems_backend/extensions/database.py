"""The database engine and its units of work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from siprems_backend.config import Settings
from siprems_backend.extensions.idle_connections import check_idle_connections
from siprems_backend.extensions.pool_metrics import watch

CONNECT_TIMEOUT_SECONDS = 5
# A server that vanishes with its machine or its network closes nothing: without these, whoever waits for its
# answer waits until the system gives up, which takes a quarter of an hour.
VANISHED = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
USUAL = "-c timezone=UTC"
READ_ONLY = f"{USUAL} -c default_transaction_read_only=on -c client_connection_check_interval=2000"
UNBOUND = "the database is not bound: call database.bind(settings) first"


# A NUL in JSON; after an odd number of backslashes only, for a pair of them is a backslash in the text.
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def as_json(value: Any) -> str:
    """JSON that PostgreSQL can keep: a NUL, which it cannot, becomes U+FFFD."""
    text = orjson.dumps(value).decode()
    return NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


class Database:
    """A lazily connecting engine; `transaction` and `reading` are the only ways to a session."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._sessions: sessionmaker[Session] | None = None

    def bind(self, settings: Settings, *, read_only: bool = False) -> None:
        """Use the database of these settings; a previous binding is closed.

        A `read_only` binding refuses to write, and ends its questions when the process that asked has died.
        """
        self.dispose()
        self._engine = create_engine(
            settings.database_url,
            pool_size=settings.db_pool_size,
            max_overflow=settings.db_pool_size,
            pool_recycle=1800,
            json_serializer=as_json,
            json_deserializer=orjson.loads,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                **VANISHED,
                "application_name": "siprems",
                "options": READ_ONLY if read_only else USUAL,
            },
        )
        check_idle_connections(self._engine)
        watch(self._engine, most=2 * settings.db_pool_size)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)

    @property
    def engine(self) -> Engine:
        """The engine; a program that never bound one has a mistake in its start-up."""
        if self._engine is None:
            raise RuntimeError(UNBOUND)
        return self._engine

    def _bound_sessions(self) -> sessionmaker[Session]:
        if self._sessions is None:
            raise RuntimeError(UNBOUND)
        return self._sessions

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises."""
        with self._bound_sessions().begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries; it never writes, whatever happens in the block."""
        with self._bound_sessions()() as session:
            yield session

    @contextmanager
    def lookup(self) -> Iterator[Connection]:
        """A connection for single questions: each is its own transaction, and one trip to the server.

        For queries that are asked at every request. Whoever asks several that must agree takes `reading`.
        """
        with self.engine.connect() as connection:
            # The driver's own mark. The library's isolation levels would set them on the server, twice.
            driver = connection.connection.dbapi_connection
            driver.autocommit = True  # type: ignore[union-attr]
            try:
                yield connection
            finally:
                if not driver.closed:  # type: ignore[union-attr]
                    driver.autocommit = False  # type: ignore[union-attr]

    def forget_connections(self) -> None:
        """Drop pooled connections without closing them: for a child process after a fork."""
        if self._engine is not None:
            self._engine.dispose(close=False)

    def dispose(self) -> None:
        """Close all pooled connections."""
        if self._engine is not None:
            self._engine.dispose()


database = Database()
