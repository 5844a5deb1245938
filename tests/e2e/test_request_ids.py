"""The id of a request leads from its answer to everything that was done for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services.task_registry import TaskKind, states
from siprems_backend.utils.roles import Role
from tests import factories
from tests.e2e.conftest import wait_until

YESTERDAY = dt.date(2026, 6, 30)


def finished(client: FlaskClient, task_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        document = client.get(f"/tasks/{task_id}").get_json()
        return document if document["status"] in states.TERMINAL else None

    found = wait_until(look, f"task {task_id}")
    assert isinstance(found, dict)
    return found


def lines(log: Path) -> list[dict[str, Any]]:
    """What the worker wrote, as far as it is structured."""
    text = log.read_bytes()
    return [orjson.loads(line) for line in text.splitlines() if line.startswith(b"{")]


def lines_of(log: Path, task_id: str) -> list[dict[str, Any]]:
    """A task's lines, once its last one is written."""

    def look() -> list[dict[str, Any]]:
        found = [line for line in lines(log) if line.get("task_id") == task_id]
        ended = {line["event"] for line in found} & {"task_finished", "task_failed"}
        return found if ended else []

    found = wait_until(look, f"the lines of {task_id} in {log}")
    assert isinstance(found, list)
    return found


def test_from_the_request_to_the_workers_lines(
    worker: Path, database: Database, as_role: Callable[[Role], FlaskClient]
) -> None:
    factories.make_product(database, "NEVER SOLD")
    client = as_role(Role.ANALYST)
    headers = {"X-Request-ID": "till-7.2026_07-01"}
    answer = client.post("/predict/async", json={"product_sku": "NEVER SOLD"}, headers=headers)
    assert answer.headers["X-Request-ID"] == headers["X-Request-ID"]
    task_id = answer.get_json()["task_id"]
    document = finished(client, task_id)
    assert document["request_id"] == headers["X-Request-ID"]
    found = lines_of(worker, task_id)
    assert {"task_started", "task_failed"} <= {line["event"] for line in found}
    assert {line.get("request_id") for line in found} == {headers["X-Request-ID"]}
    listed = client.get("/tasks", query_string={"request_id": headers["X-Request-ID"]}).get_json()
    assert [task["task_id"] for task in listed["items"]] == [task_id]
    assert client.get("/tasks", query_string={"request_id": "another-one"}).get_json()["total"] == 0
    assert client.get("/tasks", query_string={"request_id": "till-7.2026\0"}).status_code == 422


def test_to_the_children_of_a_fan_out(
    worker: Path, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    for number in range(3):
        product = factories.make_product(database, f"P{number}")
        factories.sell(database, product, [1, 2, 3], until=YESTERDAY)
    client = as_role(Role.OPERATOR)
    headers = {"X-Request-ID": "nightly-by-hand"}
    task_id = client.post("/tasks/training/all", headers=headers).get_json()["task_id"]
    assert finished(client, task_id)["status"] == states.SUCCESS
    children = client.get("/tasks", query_string={"parent_id": task_id}).get_json()["items"]
    parts = sorted(child["kind"] for child in children)
    once = [TaskKind.CLASSIFY_PRODUCTS.value, TaskKind.FORECAST_SHOP_CHUNK.value]
    assert parts == [*once, *[TaskKind.TRAIN_CHUNK.value] * 3]
    for child in children:
        assert child["request_id"] == "nightly-by-hand"
        assert {line.get("request_id") for line in lines_of(worker, child["task_id"])} == {"nightly-by-hand"}


@pytest.mark.parametrize(
    "given", ["", "short", "a b c d e f g h", "x" * 65, 'quoted"quoted"', "ümlaute-überall"]
)
def test_an_id_that_could_harm_the_log_is_replaced(
    worker: Path, database: Database, as_role: Callable[[Role], FlaskClient], given: str
) -> None:
    factories.make_product(database, "NEVER SOLD")
    client = as_role(Role.ANALYST)
    answer = client.post(
        "/predict/async", json={"product_sku": "NEVER SOLD"}, headers={"X-Request-ID": given}
    )
    made = answer.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    document = finished(client, answer.get_json()["task_id"])
    assert document["request_id"] == made


def test_a_retry_carries_the_id_of_whoever_asked_for_it(
    worker: Path, database: Database, as_role: Callable[[Role], FlaskClient]
) -> None:
    factories.make_product(database, "NEVER SOLD")
    client = as_role(Role.ANALYST)
    first = client.post(
        "/predict/async", json={"product_sku": "NEVER SOLD"}, headers={"X-Request-ID": "first-try"}
    ).get_json()["task_id"]
    finished(client, first)
    again = client.post(f"/tasks/{first}/retry", headers={"X-Request-ID": "second-try"}).get_json()["task_id"]
    assert finished(client, again)["request_id"] == "second-try"
    assert {line.get("request_id") for line in lines_of(worker, again)} == {"second-try"}
