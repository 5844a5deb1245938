"""What counting costs a request and a task, and what a scrape costs the process that answers it.

    python -m benchmarks.metrics_cost

Values lie in shared files as under gunicorn and in a worker. CPU time, the least of several rounds.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from uuid import uuid4

from flask import Flask, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from siprems_backend.extensions import metrics_files
from siprems_backend.extensions.metrics import HTTP_DURATION, HTTP_REQUESTS
from siprems_backend.models.task_changes import Changed, Taken
from siprems_backend.routes.request_metrics import register_request_metrics
from siprems_backend.services.task_registry import counting
from siprems_backend.services.task_registry.kinds import TaskKind

ROUNDS, CALLS = 7, 3000
ROUTES, PROCESSES = 100, 4


def least_us(step: Callable[[], object], calls: int = CALLS) -> float:
    """CPU time of one call in microseconds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(calls):
            step()
        rounds.append((time.process_time() - began) / calls * 1e6)
    return min(rounds)


def request_us() -> float:
    """A counted request less one that is not counted."""
    plain, counted = (Flask(name) for name in ("plain", "counted"))
    register_request_metrics(counted)
    for app in (plain, counted):
        app.add_url_rule("/x", "x", lambda: Response(b"x"))
    costs = []
    for app in (counted, plain):
        client = app.test_client()
        costs.append(least_us(lambda client=client: client.get("/x"), 1000))  # type: ignore[misc]
    return costs[0] - costs[1]


def task_us() -> float:
    """Start and end of a task."""
    now = dt.datetime.now(dt.UTC)
    given = {
        "id": uuid4(),
        "kind": TaskKind.TRAIN_PRODUCT.value,
        "status": "SUCCESS",
        "started_at": now,
        "finished_at": now + dt.timedelta(seconds=1),
    }
    changed = Changed(**{**dict.fromkeys(Changed._fields), **given})  # type: ignore[arg-type]
    taken = Taken(**{**dict.fromkeys(Taken._fields), "change": changed, "attempts": 1, "created_at": now})  # type: ignore[arg-type]

    def both() -> None:
        counting.count_start(taken)
        counting.count([changed])

    return least_us(both)


def scrape_ms() -> tuple[float, int]:
    """A scrape of several processes that answered on many routes: (milliseconds, lines)."""
    for _ in range(PROCESSES - 1):
        pid = os.fork()
        if pid == 0:
            for number in range(ROUTES):
                HTTP_REQUESTS.labels("GET", f"/api/v1/{number}", 200).inc()
                HTTP_DURATION.labels("GET", f"/api/v1/{number}").observe(0.01)
            os._exit(0)
        os.waitpid(pid, 0)
    registry = CollectorRegistry()
    registry.register(metrics_files.instruments())
    lines = generate_latest(registry).count(b"\n")
    return least_us(lambda: generate_latest(registry), 20) / 1000, lines


def main() -> None:
    """Measure and print."""
    metrics_files.share()
    print(f"{'request':10}{request_us():8.1f} us")
    print(f"{'task':10}{task_us():8.1f} us")
    milliseconds, lines = scrape_ms()
    print(f"{'scrape':10}{milliseconds:8.1f} ms, {lines} lines of {ROUTES} routes")


if __name__ == "__main__":
    main()
