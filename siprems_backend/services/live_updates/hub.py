"""Who follows what in this process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from uuid import UUID

from siprems_backend.errors import TooManyRequests, Unavailable
from siprems_backend.extensions.metrics import EVENT_STREAMS
from siprems_backend.services.live_updates.stream import LiveStream

RETRY_AFTER_SECONDS = 10


class Hub:
    """The open streams, and the tasks among theirs of which there is news."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._streams: dict[UUID, set[LiveStream]] = {}
        self._by_user: Counter[int] = Counter()
        self._signalled: set[UUID] = set()
        # Whether somebody tells us of changes; otherwise we have to look for them.
        self.is_fed = False

    def __len__(self) -> int:
        return self._by_user.total()

    def add(self, stream: LiveStream, *, most: int, most_per_user: int) -> None:
        """Let a stream in; its task counts as news.

        Raises:
            TooManyRequests: its user has as many open as one may have.
            Unavailable: this process has.
        """
        with self._changed:
            if self._by_user[stream.user_id] >= most_per_user:
                raise TooManyRequests(
                    f"You follow {most_per_user} tasks already; close some of these streams first.",
                    code="too_many_streams",
                    retry_after_seconds=RETRY_AFTER_SECONDS,
                )
            if len(self) >= most:
                raise Unavailable(
                    "Too many streams are open here; ask for the task itself, or try again later.",
                    code="too_many_streams",
                    retry_after_seconds=RETRY_AFTER_SECONDS,
                )
            self._streams.setdefault(stream.task_id, set()).add(stream)
            self._by_user[stream.user_id] += 1
            self._tell_monitoring()
        self.signal([stream.task_id])

    def remove(self, stream: LiveStream) -> None:
        """Forget a stream; harmless when repeated."""
        with self._changed:
            followers = self._streams.get(stream.task_id, set())
            if stream not in followers:
                return
            followers.discard(stream)
            if not followers:
                del self._streams[stream.task_id]
            self._by_user[stream.user_id] -= 1
            if not self._by_user[stream.user_id]:
                del self._by_user[stream.user_id]
            self._tell_monitoring()

    def signal(self, task_ids: Iterable[UUID]) -> None:
        """There is news of these tasks; of those nobody follows it is forgotten."""
        with self._changed:
            self._signalled.update(task_id for task_id in task_ids if task_id in self._streams)
            if self._signalled:
                self._changed.notify()

    def signal_all(self) -> None:
        """There may be news of any task."""
        with self._changed:
            self._signalled.update(self._streams)
            self._changed.notify()

    def news(self, timeout: float) -> set[UUID]:
        """The tasks there is news of, after waiting for any if need be."""
        with self._changed:
            if not self._signalled:
                self._changed.wait(timeout)
            signalled, self._signalled = self._signalled, set()
            return signalled

    def followers(self, task_id: UUID) -> Collection[LiveStream]:
        """The streams of a task."""
        with self._changed:
            return list(self._streams.get(task_id, ()))

    def streams(self) -> list[LiveStream]:
        """All streams."""
        with self._changed:
            return [stream for followers in self._streams.values() for stream in followers]

    def _tell_monitoring(self) -> None:
        EVENT_STREAMS.labels("tasks").set(len(self))
