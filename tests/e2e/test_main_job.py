"""Sales in, a model per product, forecasts out: with a real worker and a real Beat."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from flask.testing import FlaskClient

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models import artifact_queries, task_changes
from siprems_backend.services import housekeeping, task_registry
from siprems_backend.services.task_registry import TaskKind, states
from siprems_backend.utils.roles import Role
from tests import factories
from tests.e2e.conftest import celery_process, wait_until

YESTERDAY = dt.date(2026, 6, 30)


def finished(client: FlaskClient, task_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        document = client.get(f"/tasks/{task_id}").get_json()
        return document if document["status"] in states.TERMINAL else None

    found = wait_until(look, f"task {task_id}")
    assert isinstance(found, dict)
    return found


def refresh_at_once() -> str:
    """As Beat does every six hours."""
    return str(task_registry.submit(TaskKind.REFRESH_FORECASTS, {}).task_id)


def test_predict_async_trains_and_forecasts(
    worker: Path, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    product = factories.make_product(database, "A/B é", stock=5)
    factories.sell(database, product, factories.weekly_demand(500), until=YESTERDAY)
    client = as_role(Role.ANALYST)
    submitted = client.post("/predict/async", json={"product_sku": "A/B é", "days": 14})
    assert submitted.status_code == 202
    body = submitted.get_json()
    assert body["message"] == "Prediction task submitted for A/B é"
    document = finished(client, body["task_id"])
    assert document["status"] == states.SUCCESS, document
    result = client.get(f"/predict/task/{body['task_id']}").get_json()["result"]
    assert result["forecast_days"] == 14
    ahead = [point for point in result["chart_data"] if point["predicted"] is not None]
    assert ahead[0]["date"] == "2026-07-01"
    assert len(ahead) == 14
    assert all(point["lower"] <= point["predicted"] <= point["upper"] for point in ahead)
    assert 20 < sum(point["predicted"] for point in ahead) / 14 < 80
    assert (models_dir / "model_A%2FB%20%C3%A9.json").exists()
    lines = client.get(f"/tasks/{body['task_id']}/logs").get_json()["logs"]
    assert any("trained" in line["message"] for line in lines)
    now = client.post("/predict", json={"product_sku": "A/B é", "days": 14})
    assert now.status_code == 200
    predicted = [point["predicted"] for point in now.get_json()["chartData"] if point["predicted"]]
    assert predicted == [point["predicted"] for point in ahead]


def test_predict_trains_a_missing_model_first(
    worker: Path, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    product = factories.make_product(database, "NEW")
    factories.sell(database, product, factories.weekly_demand(120), until=YESTERDAY)
    client = as_role(Role.ANALYST)
    answer = client.post("/predict", json={"product_sku": "NEW"})
    if answer.status_code == 202:
        finished(client, answer.get_json()["task_id"])
        answer = client.post("/predict", json={"product_sku": "NEW"})
    assert answer.status_code == 200
    assert answer.get_json()["model"]["version"] == 1


def test_training_all_fans_out_joins_and_skips_what_did_not_change(
    worker: Path, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    for number in range(3):
        product = factories.make_product(database, f"P{number}")
        factories.sell(database, product, factories.weekly_demand(200, seed=number), until=YESTERDAY)
    short = factories.make_product(database, "SHORT")
    factories.sell(database, short, [1, 2, 3], until=YESTERDAY)
    factories.make_product(database, "NEVER SOLD")
    client = as_role(Role.OPERATOR)
    first = finished(client, client.post("/tasks/training/all").get_json()["task_id"])
    result = first["result"]
    assert result["status"] == "completed"
    assert (result["trained"], result["skipped"], result["unchanged"], result["failed"]) == (3, 2, 0, 0)
    assert result["results"]["SHORT"]["reason"] == "Not enough data"
    made = result["shop_forecasts"]
    assert (made["forecasts"], made["failed"], made["never_sold"]) == (5, 0, 0)
    for sku in ("P0", "SHORT", "NEVER SOLD"):
        answer = client.post("/predict", json={"product_sku": sku, "days": 7})
        assert (answer.status_code, answer.get_json()["engine"]) == (200, "auto")
    lines = client.get(f"/tasks/{first['task_id']}/logs").get_json()["logs"]
    assert any("training_run_started products=5" in line["message"] for line in lines)
    again = finished(client, client.post("/tasks/training/all").get_json()["task_id"])["result"]
    assert (again["trained"], again["unchanged"], again["skipped"]) == (0, 3, 2)
    children = client.get("/tasks", query_string={"parent_id": first["task_id"]}).get_json()
    assert children["total"] == 7
    assert {child["status"] for child in children["items"]} == {states.SUCCESS}
    meta = orjson.loads((models_dir / "meta" / "meta_P0.json").read_bytes())
    assert meta["version"] == 1
    stored = client.get("/products/P0/forecast").get_json()
    assert (stored["engine"], len(stored["forecast"])) == ("auto", 28)
    refreshed = finished(client, refresh_at_once())["result"]
    assert (refreshed["unchanged"], refreshed["failed"], refreshed["prophet"]["refreshed"]) == (5, 0, 3)


def test_data_errors_end_at_once_with_a_clear_message(
    worker: Path, database: Database, as_role: Callable[[Role], FlaskClient]
) -> None:
    client = as_role(Role.ANALYST)
    product = factories.make_product(database, "NEVER SOLD")
    assert product.id
    task_id = client.post("/predict/async", json={"product_sku": "NEVER SOLD"}).get_json()["task_id"]
    document = finished(client, task_id)
    assert (document["status"], document["attempts"]) == (states.FAILURE, 1)
    assert "no sales yet" in document["error"]["message"]
    outcome = client.get(f"/tasks/{task_id}/result").get_json()
    assert outcome["success"] is False


def test_the_workers_answer_for_themselves(worker: Path, as_role: Callable[[Role], FlaskClient]) -> None:
    client = as_role(Role.OPERATOR)
    # The worker enters itself anew within seconds after the database was emptied.
    wait_until(lambda: client.get("/celery/health").get_json()["success"], "the worker to show itself")
    assert client.get("/tasks/celery/status").get_json()["celery_status"] == "available"
    assert client.get("/api/celery/workers").get_json()["available"] is True
    assert client.get("/celery/tasks").get_json() == {"total": 0, "tasks": []}


def test_beat_starts_the_nightly_training(
    worker: Path, database: Database, models_dir: Path, tmp_path: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    """The entry itself fires, at a time brought near by the setting for it."""
    product = factories.make_product(database, "NIGHTLY")
    factories.sell(database, product, factories.weekly_demand(70), until=YESTERDAY)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=65)
    client = as_role(Role.OPERATOR)

    def nightly_run() -> Any:
        wanted = {"kind": TaskKind.TRAIN_ALL.value, "status": states.SUCCESS}
        return client.get("/tasks", query_string=wanted).get_json()["items"]

    at = {"NIGHTLY_TRAINING_AT": soon.strftime("%H:%M"), "LOG_LEVEL": "INFO"}
    with celery_process("beat", tmp_path / "beat.log", "--pidfile", "", **at):
        found = wait_until(nightly_run, f"the nightly run; see {tmp_path}/beat.log")
    assert isinstance(found, list)
    task = client.get(f"/tasks/{found[0]['task_id']}").get_json()
    assert task["result"]["trained"] == 1
    assert task["owner"] is None


def test_a_killed_workers_task_is_finished_by_another(
    worker: Path, database: Database, models_dir: Path, tmp_path: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    """A worker killed in the middle of a task leaves a lease that runs out; the task is taken back."""
    for number in range(6):
        product = factories.make_product(database, f"K{number}")
        factories.sell(database, product, factories.weekly_demand(300, seed=number), until=YESTERDAY)
    client = as_role(Role.OPERATOR)
    lonely = ("--concurrency", "1", "-Q", "lonely", "--without-mingle", "--without-gossip")
    products = list(range(1, 7))
    # Whoever holds the models keeps the worker from finishing before it is killed.
    with (
        celery_process("worker", tmp_path / "lonely.log", *lonely) as process,
        database.transaction() as holder,
    ):
        artifact_queries.lock_models(holder, products)
        task_id, chunk = uuid4(), {"product_ids": products}
        queue.send_task(TaskKind.TRAIN_CHUNK.value, str(task_id), chunk, queue="lonely", priority=5)
        running = lambda: client.get("/tasks/active").get_json()["active_tasks"]  # noqa: E731
        wait_until(running, "the lonely worker to start")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with database.transaction() as session:
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        task_changes.change(session, task_id, states.RUNNING, {"lease_expires_at": past})
    assert housekeeping.reconcile()["taken_back"] == 1
    document = finished(client, str(task_id))
    assert document["status"] == states.SUCCESS
    assert document["attempts"] == 2
    assert document["result"]["trained"] + document["result"]["unchanged"] == 6
