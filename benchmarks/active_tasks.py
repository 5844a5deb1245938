"""What is going on, asked of a ledger with many tasks: answers of one web process.

    .venv/bin/python -m benchmarks.active_tasks [--tasks 200] [--finished 20000] [--calls 500]

As many tasks run as wait, every tenth with the arguments of 2,000 products, beside many that have ended. One
client asks 50 times a second.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any
from uuid import uuid4

from benchmarks.ledger_web import LedgerWeb, ledger_web, paced, percentile

PER_SECOND = 50
PATHS = (
    "/tasks/active",
    "/tasks/scheduled",
    "/tasks/celery/status",
    "/celery/health",
    "/celery/workers",
    "/celery/tasks",
    "/tasks?page_size=50",
)


def main() -> None:
    """Fill the ledger, ask, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--finished", type=int, default=20_000)
    parser.add_argument("--calls", type=int, default=500)
    given = parser.parse_args()
    with ledger_web() as web:
        fill(given.tasks, given.finished)
        print(f"{'call':24}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'web CPU ms':>12}{'KB':>7}", flush=True)
        for path in PATHS:
            measure(web, path, given.calls)


def measure(web: LedgerWeb, path: str, calls: int) -> None:
    """One line of the table."""
    paced(web, [path], PER_SECOND, 1.0)
    before = web.process.cpu_times()
    taken = paced(web, [path], PER_SECOND, calls / PER_SECOND)
    after = web.process.cpu_times()
    cpu = 1000 * (after.user + after.system - before.user - before.system) / len(taken)
    print(
        f"{path:24}{percentile(taken, 0.5):>8.1f}{percentile(taken, 0.99):>8.1f}{taken[-1]:>8.1f}{cpu:>12.1f}"
        f"{web.length(path) / 1024:>7.0f}",
        flush=True,
    )


def fill(tasks: int, finished: int) -> None:
    """Tasks that run and wait, tasks that have ended, and two workers that live for the whole measurement."""
    from siprems_backend.extensions.database import database
    from siprems_backend.models import task_queries, workers
    from siprems_backend.services.task_registry import states
    from siprems_backend.utils import clock

    now = clock.now()
    rows = [running(number) if number % 2 else waiting(number) for number in range(tasks)]
    ended = {"status": states.SUCCESS, "finished_at": now, "result": {"results": ["x" * 50] * 200}}
    with database.transaction() as session:
        task_queries.add_many(session, rows)
        for _ in range(finished // 1000):
            task_queries.add_many(session, [{**running(1), **ended} for _ in range(1000)])
        for name in ("celery@one", "celery@two"):
            workers.renew(session, worker(name, now + timedelta(hours=1)))


def waiting(number: int) -> dict[str, Any]:
    """A waiting prediction."""
    from siprems_backend.services.task_registry.kinds import TaskKind
    from siprems_backend.services.task_registry.submission import new_row

    skus = [f"SKU-{place:06}" for place in range(2000 if number % 10 == 0 else 5)]
    kwargs = {"product_skus": skus, "forecast_days": 28}
    return {**new_row(TaskKind.PREDICT_BATCH, kwargs, task_id=uuid4()), "sends": 1}


def running(number: int) -> dict[str, Any]:
    """A running one."""
    from siprems_backend.services.task_registry import states
    from siprems_backend.utils import clock

    now = clock.now()
    progress = {"current": 3, "total": 9, "percent": 33.3, "message": "Forecasting SKU-000003"}
    return {
        **waiting(number + 1 if number % 10 == 9 else 1),
        "status": states.PROGRESS,
        "progress": progress,
        "worker": f"celery@{'one' if number % 4 == 1 else 'two'}",
        "started_at": now,
        "lease_id": uuid4(),
        "lease_expires_at": now + timedelta(hours=1),
    }


def worker(name: str, heartbeat_at: Any) -> dict[str, Any]:
    """A worker's row."""
    return {
        "name": name,
        "kind": "celery",
        "pid": 1,
        "concurrency": 50,
        "queues": ["predictions", "training"],
        "figures": {"processed": {}, "processes": [{"pid": pid, "rss_mb": 100.0} for pid in range(50)]},
        "started_at": heartbeat_at,
        "heartbeat_at": heartbeat_at,
    }


if __name__ == "__main__":
    main()
