"""Throughput of tasks that do nothing: through the ledger, and through Celery alone on the same broker.

    .venv/bin/python -m benchmarks.throughput [--tasks 2000] [--rounds 3]

All tasks are submitted first, then a worker with two processes runs them; the rate is that between the first
and the last end. Celery alone keeps its results in Redis, as a caller who wants to know of the end must.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from siprems_local import postgres
from tests.servers import running_postgres, running_valkey

PROCESSES = 2
PATIENCE_SECONDS = 300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    # As in production: what is committed is on the disk.
    postgres.THROWAWAY = {"max_connections": "50"}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_postgres(Path(folder)) as database,
        running_valkey(Path(folder)) as valkey,
    ):
        prepare(Path(folder), database.url("siprems"), valkey.url(0).rsplit("/", 1)[0])
        systems: dict[str, Callable[[int], tuple[float, float, float]]] = {
            "Celery, defaults": partial(celery_alone, acks_late=False),
            "Celery, acks_late": partial(celery_alone, acks_late=True),
            "through the ledger": through_the_ledger,
        }
        figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in systems}
        for _ in range(given.rounds):
            for name, measure in systems.items():
                figures[name].append(measure(given.tasks))
        report(figures)


def prepare(folder: Path, database: str, redis: str) -> None:
    """Settings for this process and the workers it starts."""
    os.environ |= {
        "SIPREMS_ENV": "test",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "JWT_SECRET_KEY": "a key for a throwaway instance of the benchmark",
        "MODELS_DIR": str(folder / "models"),
        "DATA_DIR": str(folder / "data"),
        "EXECUTION_MODE": "celery",
        "LOG_LEVEL": "WARNING",
        "BARE_BROKER": f"{redis}/3",
        "BARE_BACKEND": f"{redis}/4",
    }
    from benchmarks.throughput import ledger_app  # noqa: F401  Binds the database.
    from siprems_backend.services import migrations

    migrations.upgrade()


def celery_alone(count: int, *, acks_late: bool) -> tuple[float, float, float]:
    """Tasks submitted a second, ended a second, and worker CPU milliseconds a task."""
    os.environ["BARE_ACKS_LATE"] = str(int(acks_late))
    from benchmarks.throughput.bare_app import app, nothing

    began = time.monotonic()
    results = [nothing.delay() for _ in range(count)]
    submitted = count / (time.monotonic() - began)
    backend = app.backend
    with worker("benchmarks.throughput.bare_app", "celery") as process:
        wait(lambda: backend.get_task_meta(results[-1].id)["status"] == "SUCCESS")
        wait(lambda: all(result.ready() for result in results))
        spent = cpu_seconds(process)
    moments = sorted(backend.get_task_meta(result.id)["date_done"] for result in results)
    app.backend.client.flushdb()
    return submitted, count / seconds_between(moments[0], moments[-1]), 1000 * spent / count


def through_the_ledger(count: int) -> tuple[float, float, float]:
    """The same through our own submit and workers."""
    from sqlalchemy import text

    from benchmarks.throughput.ledger_app import NOTHING
    from siprems_backend.extensions.database import database
    from siprems_backend.services import task_registry

    with database.transaction() as session:
        session.execute(text("TRUNCATE tasks CASCADE"))
    began = time.monotonic()
    for _ in range(count):
        task_registry.submit(NOTHING, {})
    submitted = count / (time.monotonic() - began)

    def ended() -> int:
        with database.reading() as session:
            return int(session.scalar(text("SELECT count(*) FROM tasks WHERE finished_at IS NOT NULL")) or 0)

    with worker("benchmarks.throughput.ledger_app", "maintenance") as process:
        wait(lambda: ended() >= count)
        spent = cpu_seconds(process)
    with database.reading() as session:
        first, last = session.execute(text("SELECT min(finished_at), max(finished_at) FROM tasks")).one()
    return submitted, count / (last - first).total_seconds(), 1000 * spent / count


@contextmanager
def worker(application: str, queue: str) -> Iterator[psutil.Process]:
    """A worker of this application with two processes."""
    command = [sys.executable, "-m", "celery", "-A", application, "worker", "-Q", queue, "-O", "fair"]
    process = subprocess.Popen(
        [*command, "-c", str(PROCESSES), "--loglevel", "ERROR", "--without-mingle", "--without-gossip"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def cpu_seconds(process: psutil.Process) -> float:
    """CPU time of a worker and its pool."""
    family = [process, *process.children(recursive=True)]
    return sum(member.cpu_times().user + member.cpu_times().system for member in family)


def wait(condition: Callable[[], bool]) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.2)


def seconds_between(first: object, last: object) -> float:
    """Seconds between two moments as Celery's backend gives them."""
    from datetime import datetime

    moments = [datetime.fromisoformat(str(moment)) for moment in (first, last)]
    return (moments[1] - moments[0]).total_seconds()


def report(figures: dict[str, list[tuple[float, float, float]]]) -> None:
    """Medians over the rounds."""
    best = statistics.median(row[1] for row in figures["Celery, defaults"])
    print(f"{'system':24}{'submits/s':>11}{'tasks/s':>9}{'of Celery':>11}{'worker CPU ms/task':>20}")
    for name, rows in figures.items():
        submits, rate, spent = (statistics.median(row[place] for row in rows) for place in range(3))
        print(f"{name:24}{submits:>11.0f}{rate:>9.0f}{rate / best:>10.0%}{spent:>20.2f}")


if __name__ == "__main__":
    main()
