"""Reading the ledger for all who follow tasks, and telling each what is new to it."""

from __future__ import annotations

import time
from collections.abc import Collection
from uuid import UUID

import structlog

from siprems_backend.extensions.database import database
from siprems_backend.models import live_queries
from siprems_backend.models.live_queries import Seen
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.live_updates.hub import Hub
from siprems_backend.services.live_updates.news import LINES_AT_ONCE, News
from siprems_backend.services.live_updates.stream import LiveStream
from siprems_backend.services.task_registry import states

log = structlog.get_logger(__name__)

# Changes that follow each other faster are told together: the ledger has no more than so many readings a
# second to bear from a process, however many tasks are followed.
BETWEEN_READINGS_SECONDS = 0.1
TICK_SECONDS = 1.0
# Without news from Redis the ledger is looked at this often; with it, for what was never announced.
UNFED_SECONDS, FED_SECONDS = 1.0, 5.0


class Pump:
    """One thread's work. What it tells comes from the ledger alone, so it is never older than told before."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_tick = 0.0
        self._looked_at = 0.0

    def step(self) -> None:
        """Wait for news, tell it, and let a moment pass."""
        now = time.monotonic()
        if now >= self._next_tick:
            self._tick(now)
        signalled = self._hub.news(max(0.0, self._next_tick - time.monotonic()))
        if not signalled:
            return
        try:
            self._tell(signalled)
        except DATABASE_AWAY as error:
            log.warning("ledger_away", error=type(error).__name__)
            self._hub.signal(signalled)
            time.sleep(UNFED_SECONDS)
        time.sleep(BETWEEN_READINGS_SECONDS)

    def _tell(self, signalled: Collection[UUID]) -> None:
        found = {task_id: self._able_to_hear(task_id) for task_id in signalled}
        followers = {task_id: streams for task_id, streams in found.items() if streams}
        news = _read(followers) if followers else {}
        for task_id, streams in followers.items():
            told = news.get(task_id)
            for stream in streams:
                stream.tell(told)
            if told is not None and not told.is_complete:
                self._hub.signal([task_id])

    def _able_to_hear(self, task_id: UUID) -> list[LiveStream]:
        """The followers of a task who are not behind; for those who are it will be read again."""
        streams = self._hub.followers(task_id)
        able = [stream for stream in streams if not stream.outbox.is_full]
        if len(able) < len(streams):
            self._hub.signal([task_id])
        return able

    def _tick(self, now: float) -> None:
        self._next_tick = now + TICK_SECONDS
        for stream in self._hub.streams():
            stream.tend(now)
        if now - self._looked_at >= (FED_SECONDS if self._hub.is_fed else UNFED_SECONDS):
            self._looked_at = now
            self._hub.signal_all()


def _read(followers: dict[UUID, list[LiveStream]]) -> dict[UUID, News]:
    """News of these tasks, from the last line on that the one who is least far has; without deleted tasks."""
    after = {task_id: min(each.last_line for each in streams) for task_id, streams in followers.items()}
    with database.reading() as session:
        # In this order: the lines of a task that is seen ended are complete.
        rows = live_queries.states(session, after)
        families = live_queries.families(session, [row.id for row in rows.values() if _is_led(row)])
        lines = live_queries.lines(session, after, LINES_AT_ONCE)
    return {task_id: News(row, families.get(task_id), lines[task_id]) for task_id, row in rows.items()}


def _is_led(row: Seen) -> bool:
    """Whether the task runs without a worker of its own: its children do its work."""
    return row.status in states.RUNNING and row.worker is None
