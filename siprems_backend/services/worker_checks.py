"""The doctor's look at workers, Beat and what waits for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import database
from siprems_backend.models import health_queries, task_figures
from siprems_backend.services import regular_runs
from siprems_backend.services.checks import Finding, State, fine
from siprems_backend.services.health import REGULAR_KINDS, REGULAR_WITHIN
from siprems_backend.services.task_registry.kinds import OPTIONAL, Queue
from siprems_backend.utils import clock

PATIENCE_SECONDS = 2.0
LONG_WAIT = timedelta(hours=1)
BEAT_SEEN_WITHIN = timedelta(minutes=2)
START_WORKER = "Start one with `./start_worker.sh worker` (containers: `docker compose up -d worker`)."
START_BEAT = "Start one with `./start_worker.sh beat` (containers: `docker compose up -d beat`)."


def workers() -> Finding:
    """Which workers answer, and whether every queue has one."""
    served = _served_queues(queue.inspect_workers("active_queues", PATIENCE_SECONDS))
    if not served:
        return Finding(State.FAILED, "no worker answers", START_WORKER)
    needed = [queue.value for queue in Queue if queue not in OPTIONAL]
    unserved = [name for name in needed if all(name not in names for names in served.values())]
    names = ", ".join(sorted(served))
    if unserved:
        advice = f"Start a worker with QUEUES={','.join(unserved)}, or one without QUEUES, which serves all."
        return Finding(State.FAILED, f"{names}; nobody serves: {', '.join(unserved)}", advice)
    return fine(f"{len(served)} serving all queues: {names}")


def _served_queues(answers: dict[str, Any]) -> dict[str, set[str]]:
    return {worker: {served["name"] for served in queues or ()} for worker, queues in answers.items()}


def beat() -> Finding:
    """When any Beat took a slot last; the one that works does every half minute."""
    last = regular_runs.last_taken_at()
    if last is None:
        return Finding(State.WARNING, "no Beat has been seen yet", START_BEAT)
    age = clock.now() - last
    message = f"it was seen {_rounded(age)} ago"
    return fine(message) if age < BEAT_SEEN_WITHIN else Finding(State.FAILED, message, START_BEAT)


def regular_tasks() -> Finding:
    """When what Beat starts all day long was last done by a worker."""
    with database.reading() as session:
        last = health_queries.last_success(session, REGULAR_KINDS)
    if last is None:
        # Ended tasks are forgotten by a regular task too, so nothing at all means: none since the beginning.
        message = "none has ended yet; the first does within half a minute of Beat's start"
        return Finding(State.WARNING, message, "Look again then.")
    age = clock.now() - last
    message = f"one ended {_rounded(age)} ago"
    if age > REGULAR_WITHIN:
        return Finding(State.FAILED, message, f"If Beat was seen since, no worker takes them. {START_WORKER}")
    return fine(message)


def _rounded(age: timedelta) -> timedelta:
    return max(timedelta(), timedelta(seconds=round(age.total_seconds())))


def waiting() -> Finding:
    """How long the oldest task has been waiting for a worker."""
    with database.reading() as session:
        oldest = task_figures.oldest_waiting(session)
    if oldest is None:
        return fine("none")
    age = clock.now() - oldest
    message = f"the oldest has waited {timedelta(seconds=max(0, round(age.total_seconds())))}"
    if age > LONG_WAIT:
        advice = "Add workers (`docker compose up -d --scale worker=4`), or raise CONCURRENCY."
        return Finding(State.WARNING, message, advice)
    return fine(message)
