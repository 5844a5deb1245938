"""Renewing the leases of what this process runs, whether the bodies report or not."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from siprems_backend.services.task_registry import lifecycle
from siprems_backend.services.task_registry.lifecycle import HEARTBEAT_SECONDS, Claim

log = structlog.get_logger(__name__)


class Heartbeat:
    """One thread a process, started with its first task: a thread a task would cost short ones dearly."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[UUID, Claim] = {}
        self._pid = 0

    @contextmanager
    def keeping(self, held: Claim) -> Iterator[None]:
        """Renew this lease until the block ends."""
        with self._lock:
            self._held[held.lease_id] = held
            self._start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(held.lease_id, None)

    def _start(self) -> None:
        # A thread does not survive a fork.
        if self._pid != os.getpid():
            self._pid = os.getpid()
            threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def _beat(self) -> None:
        while True:
            time.sleep(HEARTBEAT_SECONDS)
            with self._lock:
                held = list(self._held.values())
            for claim in held:
                try:
                    lifecycle.heartbeat(claim)
                except Exception as error:
                    # The next beat may succeed; if none does, the lease ends and another worker takes over.
                    log.warning("heartbeat_failed", error=str(error))


heartbeat = Heartbeat()
