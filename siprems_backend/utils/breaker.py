"""A pause for somebody who does not answer."""

from __future__ import annotations

import threading
import time


class Breaker:
    """Says whether to ask a server that may be away.

    After a failure nobody asks for a while; then one may, and all others once that one was answered. So a
    crowd does not wait for the same silence one by one.
    """

    def __init__(self, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._lock = threading.Lock()
        self._next_try: float | None = None

    def lets_through(self) -> bool:
        """Whether to ask now; who is let through tells `succeeded` or `failed` afterwards."""
        with self._lock:
            if self._next_try is None:
                return True
            if time.monotonic() < self._next_try:
                return False
            self._pause()
            return True

    def succeeded(self) -> None:
        """It answered: everybody may ask again."""
        with self._lock:
            self._next_try = None

    def failed(self) -> None:
        """It did not answer."""
        with self._lock:
            self._pause()

    def _pause(self) -> None:
        self._next_try = time.monotonic() + self._pause_seconds
