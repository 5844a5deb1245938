"""Throughput of tasks that do nothing: through the ledger, and through Celery alone on the same broker.

    .venv/bin/python -m benchmarks.throughput [--tasks 2000] [--rounds 3] [--parts] [--end-to-end]

Consuming: all tasks are submitted first, then a worker with two processes runs them; the rate is that between
the first and the last end. End to end: the worker waits, and the clock runs from the first submit to the last
end. Parts: what consuming takes when one part of the ledger's work is left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.throughput.machine import Machine, wait, worker
from benchmarks.throughput.systems import CeleryAlone, Ledger, System
from siprems_local import postgres
from tests.servers import running_postgres, running_valkey

WARM_UP = 50
WITHOUT = ("announcements", "counting", "heartbeat and log", "one at a time", "claim")


@dataclass(frozen=True)
class Figures:
    """Rates in tasks a second; CPU in milliseconds a task."""

    submits: float
    rate: float
    cpu: dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--end-to-end", action="store_true")
    given = parser.parse_args()
    # As in production: what is committed is on the disk.
    postgres.THROWAWAY = {"max_connections": "50"}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_postgres(Path(folder)) as database,
        running_valkey(Path(folder)) as valkey,
    ):
        prepare(Path(folder), database.url("siprems"), valkey.url(0).rsplit("/", 1)[0])
        machine = Machine(database.pid or 0, valkey.pid or 0)
        systems: list[System] = [CeleryAlone(acks_late=False), CeleryAlone(acks_late=True), Ledger()]
        if given.parts:
            systems = [Ledger(), *(Ledger(without=part) for part in WITHOUT)]
        elif given.end_to_end:
            systems.append(Ledger(in_batches=True))
        measure = end_to_end if given.end_to_end else consuming
        report(rounds(machine, systems, given.tasks, given.rounds, measure))


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


Measure = Callable[[Machine, System, int], Figures]


def rounds(
    machine: Machine, systems: Sequence[System], tasks: int, count: int, measure: Measure
) -> dict[str, list[Figures]]:
    """All systems in turn, several times, so that a busy moment of the machine does not hit one of them."""
    figures: dict[str, list[Figures]] = {system.name: [] for system in systems}
    for _ in range(count):
        for system in systems:
            system.forget()
            figures[system.name].append(measure(machine, system, tasks))
    return figures


def consuming(machine: Machine, system: System, count: int) -> Figures:
    """Submit all, then start the worker; its start counts nowhere."""
    began = time.monotonic()
    system.submit(count)
    submits = count / (time.monotonic() - began)
    with worker(machine, system.application, system.queue):
        wait(lambda: system.ended() > 0)
        before, ended = machine.cpu_seconds(), system.ended()
        wait(lambda: system.ended() >= count)
        after = machine.cpu_seconds()
    cpu = {name: 1000 * (after[name] - before[name]) / (count - ended) for name in after}
    return Figures(submits, count / system.seconds_between_ends(), cpu)


def end_to_end(machine: Machine, system: System, count: int) -> Figures:
    """Start the worker, then submit; from the first submit to the last end."""
    with worker(machine, system.application, system.queue):
        system.submit(WARM_UP)
        wait(lambda: system.ended() >= WARM_UP)
        before, began = machine.cpu_seconds(), time.monotonic()
        system.submit(count)
        submits = count / (time.monotonic() - began)
        wait(lambda: system.ended() >= WARM_UP + count)
        seconds, after = time.monotonic() - began, machine.cpu_seconds()
    cpu = {name: 1000 * (after[name] - before[name]) / count for name in after}
    return Figures(submits, count / seconds, cpu)


def report(figures: dict[str, list[Figures]]) -> None:
    """Medians over the rounds; the last column compares with the first row."""
    print(f"{'':28}{'submits/s':>10}{'tasks/s':>9}{'of first':>10}", end="")
    print("   CPU ms a task:" + "".join(f"{name:>10}" for name in ("main", "pool", "database", "broker")))
    best = statistics.median(row.rate for row in next(iter(figures.values())))
    for name, rows in figures.items():
        submits = statistics.median(row.submits for row in rows)
        rate = statistics.median(row.rate for row in rows)
        cpu = [statistics.median(row.cpu[part] for row in rows) for part in rows[0].cpu]
        print(f"{name:28}{submits:>10.0f}{rate:>9.0f}{rate / best:>10.0%}", end=" " * 17)
        print("".join(f"{value:>10.2f}" for value in cpu))


if __name__ == "__main__":
    main()
