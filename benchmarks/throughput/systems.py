"""Celery alone and the ledger, as the measurement sees them: submit, and count what has ended."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Protocol

BATCH = 500


class System(Protocol):
    """One way to run tasks that do nothing."""

    name: str
    application: str
    queue: str

    def forget(self) -> None:
        """Start from nothing."""

    def submit(self, count: int) -> None:
        """Submit so many."""

    def ended(self) -> int:
        """How many have ended."""

    def seconds_between_ends(self) -> float:
        """Seconds from the first to the last end."""


class CeleryAlone:
    """Results in Redis, as a caller who wants to know of the end needs them."""

    application, queue = "benchmarks.throughput.bare_app", "celery"

    def __init__(self, *, acks_late: bool) -> None:
        self.name = "Celery, acks_late" if acks_late else "Celery, defaults"
        self._acks_late = acks_late
        self._results: list[str] = []

    def forget(self) -> None:
        """Empty the result backend; the worker that is started next has these settings."""
        from benchmarks.throughput.bare_app import app

        os.environ["BARE_ACKS_LATE"] = str(int(self._acks_late))
        app.backend.client.flushdb()
        self._results = []

    def submit(self, count: int) -> None:
        """One message after the other."""
        from benchmarks.throughput.bare_app import nothing

        self._results += [nothing.delay().id for _ in range(count)]

    def ended(self) -> int:
        """Results there are."""
        from benchmarks.throughput.bare_app import app

        return int(app.backend.client.dbsize())

    def seconds_between_ends(self) -> float:
        """From the results."""
        from benchmarks.throughput.bare_app import app

        metas = [app.backend.get_task_meta(task_id) for task_id in self._results]
        moments = sorted(datetime.fromisoformat(str(meta["date_done"])) for meta in metas)
        return (moments[-1] - moments[0]).total_seconds()


class Ledger:
    """Our own submit and workers; `in_batches` enters many rows in one transaction, as bulk submits do."""

    application, queue = "benchmarks.throughput.ledger_app", "maintenance"

    def __init__(self, *, in_batches: bool = False, without: str = "") -> None:
        self.name = (
            without and f"without {without}"
        ) or f"ledger, {'bulk' if in_batches else 'single'} submits"
        self._in_batches, self._without = in_batches, without

    def forget(self) -> None:
        """Empty the ledger."""
        from sqlalchemy import text

        from siprems_backend.extensions.database import database

        os.environ["LEDGER_WITHOUT"] = self._without
        with database.transaction() as session:
            session.execute(text("TRUNCATE tasks CASCADE"))

    def submit(self, count: int) -> None:
        """Row and message one after the other, or rows by the batch."""
        from benchmarks.throughput.ledger_app import NOTHING
        from siprems_backend.services import task_registry
        from siprems_backend.services.task_registry.submission import new_row, submit_children

        if not self._in_batches:
            for _ in range(count):
                task_registry.submit(NOTHING, {})
            return
        for begin in range(0, count, BATCH):
            submit_children([new_row(NOTHING, {}) for _ in range(min(BATCH, count - begin))])

    def ended(self) -> int:
        """Rows with an end."""
        return int(self._row("SELECT count(*) FROM tasks WHERE finished_at IS NOT NULL")[0])

    def seconds_between_ends(self) -> float:
        """From the rows."""
        first, last = self._row("SELECT min(finished_at), max(finished_at) FROM tasks")
        return float((last - first).total_seconds())

    def _row(self, question: str) -> tuple:  # type: ignore[type-arg]
        from sqlalchemy import text

        from siprems_backend.extensions.database import database

        with database.reading() as session:
            return tuple(session.execute(text(question)).one())
