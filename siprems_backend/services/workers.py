"""The workers: as they have entered themselves in the database, or as they answer for themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from siprems_backend.errors import Unavailable
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import database
from siprems_backend.models import task_overviews
from siprems_backend.models.task_overviews import Running
from siprems_backend.models.workers import Worker
from siprems_backend.services import worker_registry
from siprems_backend.utils import clock

# How long workers are given to answer.
PATIENCE_SECONDS = 1.0


def health(*, live: bool = False) -> dict[str, Any]:
    """Whether any worker lives; with `live`, whether any answers now."""
    answers = _ask("ping") if live else {worker.name: _pulse(worker) for worker in worker_registry.alive()}
    return {
        "success": bool(answers),
        "celery_status": "available" if answers else "no workers",
        "worker_response": answers,
    }


def overview(*, live: bool = False) -> dict[str, Any]:
    """The workers, what they are doing and their own figures."""
    if live:
        stats = _ask("stats")
        active = _ask("active") if stats else {}
    else:
        workers = worker_registry.alive()
        stats = {worker.name: _figures(worker) for worker in workers}
        active = {worker.name: [] for worker in workers}
        for task in _running():
            active.setdefault(task.worker, []).append(_as_celery_says(task))
    return {"available": bool(stats), "workers": {"active": active, "stats": stats}}


def running_tasks(*, live: bool = False) -> dict[str, Any]:
    """What the workers are running."""
    tasks = _running_as_answered() if live else [_as_listed(task) for task in _running()]
    return {"total": len(tasks), "tasks": tasks}


def _running() -> list[Running]:
    with database.reading() as session:
        return task_overviews.on_workers(session)


def _pulse(worker: Worker) -> dict[str, Any]:
    age = (clock.now() - worker.heartbeat_at).total_seconds()
    return {"ok": "pong", "kind": worker.kind, "heartbeat_age_s": round(max(0.0, age), 1)}


def _figures(worker: Worker) -> dict[str, Any]:
    """What Celery's own figures are called there, and what it does not tell."""
    figures = worker.figures
    return {
        "pid": worker.pid,
        "kind": worker.kind,
        "uptime": round((clock.now() - worker.started_at).total_seconds()),
        "pool": {
            "max-concurrency": worker.concurrency,
            "processes": [process["pid"] for process in figures.get("processes", ())],
        },
        "queues": worker.queues,
        "total": figures.get("processed", {}),
        "trains": figures.get(worker_registry.TRAINS, []),
        "rss_mb": figures.get("rss_mb"),
        "processes": figures.get("processes", []),
        "heartbeat_at": worker.heartbeat_at,
    }


def _as_celery_says(task: Running) -> dict[str, Any]:
    """A running task in the words of Celery's own answer."""
    started = task.started_at.timestamp() if task.started_at else None
    return {"id": str(task.task_id), "name": task.task_name, "hostname": task.worker, "time_start": started}


def _as_listed(task: Running) -> dict[str, Any]:
    return {
        "id": str(task.task_id),
        "name": task.task_name,
        "worker": task.worker,
        "time_start": clock.iso(task.started_at),
    }


def _running_as_answered() -> list[dict[str, Any]]:
    return [
        {
            "id": task["id"],
            "name": task["name"],
            "worker": worker,
            "time_start": _moment(task.get("time_start")),
        }
        for worker, running in _ask("active").items()
        for task in running
    ]


def _ask(question: str) -> dict[str, Any]:
    try:
        return queue.inspect_workers(question, PATIENCE_SECONDS)
    except queue.BrokerAway:
        raise Unavailable("The broker cannot be reached; try again.", code="broker_unavailable") from None


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else clock.iso(datetime.fromtimestamp(seconds, UTC))
