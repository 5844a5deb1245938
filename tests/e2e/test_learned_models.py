"""All types of models by one call, with a real worker: progress, the table, and what they forecast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services import worker_registry
from siprems_backend.utils.roles import Role
from siprems_engine.forecasting.learned import can_train
from tests.e2e.conftest import wait_until
from tests.services.learned_models.shops import stocked

TERMINAL = {"SUCCESS", "FAILURE", "REVOKED"}


def document(client: FlaskClient, task_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/tasks/{task_id}/status").get_json()
    return found


def test_all_types_are_trained_and_serve(
    worker: Path, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    stocked(database)
    client = as_role(Role.ANALYST)
    wait_until(worker_registry.alive, "the worker's entry")
    body = {"epochs": 3, "folds": 1, "hidden_sizes": [8]}
    sent = client.post("/train/all/async", json=body).get_json()
    wait_until(lambda: document(client, sent["task_id"])["status"] in TERMINAL, "the trainings")
    result = document(client, sent["task_id"])["result"]
    # Frameworks are used where they are installed; where not, that is said.
    assert {name: each["status"] for name, each in result["models"].items()} == {
        "prophet": "success",
        "xgboost": "success",
        "lightgbm": "success",
        **{name: "success" if can_train(name) else "skipped" for name in ("pytorch", "tensorflow")},
    }, result
    engines = {line["engine"] for line in result["comparison"]}
    assert {"prophet", "prophet-adaptive", "auto", "xgboost", "lightgbm", "auto+xgboost"} <= engines
    answer = client.post("/predict", json={"product_sku": "A", "engine": "lightgbm"})
    assert answer.get_json()["engine"] == "lightgbm"


def test_a_training_is_cancelled_between_two_rounds(
    worker: Path, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    stocked(database)
    client = as_role(Role.ANALYST)
    sent = client.post("/train/xgboost/async", json={"epochs": 5000, "patience": 1000, "max_depth": 8})
    task_id = sent.get_json()["task_id"]

    def learning() -> bool:
        return "epoch" in (document(client, task_id)["progress"] or {})

    wait_until(learning, "the first epochs")
    progress = document(client, task_id)["progress"]
    assert progress["epochs"] == 5000
    assert progress["loss"] > 0
    assert progress["validation_loss"] > 0
    assert client.post(f"/api/v1/tasks/{task_id}/cancel").status_code == 200
    wait_until(lambda: document(client, task_id)["status"] in TERMINAL, "its end")
    assert document(client, task_id)["status"] == "REVOKED"
    assert client.get("/api/v1/train/models").get_json()["total"] == 0
