"""Trainings of learned models over HTTP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.models.tasks import Task
from siprems_backend.services import task_registry
from siprems_backend.services.learned_models import requests, runs, training
from siprems_backend.utils.roles import Role
from tests.services.learned_models.shops import stocked

TRAIN = "/api/v1/train"


@pytest.fixture
def client(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


def stored(database: Database, answer: dict[str, Any]) -> Task:
    with database.reading() as session:
        task = session.get(Task, answer["task_id"])
    assert task is not None
    return task


def test_a_training_is_a_task(client: FlaskClient, database: Database) -> None:
    response = client.post("/train/xgboost/async", json={"epochs": 12, "max_depth": 3, "priority": 6})
    assert response.status_code == 202, response.text
    answer = response.get_json()
    assert answer["model_type"] == "xgboost"
    assert answer["status"] == "submitted"
    task = stored(database, answer)
    assert task.kind == "tasks.ml_tasks.train_model_async_task"
    assert task.kwargs == {"model_type": "xgboost", "hyperparameters": {"epochs": 12, "max_depth": 3}}
    assert (task.queue, task.priority) == ("training", 6)


def test_all_types_tell_where_their_parts_are(client: FlaskClient) -> None:
    answer = client.post(f"{TRAIN}/all/async").get_json()
    assert answer["children_url"] == f"/api/v1/tasks/{answer['task_id']}/children"


def test_the_idempotency_key_gives_the_same_task(client: FlaskClient) -> None:
    sent = [
        client.post(f"{TRAIN}/lightgbm/async", json={}, headers={"Idempotency-Key": "k"}).get_json()[
            "task_id"
        ]
        for _ in range(2)
    ]
    assert sent[0] == sent[1]


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "named"),
    [
        ("xgboost", {"epochs": 0}, 422, "invalid_fields", "epochs"),
        ("xgboost", {"epochs": "many"}, 422, "invalid_fields", "epochs"),
        ("xgboost", {"wrong": 1}, 422, "invalid_fields", "wrong"),
        ("xgboost", {"hidden_sizes": [8]}, 422, "invalid_fields", "hidden_sizes"),
        ("prophet", {"epochs": 3}, 422, "invalid_fields", "epochs"),
        ("pytorch", {}, 422, "extra_not_installed", "model_type"),
        ("caffe", {}, 404, "model_type_not_found", None),
    ],
)
@pytest.mark.parametrize("end", ["", "/async"])
def test_what_cannot_be_trained_is_told(
    client: FlaskClient, path: str, body: dict[str, Any], status: int, code: str, named: str | None, end: str
) -> None:
    response = client.post(f"{TRAIN}/{path}{end}", json=body)
    error = response.get_json()["error"]
    assert (response.status_code, error["code"]) == (status, code), response.text
    assert named is None or named in str(error["fields"])


def test_a_long_training_answers_with_a_task(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "PATIENCE_SECONDS", 0.01)
    response = client.post(f"{TRAIN}/xgboost", json={"epochs": 3})
    assert response.status_code == 202
    assert response.get_json()["status_url"].endswith("/status")


@pytest.mark.parametrize(("status", "expected"), [("SUCCESS", 200), ("FAILURE", 500), ("REVOKED", 409)])
def test_a_short_training_answers_with_what_it_came_to(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch, status: str, expected: int
) -> None:
    def ended(_seconds: float, task_id: Any, _caller: Any) -> bool:
        with database.transaction() as session:
            task = session.get(Task, task_id)
            assert task is not None
            task.status, task.result = status, runs.run("pytorch", {}, unavailable="Not here.")
            task.error = {"message": "The disk is full."}
        return True

    monkeypatch.setattr(task_registry, "finishes_within", ended)
    response = client.post(f"{TRAIN}/xgboost", json={})
    assert response.status_code == expected
    if expected == 200:
        assert response.get_json()["message"] == "Not here."


def test_types_are_listed_with_what_can_be_chosen(client: FlaskClient) -> None:
    items = client.get(TRAIN).get_json()["items"]
    assert [item["model_type"] for item in items] == [
        "prophet", "xgboost", "lightgbm", "pytorch", "tensorflow", "all",
    ]  # fmt: skip
    assert items[3]["available"] is False
    assert "requirements-torch.txt" in items[3]["reason"]


def test_a_model_is_listed_shown_downloaded_and_deleted(
    client: FlaskClient, as_role: Callable[[Role], FlaskClient], database: Database, models_dir: Path
) -> None:
    stocked(database)
    asked = client.post("/predict", json={"product_sku": "A", "engine": "xgboost"})
    assert asked.status_code == 422
    assert asked.get_json()["error"]["code"] == "model_not_trained"
    training.train("xgboost", {"epochs": 2, "folds": 0}, beside=())
    page = client.get(f"{TRAIN}/models?model_type=xgboost").get_json()
    assert page["total"] == 1
    model = page["items"][0]
    assert (model["version"], model["is_active"], model["products"]) == (1, True, 3)
    url = f"{TRAIN}/models/{model['model_id']}"
    shown = client.get(url).get_json()
    assert shown["report"]["epochs"]["asked"] == 2
    file = client.get(f"{url}/file")
    assert file.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        assert "model.json" in archive.namelist()
    file.close()
    assert client.post(f"{url}/activate").get_json()["is_active"] is True
    answer = client.post("/predict", json={"product_sku": "A", "engine": "xgboost", "quantiles": True})
    assert answer.get_json()["engine"] == "xgboost"
    assert client.delete(url).status_code == 403
    operator = as_role(Role.OPERATOR)
    assert operator.delete(url).status_code == 204
    assert operator.get(url).status_code == 404
    assert operator.get(f"{url}/file").status_code == 404
    assert operator.delete(url).status_code == 404


def test_viewers_train_nothing(as_role: Callable[[Role], FlaskClient]) -> None:
    assert as_role(Role.VIEWER).post(f"{TRAIN}/xgboost/async", json={}).status_code == 403
    assert as_role(Role.VIEWER).get(f"{TRAIN}/models").status_code == 403


def test_a_training_can_be_scheduled(client: FlaskClient) -> None:
    schedule = {
        "name": "Learn on Sundays",
        "cron": "0 4 * * SUN",
        "task": "train_model",
        "parameters": {"model_type": "lightgbm", "hyperparameters": {"epochs": 50}},
    }
    response = client.post("/api/v1/schedules", json=schedule)
    assert response.status_code == 201, response.text
    assert response.get_json()["parameters"] == schedule["parameters"]
    schedule["parameters"] = {"model_type": "lightgbm", "hyperparameters": {"hidden_sizes": [4]}}
    assert client.post("/api/v1/schedules", json=schedule).status_code == 422
