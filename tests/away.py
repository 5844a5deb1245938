"""A time in which neither database nor broker can be reached."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from siprems_backend.config import get_settings
from siprems_backend.extensions.broker import broker
from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import database
from siprems_backend.extensions.queue import bind_queue


@contextmanager
def servers_away() -> Iterator[None]:
    """Point this process at a port on which nobody listens; back again at the end."""
    # Bound and not listening: nobody else can take the port meanwhile.
    with socket.socket() as held, pytest.MonkeyPatch.context() as patch:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        patch.setenv("DATABASE_URL", f"postgresql://siprems:secret@127.0.0.1:{port}/siprems")
        patch.setenv("REDIS_URL", f"redis://:secret@127.0.0.1:{port}")
        _bind_again()
        try:
            yield
        finally:
            patch.undo()
            _bind_again()


def _bind_again() -> None:
    get_settings.cache_clear()
    settings = get_settings()
    database.bind(settings)
    broker.bind(settings)
    cache.bind(settings)
    bind_queue(settings)
