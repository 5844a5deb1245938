"""Throwaway servers for tests: the same embedded programs as ``./siprems up``, tuned for speed.

The system's PostgreSQL and Redis are never looked for: programs come from the wheels (or the settings
POSTGRES_BIN_DIR and VALKEY_SERVER), ports are random and every run has its own passwords.

Call from the main thread: the servers are bound to the thread that starts them. Under pytest-xdist each
worker starts its own pair; they need no lock and cannot outlive the worker that uses them.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from siprems_local import postgres, valkey
from siprems_local.account import server_account, server_folder
from siprems_local.ports import choose
from siprems_local.postgres import PostgresServer
from siprems_local.valkey import ValkeyServer


@contextmanager
def running_postgres(state_dir: Path) -> Iterator[PostgresServer]:
    """A new, empty PostgreSQL with a database ``siprems``; its data is gone afterwards.

    Use ``server.url("name")``, ``server.create_database("name", template="migrated")`` and
    ``server.drop_database("name")``. The log is ``state_dir/postgres.log``.
    """
    with _data_folder(state_dir) as folder:
        server = PostgresServer(folder, state_dir / "postgres.log", settings=postgres.THROWAWAY, **_private())
        try:
            server.start()
            server.create_database("siprems")
            yield server
        finally:
            server.stop()


@contextmanager
def running_valkey(state_dir: Path) -> Iterator[ValkeyServer]:
    """A new, empty Valkey; use ``server.url(0)`` to ``server.url(15)``."""
    with _data_folder(state_dir) as folder:
        server = ValkeyServer(folder, state_dir / "valkey.log", settings=valkey.THROWAWAY, **_private())
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _private() -> dict[str, Any]:
    return {"port": choose(), "password": secrets.token_urlsafe(16), "account": server_account()}


@contextmanager
def _data_folder(state_dir: Path) -> Iterator[Path]:
    state_dir.mkdir(parents=True, exist_ok=True)
    folder = server_folder(state_dir, server_account(), elsewhere=Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as data:
        Path(data).chmod(0o711)
        yield Path(data)
    # Two servers may share the folder; whoever leaves last removes it.
    if not any(folder.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
