"""Live news of tasks on Redis: for whoever follows one now. The ledger stays the truth."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
import structlog
from redis.exceptions import RedisError

from siprems_backend.extensions.cache import cache
from siprems_backend.models.task_queries import Changed

log = structlog.get_logger(__name__)

CHANNEL = "task_updates"


def publish(changes: Collection[Changed]) -> None:
    """Announce changes that are committed; whoever misses them reads the ledger."""
    if not changes:
        return
    try:
        with cache.client.pipeline(transaction=False) as pipeline:
            for changed in changes:
                pipeline.publish(CHANNEL, orjson.dumps(_update(changed)))
            pipeline.execute()
    except RedisError as error:
        log.warning("task_updates_unpublished", error=type(error).__name__, count=len(changes))


def _update(changed: Changed) -> dict[str, Any]:
    progress = changed.progress or {}
    duration = None
    if changed.started_at and changed.finished_at:
        duration = round((changed.finished_at - changed.started_at).total_seconds(), 3)
    return {
        "task_id": str(changed.id),
        "task_name": changed.kind,
        "status": changed.status,
        "percent": progress.get("percent"),
        "message": changed.message,
        "progress": changed.progress,
        "worker": changed.worker,
        "duration": duration,
        "owner": changed.owner_id,
        "parent_id": str(changed.parent_id) if changed.parent_id else None,
    }
