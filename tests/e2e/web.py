"""A real web server to ask over real connections."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from siprems_local.ports import choose
from tests.following import Follower

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@dataclass
class Web:
    """One gunicorn with one process that serves."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def serving(self) -> psutil.Process:
        """The process that serves."""
        return psutil.Process(self.process.pid).children()[0]

    def get(self, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        """The answer to a request on a connection of its own, of which only the head is read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    def follow(self, task_id: Any, headers: dict[str, str]) -> Follower:
        """Follow a task."""
        response = self.get(f"/tasks/{task_id}/events", headers)
        assert response.status == 200, response.read()
        return Follower(iter(lambda: response.read1(65536), b""))


@contextmanager
def web_server(log: Path, **environment: str) -> Iterator[Web]:
    """gunicorn as in production, with one process; stopped as a supervisor would."""
    port = choose()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:siprems_backend.gunicorn_conf"]
    settings = {**os.environ, "PORT": str(port), "WEB_WORKERS": "1", **environment}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "siprems_backend.wsgi:app"],
            cwd=PROJECT,
            env=settings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(port, process, log)
        yield Web(port, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the web server did not come up: {log.read_text()}")
