"""What happens regularly, as plain data: Beat follows it and clients are shown it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from siprems_backend.config import get_settings
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.timing import Cron, Every, Timing


@dataclass(frozen=True)
class Entry:
    """A regular task and when it is due, in UTC.

    A run that is late, because Beat or the workers were down, is still wanted for `useful_for`; by default
    until the next one, which does the same work.
    """

    name: str
    kind: TaskKind
    timing: Timing
    useful_for: timedelta | None = None


def entries() -> Iterator[Entry]:
    """All regular tasks."""
    nightly = get_settings().nightly_training_at
    # Later than half a day it would slow down the shop's working hours, and the next night is near.
    yield Entry(
        "train-all-models-nightly",
        TaskKind.TRAIN_ALL,
        Cron(f"{nightly.minute} {nightly.hour} * * *"),
        useful_for=timedelta(hours=12),
    )
    yield Entry("refresh-forecasts", TaskKind.REFRESH_FORECASTS, Cron("30 */6 * * *"))
    # After the night's training and forecasts, and before anybody orders by them.
    yield Entry("accuracy-watch", TaskKind.ACCURACY_WATCH, Cron("0 4 * * *"), useful_for=timedelta(hours=12))
    morning = get_settings().morning_summary_at
    yield Entry(
        "morning-summary",
        TaskKind.MORNING_SUMMARY,
        Cron(f"{morning.minute} {morning.hour} * * *"),
        useful_for=timedelta(hours=6),
    )
    yield Entry("cleanup-old-tasks", TaskKind.CLEANUP, Cron("17 * * * *"))
    yield Entry("update-task-statistics", TaskKind.STATISTICS, Cron("5 * * * *"))
    yield Entry("health-check", TaskKind.HEALTH_CHECK, Cron("*/5 * * * *"))
    yield Entry("reconcile-ledger", TaskKind.RECONCILE, Every(30))
    yield Entry("deliver-notifications", TaskKind.DELIVER_NOTIFICATIONS, Every(30))
