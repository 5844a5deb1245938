"""One client that follows one task."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from siprems_backend.services.live_updates import events
from siprems_backend.services.live_updates.access import Access
from siprems_backend.services.live_updates.news import News
from siprems_backend.services.live_updates.outbox import Outbox

HEARTBEAT_SECONDS = 15.0


class LiveStream:
    """What a client was told so far, and what is on its way to it.

    Everything but `close` is called by one thread, the pump's.
    """

    def __init__(
        self, task_id: UUID, access: Access, last_line: int, on_close: Callable[[LiveStream], None]
    ) -> None:
        self.task_id = task_id
        self.user_id = access.caller.user_id
        self.last_line = last_line
        self.outbox = Outbox()
        self._access = access
        self._on_close = on_close
        self._told_state: object = None
        self._told_progress: object = None
        self._quiet_since = time.monotonic()
        self.outbox.put(events.OPENING)

    def tell(self, news: News | None) -> None:
        """Tell what the client does not know yet; the end of the task comes last, after all its lines.

        None means that the task is no longer in the ledger.
        """
        if news is None:
            self._end("task_deleted", "The task is no longer in the ledger.")
            return
        if news.state != self._told_state and not news.has_ended:
            self._told_state = news.state
            self._send(news.state_event(self.last_line))
        if news.progress and news.progress != self._told_progress:
            self._told_progress = news.progress
            self._send(news.progress_event(self.last_line))
        for line in news.lines:
            if line.id > self.last_line:
                self.last_line = line.id
                self._send(news.line_event(line))
        if news.has_ended and news.is_complete:
            self._send(news.state_event(self.last_line))
            self.close()

    def tend(self, now: float) -> None:
        """End the stream of somebody who may not see the task any more; show the others that we are here."""
        problem = self._access.problem(self.task_id, now)
        if problem is not None:
            self._end(problem.code, problem.message)
        elif now - self._quiet_since >= HEARTBEAT_SECONDS:
            self._send(events.HEARTBEAT)

    def say_goodbye(self) -> None:
        """End the stream because the process ends."""
        self._end("server_stopping", "This process ends; follow the task again.")

    def close(self) -> None:
        """Nothing more will come; harmless when repeated, and from any thread."""
        self.outbox.close()
        self._on_close(self)

    def _send(self, event: bytes) -> None:
        self._quiet_since = time.monotonic()
        self.outbox.put(event)

    def _end(self, reason: str, message: str) -> None:
        self._send(events.end(reason, message, self.last_line))
        self.close()
