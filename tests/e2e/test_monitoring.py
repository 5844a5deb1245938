"""Figures of real processes: several of the web, a worker whose processes come and go."""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from siprems_local.ports import choose
from tests.e2e.conftest import QUEUES, celery_process, wait_until
from tests.e2e.web import Web, web_server
from tests.metrics import Samples, parse, value

TOKEN = "a token for monitoring"
HEALTH_CHECK = TaskKind.HEALTH_CHECK.value


def ask(port: int) -> Samples | None:
    """The figures; None while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        body = answer.read().decode()
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()
    assert answer.status == 200, body
    return parse(body)


@pytest.fixture
def web(database: Database, tmp_path: Path) -> Iterator[Web]:
    """Two web processes."""
    with web_server(tmp_path / "web.log", WEB_WORKERS="2", METRICS_TOKEN=TOKEN) as server:
        yield server


def live(web: Web, times: int) -> None:
    for _ in range(times):
        answer = web.get("/health/live", {})
        assert (answer.status, answer.read()[:10]) == (200, b'{"status":')


def lives(web: Web) -> float | None:
    labels = {"method": "GET", "route": "/health/live", "status": "200"}
    samples = ask(web.port)
    assert samples is not None
    return value(samples, "siprems_http_requests_total", **labels)


def pids_with(word: bytes) -> Callable[[int], list[int]]:
    """Finds the children of a process whose command line has this word."""

    def find(parent: int) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(stat[1]) == parent and word in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue
        return found

    return find


def test_the_web_processes_count_together(web: Web) -> None:
    live(web, 40)
    # Whichever process is asked tells the same.
    assert [lives(web) for _ in range(10)] == [40] * 10
    samples = ask(web.port)
    assert samples is not None
    assert value(samples, "siprems_database_up") == 1
    assert value(samples, "siprems_queue_tasks", queue="training", state="waiting") == 0
    in_use = value(samples, "siprems_http_requests_in_progress", method="GET")
    assert in_use == 1


def test_what_a_killed_web_process_counted_stays(web: Web) -> None:
    live(web, 40)
    victim = pids_with(b"gunicorn")(web.process.pid)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in pids_with(b"gunicorn")(web.process.pid), "the process to be reaped")
    live(web, 2)
    assert lives(web) == 42


def test_streams_are_told_while_they_are_open(web: Web, as_role: Callable[[Role], FlaskClient]) -> None:
    client = as_role(Role.OPERATOR)
    headers = {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}
    task_id = task_registry.submit(TaskKind.HEALTH_CHECK, {}).task_id

    def streams() -> float | None:
        samples = ask(web.port)
        assert samples is not None
        return value(samples, "siprems_event_streams", stream="tasks")

    answers = [web.get(f"/tasks/{task_id}/events", headers) for _ in range(5)]
    assert {answer.status for answer in answers} == {200}
    assert streams() == 5
    for answer in answers:
        answer.close()
    wait_until(lambda: streams() == 0, "the end of the streams")


def test_no_folder_is_left_behind(database: Database, tmp_path: Path) -> None:
    with web_server(tmp_path / "web.log", METRICS_TOKEN=TOKEN) as server:
        live(server, 1)
        opened = Path(f"/proc/{server.process.pid}/fd")
        folders = {
            Path(os.readlink(link)) for link in opened.iterdir() if "siprems-metrics-" in os.readlink(link)
        }
        assert len({folder for folder in folders if folder.is_dir()}) == 1
    assert not any(folder.exists() for folder in folders)


def test_a_worker_tells_of_processes_that_came_and_went(database: Database, tmp_path: Path) -> None:
    port, log = choose(), tmp_path / "worker.log"
    arguments = ("--concurrency", "2", "-Q", QUEUES, "--without-mingle", "--without-gossip")
    opened = {"METRICS_TOKEN": TOKEN, "WORKER_METRICS_PORT": str(port)}
    with celery_process("worker", log, *arguments, "--max-tasks-per-child", "3", **opened) as process:
        wait_until(lambda: ask(port), f"the worker's figures; see {log}")
        for _ in range(20):
            task_registry.submit(TaskKind.HEALTH_CHECK, {})

        def ended() -> float | None:
            samples = ask(port)
            assert samples is not None
            return value(samples, "siprems_tasks_ended_total", kind=HEALTH_CHECK, status="SUCCESS")

        wait_until(lambda: ended() == 20, f"20 tasks; see {log}")
        samples = ask(port)
        assert samples is not None
        assert value(samples, "siprems_tasks_started_total", kind=HEALTH_CHECK) == 20
        assert value(samples, "siprems_task_seconds_count", kind=HEALTH_CHECK) == 20
        assert value(samples, "siprems_task_waiting_seconds_count", kind=HEALTH_CHECK) == 20
        # The main process and its present ones; seven at least came and went.
        assert value(samples, "siprems_processes") in {1, 2, 3}
        limit = value(samples, "siprems_database_connections", state="limit")
        assert limit is not None
        process.kill()
        process.wait()
    # The port is free for the next worker, though the old one had no time to close it.
    wait_until(lambda: ask(port) is None, "the port to be free")
