"""The Redis connection for limits and short-lived values."""

from __future__ import annotations

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from siprems_backend.config import Settings

SOCKET_TIMEOUT_SECONDS = 2.0


def connection_options() -> dict[str, Any]:
    """How long to wait for a server that is away: a caller waits for us.

    One attempt more renews a connection that the server closed; the client's own three with pauses between
    them would hold a request for seconds.
    """
    return {
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 1),
    }


class Cache:
    """A lazily connecting Redis client."""

    def __init__(self) -> None:
        self._client: Redis | None = None

    def bind(self, settings: Settings) -> None:
        """Use the cache database of these settings."""
        self._client = Redis.from_url(settings.cache_url, **connection_options())

    @property
    def client(self) -> Redis:
        """The client; a program that never bound one has a mistake in its start-up."""
        if self._client is None:
            raise RuntimeError("the cache is not bound: call cache.bind(settings) first")
        return self._client


cache = Cache()
