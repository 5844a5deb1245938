"""Asking any of the Redis databases whether it answers, over a connection of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from redis import Redis

from siprems_backend.extensions.cache import connection_options


@dataclass(frozen=True)
class RedisServer:
    """What a server says about itself; None where it may not say (a managed server hides its settings)."""

    version: str | None
    eviction: str | None
    append_only: bool | None


def ping(url: str) -> None:
    """See that the server answers.

    Raises:
        redis.exceptions.RedisError: when it does not.
        ValueError: for a URL that is none.
    """
    with Redis.from_url(url, **connection_options()) as client:
        client.ping()


def describe(url: str) -> RedisServer:
    """The server's version and the settings that decide whether queued messages are safe.

    Raises:
        redis.exceptions.RedisError: when it does not answer.
        ValueError: for a URL that is none.
    """
    with Redis.from_url(url, **connection_options()) as client:
        figures = cast("dict[str, Any]", client.info())
    append_only = figures.get("aof_enabled")
    return RedisServer(
        version=figures.get("valkey_version") or figures.get("redis_version"),
        eviction=figures.get("maxmemory_policy"),
        append_only=None if append_only is None else bool(append_only),
    )
