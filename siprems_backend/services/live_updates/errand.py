"""A thread that lives while there is something to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

PAUSE_AFTER_FAILURE_SECONDS = 1.0


class Errand:
    """Repeats a step in a thread of its own while it is needed, and lets the thread end when it is not.

    Started by whoever makes it needed, so that processes in which nobody follows a task have no such thread,
    and a process that forks has none yet.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], None],
        needed: Callable[[], bool],
        finish: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._step = step
        self._needed = needed
        self._finish = finish
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ensure(self) -> None:
        """Start the thread unless it runs; call after making it needed."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether there is a thread."""
        return self._thread is not None

    def _run(self) -> None:
        while self._goes_on():
            try:
                self._step()
            except Exception:
                # Everybody's stream hangs on this thread: it outlives whatever goes wrong in a step.
                log.exception("step_failed", thread=self._name)
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)

    def _goes_on(self) -> bool:
        # Under the lock: whoever makes it needed either is seen here, or finds no thread and starts one.
        with self._lock:
            if self._needed():
                return True
            self._finish()
            self._thread = None
            return False
