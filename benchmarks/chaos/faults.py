"""The faults: what is broken, and how long until work goes on."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.chaos.cluster import Cluster
from benchmarks.chaos.system import System

LONGEST_WAIT_SECONDS = 60.0
# Longer than a lease, so that the work of a stopped worker is taken over before it wakes up.
STOPPED_SECONDS = 15.0


@dataclass(frozen=True)
class Plan:
    """How often each fault happens."""

    processes: int = 5
    workers: int = 5
    brokers: int = 3
    databases: int = 2
    stops: int = 1

    def shuffled(self, seed: int) -> list[str]:
        """The faults in an order that is the same for the same seed."""
        order = (
            ["kill a pool process"] * self.processes
            + ["kill a worker"] * self.workers
            + ["broker restarts empty"] * self.brokers
            + ["database restarts"] * self.databases
            + ["worker stopped and resumed"] * self.stops
        )
        random.Random(seed).shuffle(order)
        return order


@dataclass(frozen=True)
class Recovery:
    """A fault, and the seconds from it until everything it touched had ended and new work was done."""

    fault: str
    seconds: float


def inflict(fault: str, cluster: Cluster, system: System) -> Recovery:
    """Break something, and wait until the system has got over it."""
    touched = _wait_for_work(system)
    began = time.monotonic()
    FAULTS[fault](cluster)
    deadline = began + LONGEST_WAIT_SECONDS
    marker = system.mark()
    while time.monotonic() < deadline:
        if system.recovered(touched, marker):
            break
        time.sleep(0.1)
    return Recovery(fault, time.monotonic() - began)


def _wait_for_work(system: System) -> set[str]:
    """Faults that hit idle processes prove nothing: what runs at the moment, once anything does."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        running = system.running()
        if running:
            return running
        time.sleep(0.01)
    return set()


def _busy(cluster: Cluster) -> list[psutil.Process]:
    """Pool processes of all workers, those that used the processor most lately first."""
    children = [child for worker in cluster.workers for child in worker.children()]
    random.shuffle(children)
    return children


def _kill_process(cluster: Cluster) -> None:
    for child in _busy(cluster)[:2]:
        with suppress(psutil.NoSuchProcess):
            child.kill()


def _kill_worker(cluster: Cluster) -> None:
    random.choice(cluster.workers).kill()


def _stop_and_resume(cluster: Cluster) -> None:
    stopped = random.choice(cluster.workers).processes()
    for process in stopped:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGSTOP)

    def resume() -> None:
        for process in stopped:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)

    threading.Timer(STOPPED_SECONDS, resume).start()


FAULTS: dict[str, Callable[[Cluster], None]] = {
    "kill a pool process": _kill_process,
    "kill a worker": _kill_worker,
    "broker restarts empty": Cluster.restart_broker_empty,
    "database restarts": Cluster.restart_database,
    "worker stopped and resumed": _stop_and_resume,
}
