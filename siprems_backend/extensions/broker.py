"""Looking into the broker: which life of it this is, and what waits in its queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
from redis import Redis
from redis.exceptions import RedisError

from siprems_backend.config import Settings
from siprems_backend.extensions.cache import connection_options
from siprems_backend.extensions.queue import PRIORITY_STEPS, BrokerAway

INCARNATION_KEY = "siprems:incarnation"
# kombu keeps one list a queue and priority: the bare name for 0, then name, separator, priority.
SEPARATOR = "\x06\x16"


class Broker:
    """A lazily connecting client of the broker's own database."""

    def __init__(self) -> None:
        self._client: Redis | None = None

    def bind(self, settings: Settings) -> None:
        """Use the broker of these settings."""
        self._client = Redis.from_url(settings.celery_broker_url, **connection_options())

    def incarnation(self) -> str:
        """A word that stays the same until the broker loses its data.

        Raises:
            BrokerAway: when it cannot be reached.
        """
        return str(
            self._ask([("SET", INCARNATION_KEY, uuid4().hex, "NX"), ("GET", INCARNATION_KEY)])[1].decode()
        )

    def oldest_messages(self, queue: str) -> list[UUID]:
        """Ids of the tasks whose messages have waited longest, one for each priority that any wait at.

        Raises:
            BrokerAway: when it cannot be reached.
        """
        messages = self._ask([("LINDEX", name, -1) for name in _lists(queue)])
        return [UUID(orjson.loads(message)["headers"]["id"]) for message in messages if message]

    def lengths(self, queues: Sequence[str]) -> dict[str, int]:
        """How many messages wait in each queue.

        Raises:
            BrokerAway: when it cannot be reached.
        """
        counts = self._ask([("LLEN", name) for queue in queues for name in _lists(queue)])
        steps = len(PRIORITY_STEPS)
        return {queue: sum(counts[place * steps : (place + 1) * steps]) for place, queue in enumerate(queues)}

    def _ask(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        if self._client is None:
            raise RuntimeError("the broker is not bound: call broker.bind(settings) first")
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(pipeline.execute())
        except RedisError as error:
            raise BrokerAway(str(error)) from error


def _lists(queue: str) -> list[str]:
    return [f"{queue}{SEPARATOR}{step}" if step else queue for step in PRIORITY_STEPS]


broker = Broker()
