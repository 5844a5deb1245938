"""kombu's Redis transport, which makes a new client for every command unless it is told to keep one.

Making the client takes longer than the command: every message costs two in the worker and one at its submit.
Clients may be shared by threads, and are as good as the pool of connections that they take theirs from.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):
    """Keeps its client as long as its pool of connections."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()
        return self._kept


class Transport(redis.Transport):
    """The transport with these channels."""

    Channel = Channel
