"""Live news of tasks on Redis: for whoever follows one now. The ledger stays the truth."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.exceptions import RedisError

from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import database
from siprems_backend.models import task_files
from siprems_backend.models.live_queries import Seen
from siprems_backend.models.task_changes import Changed
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import MAKES_FILES

log = structlog.get_logger(__name__)

CHANNEL = "task_updates"
PAUSE_AFTER_FAILURE_SECONDS = 1.0
# Nearly always nobody follows any task. Whoever begins to looks into the ledger once more after so long.
UNHEARD_SECONDS = 0.25


def publish(changes: Collection[Changed]) -> None:
    """Announce changes that are committed; whoever misses them reads the ledger."""
    if changes and _publisher.is_heard:
        _publisher.send(_worded(changes))


def _worded(changes: Collection[Changed]) -> list[bytes]:
    files = output_files(changes)
    return [orjson.dumps(update_of(changed, files.get(changed.id, ()))) for changed in changes]


class _Publisher:
    """Sends what it can; a server that is away or frozen holds up one change in a while, not every one.

    While nobody listens one change in a while is sent as well: Redis answers how many heard it.
    """

    def __init__(self) -> None:
        self._silent_until = 0.0

    @property
    def is_heard(self) -> bool:
        """Whether sending makes sense now."""
        return time.monotonic() >= self._silent_until

    def send(self, news: Sequence[bytes]) -> None:
        """Send to whoever listens."""
        # Before it is sent: who begins to listen after that is not left without news for longer than said.
        silent_until = time.monotonic() + UNHEARD_SECONDS
        try:
            if not any(self._published(news)):
                self._silent_until = silent_until
        except RedisError as error:
            self._silent_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            log.warning("task_updates_unpublished", error=type(error).__name__, count=len(news))

    def _published(self, news: Sequence[bytes]) -> Sequence[Any]:
        """How many heard each."""
        if len(news) == 1:
            return [cache.client.publish(CHANNEL, news[0])]
        with cache.client.pipeline(transaction=False) as pipeline:
            for update in news:
                pipeline.publish(CHANNEL, update)
            return list(pipeline.execute())


_publisher = _Publisher()


def update_of(task: Changed | Seen, files: Sequence[str]) -> dict[str, Any]:
    """What followers are told of a task, with the names of the files that it made."""
    duration = None
    if task.started_at and task.finished_at:
        duration = round((task.finished_at - task.started_at).total_seconds(), 3)
    return {
        "task_id": str(task.id),
        "task_name": task.kind,
        "status": task.status,
        "percent": 100.0 if task.status == states.SUCCESS else (task.progress or {}).get("percent"),
        "message": task.message,
        "progress": task.progress,
        "worker": task.worker,
        "output_files": list(files),
        "duration": duration,
        "owner": task.owner_id,
        "parent_id": str(task.parent_id) if task.parent_id else None,
    }


def output_files(tasks: Collection[Changed | Seen]) -> dict[UUID, list[str]]:
    """Names of the files that these tasks made, where they ended well and are of a kind that makes any."""
    makers = [task.id for task in tasks if task.status == states.SUCCESS and task.kind in MAKES_FILES]
    if not makers:
        return {}
    with database.reading() as session:
        return task_files.names(session, makers)
