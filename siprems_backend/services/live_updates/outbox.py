"""What is on its way to one client."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

# Above this nothing new is read for a client until it has taken what it was sent.
FULL_BYTES = 256 * 1024


class Outbox:
    """Bytes between the thread that makes them and whoever writes them to the client."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._closed = False
        self._on_change: Callable[[], None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether the client is behind."""
        return self._size >= FULL_BYTES

    def put(self, data: bytes) -> None:
        """Add something; after the end nothing is added."""
        with self._changed:
            if self._closed:
                return
            self._parts.append(data)
            self._size += len(data)
            self._changed.notify()
            tell = self._on_change
        if tell is not None:
            tell()

    def close(self) -> None:
        """Nothing more will come; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            tell = self._on_change
        if tell is not None:
            tell()

    def take(self, timeout: float = 0.0) -> bytes | None:
        """All there is, after waiting for it if need be; empty when nothing came in time, None at the end."""
        with self._changed:
            if not self._parts and not self._closed and timeout:
                self._changed.wait(timeout)
            if not self._parts:
                return None if self._closed else b""
            data = b"".join(self._parts)
            self._parts.clear()
            self._size = 0
            return data

    def call_on_change(self, tell: Callable[[], None]) -> None:
        """Have this called, by any thread, whenever there is something to take."""
        with self._changed:
            self._on_change = tell
