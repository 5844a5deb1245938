"""A real worker and a real Beat, started as operators start them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90


def wait_until(condition: Callable[[], object], what: str) -> object:
    """Look until `condition` gives something true; its value."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {what}")


@contextmanager
def celery_process(
    role: str, log: Path, *arguments: str, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`celery <role>` in a process group of its own, stopped as a supervisor would."""
    command = [sys.executable, "-m", "celery", "-A", "siprems_backend.celery_app", role, *arguments]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


QUEUES = "predictions,notifications,training,pipelines,tools,maintenance,default,pytorch,tensorflow"


# Of the module, not of the run: a worker that lived on would take the messages of other tests.
@pytest.fixture(scope="module")
def worker_process(
    migrated: object, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A worker with two processes; its log file."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    arguments = ("--concurrency", "2", "-Q", QUEUES, "--without-mingle", "--without-gossip")
    with celery_process("worker", log, *arguments, LOG_LEVEL="INFO"):
        wait_until(lambda: queue.inspect_workers("ping", 1.0), f"the worker; see {log}")
        yield log


@pytest.fixture
def worker(database: Database, worker_process: Path) -> Path:
    """The worker, on an empty database."""
    # Emptying the broker took the worker's bindings with it; asking it anything shows that it is back.
    wait_until(lambda: queue.inspect_workers("ping", 1.0), "the worker after the broker was emptied")
    return worker_process
