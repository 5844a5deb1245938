"""Servers and workers of the measurement, and how much CPU time each of them took."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

PROCESSES = 2
PATIENCE_SECONDS = 300


@dataclass
class Machine:
    """The main processes by the name of their column; a worker's is there while it runs."""

    postgres: int
    valkey: int
    worker: list[psutil.Process] = field(default_factory=list)

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time until now of the worker's main process, its pool, the database and the broker."""
        main = self.worker[:1]
        pool = [child for process in main for child in process.children(recursive=True)]
        postgres = psutil.Process(self.postgres)
        return {
            "main": sum(map(_own, main)),
            "pool": sum(map(_own, pool)),
            "database": _reaped(postgres) + sum(map(_own, [postgres, *postgres.children()])),
            "broker": _own(psutil.Process(self.valkey)),
        }


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _reaped(process: psutil.Process) -> float:
    """What its children took that have ended."""
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


@contextmanager
def worker(machine: Machine, application: str, queue: str) -> Iterator[None]:
    """A worker of this application with two processes."""
    command = [sys.executable, "-m", "celery", "-A", application, "worker", "-Q", queue, "-O", "fair"]
    process = subprocess.Popen(
        [*command, "-c", str(PROCESSES), "--loglevel", "ERROR", "--without-mingle", "--without-gossip"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    machine.worker = [psutil.Process(process.pid)]
    try:
        yield
    finally:
        machine.worker = []
        process.terminate()
        process.wait(60)


def wait(condition: Callable[[], bool]) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)
