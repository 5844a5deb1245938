"""The backend's own Celery application, with one task whose body does nothing.

`LEDGER_WITHOUT` names a part that is left out, to see what it costs. What is left without it is not fit for
use: each part is there for a reason.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import Any

from siprems_backend.celery_app import app
from siprems_backend.services import housekeeping
from siprems_backend.services.task_registry import TaskKind, announcements, counting, lifecycle
from siprems_backend.tasks import run

NOTHING = TaskKind.HEALTH_CHECK

# The health check asks the database for its time; without that it is a task like any other.
housekeeping.health_check = dict  # type: ignore[assignment]


def _nothing(*_: Any, **__: Any) -> None:
    pass


def _claimed(task_id: Any, kind: Any, *_: Any) -> lifecycle.Claim:
    return lifecycle.Claim(task_id, task_id, kind, 1, None, None, None)


def _without_announcements() -> None:
    announcements.publish = _nothing


def _without_counting() -> None:
    counting.count = counting.count_start = _nothing


def _without_run() -> None:
    run.heartbeat.keeping = nullcontext  # type: ignore[assignment]
    run.TaskLogHandler.emit = _nothing  # type: ignore[method-assign]


def _without_claims() -> None:
    """The end is not refused for the lack of a lease, so that there is something to wait for."""
    lifecycle.claim = _claimed
    lifecycle._end_at_once = _ended_unclaimed


def _ended_unclaimed(held: lifecycle.Claim, _result: Any) -> bool:
    from siprems_backend.extensions.database import database

    with database.lookup() as connection:
        connection.exec_driver_sql(
            "UPDATE tasks SET status = 'SUCCESS', finished_at = now() WHERE id = %s", (held.task_id,)
        )
    return True


PARTS = {
    "announcements": _without_announcements,
    "counting": _without_counting,
    "heartbeat and log": _without_run,
    "claim": _without_claims,
    "one at a time": lambda: app.conf.update(worker_disable_prefetch=False),
}
PARTS.get(os.environ.get("LEDGER_WITHOUT", ""), _nothing)()

__all__ = ["NOTHING", "app"]
