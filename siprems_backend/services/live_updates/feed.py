"""Hearing on Redis which tasks have changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from siprems_backend.extensions.cache import cache
from siprems_backend.services.live_updates.hub import Hub
from siprems_backend.services.task_registry.announcements import CHANNEL, UNHEARD_SECONDS

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 1.0
# A connection that lost its other end keeps as silent as one on which nothing happens; so it is asked.
ASK_AFTER_SECONDS, LOST_AFTER_SECONDS = 4.0, 8.0


class Feed:
    """Signals the hub; while Redis is away the hub knows that nobody does."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._subscription: PubSub | None = None
        self._heard_at = 0.0
        self._asked = False
        self._look_again_at: float | None = None

    def step(self) -> None:
        """Listen for up to a second."""
        try:
            if self._subscription is None:
                self._subscribe()
            self._listen()
        except (RedisError, OSError) as error:
            if self._hub.is_fed:
                log.warning("task_updates_unheard", error=type(error).__name__)
            self.close()
            time.sleep(LISTEN_SECONDS)

    def close(self) -> None:
        """Stop listening."""
        self._hub.is_fed = False
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _subscribe(self) -> None:
        self._subscription = PubSub(cache.client.connection_pool)
        self._subscription.subscribe(CHANNEL)
        self._heard_at, self._asked = time.monotonic(), False

    def _listen(self) -> None:
        if self._subscription is None:
            return
        self._look_again()
        message: dict[str, Any] | None = self._subscription.get_message(timeout=self._patience())
        if message is None:
            self._check_silence()
            return
        self._heard_at, self._asked = time.monotonic(), False
        if message["type"] == "message":
            self._hub.signal(_concerned(message["data"]))
        elif message["type"] == "subscribe":
            # Also after a connection was lost and made again: what happened in between was missed.
            self._hub.is_fed = True
            self._hub.signal_all()
            self._look_again_at = time.monotonic() + UNHEARD_SECONDS

    def _look_again(self) -> None:
        """Once after subscribing: until then workers may have thought that nobody listens."""
        if self._look_again_at is not None and time.monotonic() >= self._look_again_at:
            self._look_again_at = None
            self._hub.signal_all()

    def _patience(self) -> float:
        return LISTEN_SECONDS if self._look_again_at is None else UNHEARD_SECONDS

    def _check_silence(self) -> None:
        silent = time.monotonic() - self._heard_at
        if silent > LOST_AFTER_SECONDS:
            raise RedisConnectionError("the server does not answer")
        if silent > ASK_AFTER_SECONDS and not self._asked and self._subscription is not None:
            self._asked = True
            self._subscription.ping()


def _concerned(data: bytes) -> Iterator[UUID]:
    """The task an update speaks of, and its parent, whose progress is that of its children."""
    update = orjson.loads(data)
    for name in ("task_id", "parent_id"):
        if update.get(name):
            yield UUID(update[name])
