"""Clients that submit while the faults happen, and the account afterwards."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.cluster import running_cluster
from benchmarks.chaos.faults import Plan, Recovery, inflict
from benchmarks.chaos.system import Outcome, System

# Between two faults everything is left alone for a moment.
PAUSE_SECONDS = 2.0
# Fast enough to keep the workers busy, slow enough to be at it until the last fault.
SECONDS_A_FAULT = 10.0
# What is not finished so long after the last fault counts as lost.
SETTLE_SECONDS = 120.0


@dataclass(frozen=True)
class Report:
    """What happened to one system."""

    name: str
    submitted: int
    acknowledged: int
    outcome: Outcome
    recoveries: list[Recovery]
    seconds: float


def torment(system: System, tasks: int, clients: int, plan: Plan, seed: int = 1) -> Report:
    """Submit so many tasks from so many clients while the faults of the plan happen."""
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder)) as cluster:
        system.start(cluster)
        began = time.monotonic()
        faults = plan.shuffled(seed)
        crowd = _Crowd(system, tasks, clients, len(faults))
        crowd.start()
        recoveries = []
        for fault in faults:
            recoveries.append(inflict(fault, cluster, system))
            time.sleep(PAUSE_SECONDS)
        acknowledged = crowd.join()
        _settle(system, acknowledged)
        outcome = system.outcome(acknowledged)
        return Report(
            system.name, crowd.submitted, len(acknowledged), outcome, recoveries, time.monotonic() - began
        )


class _Crowd:
    """Clients that submit at least so many tasks, and more until all faults are over."""

    def __init__(self, system: System, tasks: int, clients: int, faults: int) -> None:
        self._system, self._tasks = system, tasks
        self._lock = threading.Lock()
        self._acknowledged: set[str] = set()
        self._pause = SECONDS_A_FAULT * faults / tasks * clients
        self._faults_over = threading.Event()
        self.submitted = 0
        self._threads = [threading.Thread(target=self._submit) for _ in range(clients)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> set[str]:
        """The faults are over: submit what is left without pauses; the tasks that were acknowledged."""
        self._faults_over.set()
        for thread in self._threads:
            thread.join()
        return self._acknowledged

    def _submit(self) -> None:
        while True:
            with self._lock:
                if self.submitted >= self._tasks and self._faults_over.is_set():
                    return
                number = self.submitted
                self.submitted += 1
            task_id = self._system.submit(number)
            if task_id is not None:
                with self._lock:
                    self._acknowledged.add(task_id)
            self._faults_over.wait(self._pause)


def _settle(system: System, acknowledged: set[str]) -> None:
    """Wait until all is done, or nothing has moved for long."""
    deadline = time.monotonic() + SETTLE_SECONDS
    least = len(acknowledged) + 1
    while time.monotonic() < deadline:
        left = system.unfinished(acknowledged)
        if left == 0:
            return
        if left < least:
            least, deadline = left, time.monotonic() + SETTLE_SECONDS
        time.sleep(0.5)
