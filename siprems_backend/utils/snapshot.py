"""A value that is looked up seldom, and never waited for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

Value = TypeVar("Value")


class Snapshot(Generic[Value]):
    """Keeps what a look found; one look at a time, in a thread of its own, however many ask.

    A look that hangs holds up its own thread only: whoever asks gets None after `patience_s`, as after a look
    that failed.
    """

    def __init__(
        self, name: str, look: Callable[[], Value], *, fresh_for_s: float, patience_s: float
    ) -> None:
        self._name = name
        self._look = look
        self._fresh_for = fresh_for_s
        self._patience = patience_s
        self._lock = threading.Lock()
        self._under_way: threading.Event | None = None
        self._found: Value | None = None
        self._found_at = float("-inf")

    def get(self) -> Value | None:
        """What was found lately, or is found within the patience."""
        with self._lock:
            if self._is_fresh():
                return self._found
            ended = self._under_way or self._begin()
        return self._found if ended.wait(self._patience) else None

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._found_at < self._fresh_for

    def _begin(self) -> threading.Event:
        self._under_way = ended = threading.Event()
        threading.Thread(target=self._run, args=(ended,), name="snapshot", daemon=True).start()
        return ended

    def _run(self, ended: threading.Event) -> None:
        try:
            found: Value | None = self._look()
        except Exception as error:
            log.warning("snapshot_failed", snapshot=self._name, error=str(error).partition("\n")[0])
            found = None
        with self._lock:
            # A failure is remembered as long as a success, so that a server that is away is left alone.
            self._found, self._found_at, self._under_way = found, time.monotonic(), None
        ended.set()
