"""What happens regularly, as plain data: Beat follows it and clients are shown it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cronsim import CronSim

from siprems_backend.config import get_settings
from siprems_backend.services.task_registry.kinds import TaskKind


@dataclass(frozen=True)
class Entry:
    """A regular task: at the times of a cron text (UTC), or every so many seconds.

    A message that waited longer than `expires_s` is dropped, because the next one does the same work.
    """

    name: str
    kind: TaskKind
    cron: str | None = None
    every_s: int | None = None
    expires_s: int | None = None

    @property
    def text(self) -> str:
        """When it runs, for people."""
        return f"{self.cron} UTC" if self.cron else f"every {self.every_s} s"

    def next_run(self, now: datetime) -> datetime:
        """The first run after `now` (aware, UTC); for intervals at the latest then."""
        if self.cron is None:
            return now + timedelta(seconds=self.every_s or 0)
        return next(CronSim(self.cron, now))


def entries() -> Iterator[Entry]:
    """All regular tasks."""
    nightly = get_settings().nightly_training_at
    yield Entry("train-all-models-nightly", TaskKind.TRAIN_ALL, f"{nightly.minute} {nightly.hour} * * *")
    yield Entry("refresh-forecasts", TaskKind.REFRESH_FORECASTS, "30 */6 * * *", expires_s=18_000)
    yield Entry("cleanup-old-tasks", TaskKind.CLEANUP, "17 * * * *", expires_s=3000)
    yield Entry("update-task-statistics", TaskKind.STATISTICS, "5 * * * *", expires_s=3000)
    yield Entry("health-check", TaskKind.HEALTH_CHECK, "*/5 * * * *", expires_s=240)
    yield Entry("reconcile-ledger", TaskKind.RECONCILE, every_s=30, expires_s=25)
    yield Entry("deliver-notifications", TaskKind.DELIVER_NOTIFICATIONS, every_s=30, expires_s=25)
