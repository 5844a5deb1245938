"""Tools through the whole platform: asked for over HTTP, run by a real worker, cancelled, and cut off."""

from __future__ import annotations

import csv
import io
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask.testing import FlaskClient

from siprems_backend.config import Settings, get_settings
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.services import demo
from siprems_backend.services.task_registry import states
from siprems_backend.services.tool_runner import child, registry
from siprems_backend.utils.roles import Role
from tests.e2e.conftest import QUEUES, celery_process, wait_until

Clients = Callable[[Role], FlaskClient]


@pytest.fixture(scope="module")
def tool_worker(
    migrated: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[psutil.Process, Path]]:
    """A worker that knows the tools of the tests, and its data volume."""
    folder = tmp_path_factory.mktemp("tools")
    changed = {"TOOL_PACKAGES": "tests.extra_tools", "DATA_DIR": str(folder / "data")}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in changed.items():
            environment.setenv(name, value)
        get_settings.cache_clear()
        registry.tools.cache_clear()
        arguments = ("--concurrency", "2", "-Q", QUEUES, "--without-mingle", "--without-gossip")
        with celery_process("worker", folder / "worker.log", *arguments, LOG_LEVEL="INFO") as process:
            wait_until(lambda: queue.inspect_workers("ping", 1.0), f"the worker; see {folder}")
            yield psutil.Process(process.pid), folder / "data" / "task_files"
    get_settings.cache_clear()
    registry.tools.cache_clear()


@pytest.fixture
def worker(database: Database, tool_worker: tuple[psutil.Process, Path]) -> psutil.Process:
    """The worker, on an empty database."""
    wait_until(lambda: queue.inspect_workers("ping", 1.0), "the worker after the broker was emptied")
    return tool_worker[0]


@pytest.fixture
def volume(tool_worker: tuple[psutil.Process, Path]) -> Path:
    """The worker's folder of task files."""
    return tool_worker[1]


def submitted(client: FlaskClient, tool: str, **parameters: Any) -> str:
    answer = client.post("/api/run", json={"tool_name": tool, "parameters": parameters})
    assert answer.status_code == 202, answer.get_json()
    task_id: str = answer.get_json()["task_id"]
    return task_id


def document(client: FlaskClient, task_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/tasks/{task_id}").get_json()
    return found


def finished(client: FlaskClient, task_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = document(client, task_id)
        return found if found["status"] in states.TERMINAL else None

    found = wait_until(look, f"task {task_id}")
    assert isinstance(found, dict)
    return found


def guards(worker: psutil.Process) -> list[psutil.Process]:
    """The guards of the tools that the worker runs."""
    found = [each for each in worker.children(recursive=True) if child.PROGRAM in _command(each)]
    # A tool is forked from its guard and has its command line.
    return [each for each in found if each.ppid() not in {other.pid for other in found}]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def asleep(client: FlaskClient, task_id: str, attempt: int = 1) -> bool:
    """Whether the tool of the task has begun to sleep."""
    found = document(client, task_id)
    message = (found["progress"] or {}).get("message")
    return found["attempts"] == attempt and found["status"] == states.PROGRESS and message == "Asleep"


def test_the_demo_shop_is_exported_and_its_forecasts_are_judged(
    worker: psutil.Process, volume: Path, as_role: Clients
) -> None:
    demo.load("demo@example.com", "a long passphrase")
    client = as_role(Role.ANALYST)
    tasks = {
        "csv": submitted(client, "sales_export", format="csv", category="Bread"),
        "xlsx": submitted(client, "sales_export", format="xlsx", date_from="2020-01-01"),
        "report": submitted(client, "forecast_accuracy", days_back=28),
    }
    results = {name: finished(client, task_id) for name, task_id in tasks.items()}
    for name, found in results.items():
        assert found["status"] == states.SUCCESS, (name, found)
        for file in found["result"]["output_files"]:
            answer = client.get(file["url"])
            assert (answer.status_code, len(answer.data)) == (200, file["size_bytes"])
            assert answer.content_type == file["content_type"]
    rows = csv.DictReader(
        io.StringIO(client.get(f"/tasks/{tasks['csv']}/files/sales.csv").get_data(as_text=True))
    )
    assert sum(1 for _ in rows) == results["csv"]["result"]["summary"]["rows"] > 0
    summary = results["report"]["result"]["summary"]
    assert summary["products"] > 30
    assert summary["wape"] < summary["naive"]["wape"]
    assert len(list(volume.glob("kept/*"))) == 3
    assert guards(worker) == []


def test_cancelling_kills_the_tool_and_leaves_nothing(
    worker: psutil.Process, volume: Path, as_role: Clients
) -> None:
    client = as_role(Role.ANALYST)
    task_id = submitted(client, "misbehave", how="sleep")
    wait_until(lambda: asleep(client, task_id), "the tool")
    (guard,) = guards(worker)
    family = [guard, *guard.children(recursive=True)]
    assert len(family) == 2
    assert client.post(f"/tasks/{task_id}/cancel").status_code == 200
    assert finished(client, task_id)["status"] == states.REVOKED
    wait_until(lambda: not any(each.is_running() for each in family), "the end of the tool")
    wait_until(lambda: not list(volume.glob("scratch/*")), "the removal of its folder")
    assert client.get(f"/tasks/{task_id}/files").get_json()["files"] == []


def test_a_tool_of_a_killed_worker_dies_and_is_run_again(
    worker: psutil.Process, volume: Path, as_role: Clients
) -> None:
    client = as_role(Role.ANALYST)
    task_id = submitted(client, "misbehave", how="sleep")
    wait_until(lambda: asleep(client, task_id), "the tool")
    (guard,) = guards(worker)
    family = [guard, *guard.children(recursive=True)]
    guard.parent().send_signal(signal.SIGKILL)
    wait_until(lambda: not any(each.is_running() for each in family), "the end of the tool")
    wait_until(lambda: asleep(client, task_id, attempt=2), "the second attempt")
    assert len(guards(worker)) == 1
    assert len(list(volume.glob("scratch/*"))) == 1
    assert client.delete(f"/tasks/{task_id}").status_code == 200
    assert finished(client, task_id)["status"] == states.REVOKED


def test_a_crash_tells_its_owner_why(worker: psutil.Process, as_role: Clients) -> None:
    client = as_role(Role.ANALYST)
    task_id = submitted(client, "misbehave", how="crash")
    found = finished(client, task_id)
    assert found["status"] == states.FAILURE
    assert found["attempts"] == 1
    assert "ZeroDivisionError: division by zero" in found["error"]["message"]
    lines = [line["message"] for line in client.get(f"/tasks/{task_id}/logs").get_json()["logs"]]
    assert "about to divide" in lines


def test_tools_run_side_by_side(worker: psutil.Process, as_role: Clients) -> None:
    client = as_role(Role.ANALYST)
    sleeper = submitted(client, "misbehave", how="sleep")
    wait_until(lambda: asleep(client, sleeper), "the tool")
    found = finished(client, submitted(client, "misbehave", how="look_around"))
    assert found["status"] == states.SUCCESS
    assert asleep(client, sleeper)
    client.post(f"/tasks/{sleeper}/cancel")
    assert finished(client, sleeper)["status"] == states.REVOKED
