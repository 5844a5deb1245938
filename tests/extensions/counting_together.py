"""Run by a test: counts in processes that end, that are killed and that live, and prints what is told."""

from __future__ import annotations

import os
import signal
import sys

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from siprems_backend.extensions import metrics_files
from siprems_backend.extensions.metrics import EVENT_STREAMS, TASK_DURATION, TASKS_STARTED
from siprems_backend.extensions.metrics_files import SharedValues


def count_as_child(amount: int) -> int:
    """Fork a process that counts; it says so, then waits to be told to end."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        TASKS_STARTED.labels("kind").inc(amount)
        TASK_DURATION.labels("kind").observe(0.02)
        EVENT_STREAMS.labels("stream").inc(amount)
        os.write(tell, b".")
        signal.pause()
    os.read(told, 1)
    os.close(told)
    os.close(tell)
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def main() -> None:
    metrics_files.share()
    TASKS_STARTED.labels("kind").inc(1)
    first, second, living = (count_as_child(amount) for amount in (10, 100, 1000))
    kill(first)
    metrics_files.fold()
    kill(second)
    registry = CollectorRegistry()
    values = metrics_files.instruments()
    assert isinstance(values, SharedValues)
    registry.register(values)
    try:
        sys.stdout.write(generate_latest(registry).decode())
        # Twice, because the first look changes the files.
        assert generate_latest(registry) == generate_latest(registry)
        living_ones = metrics_files.counting_processes()
        assert sorted(living_ones) == sorted([os.getpid(), living]), living_ones
        names = sorted(file.name for file in values.folder.glob("*.db"))
        mine, theirs = os.getpid(), living
        expected = {"counter_ended.db", "histogram_ended.db", f"counter_{mine}.db"}
        expected |= {f"{kind}_{theirs}.db" for kind in ("counter", "histogram", "gauge_livesum")}
        assert set(names) == expected, names
    finally:
        kill(living)
    sys.stderr.write(str(values.folder))


if __name__ == "__main__":
    main()
