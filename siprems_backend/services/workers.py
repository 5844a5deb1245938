"""The workers, as they answer for themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from siprems_backend.errors import Unavailable
from siprems_backend.extensions import queue
from siprems_backend.utils import clock

PATIENCE_SECONDS = 1.0


def health() -> dict[str, Any]:
    """Whether any worker answers."""
    answers = _ask("ping")
    return {
        "success": bool(answers),
        "celery_status": "available" if answers else "no workers",
        "worker_response": answers,
    }


def overview() -> dict[str, Any]:
    """The workers, what they are doing and their own figures."""
    stats = _ask("stats")
    active = _ask("active") if stats else {}
    return {"available": bool(stats), "workers": {"active": active, "stats": stats}}


def running_tasks() -> dict[str, Any]:
    """What the workers say they are running."""
    tasks = [
        {
            "id": task["id"],
            "name": task["name"],
            "worker": worker,
            "time_start": _moment(task.get("time_start")),
        }
        for worker, running in _ask("active").items()
        for task in running
    ]
    return {"total": len(tasks), "tasks": tasks}


def _ask(question: str) -> dict[str, Any]:
    try:
        return queue.inspect_workers(question, PATIENCE_SECONDS)
    except queue.BrokerAway:
        raise Unavailable("The broker cannot be reached; try again.", code="broker_unavailable") from None


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else clock.iso(datetime.fromtimestamp(seconds, UTC))
