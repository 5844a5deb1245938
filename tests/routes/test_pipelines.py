"""Pipelines over HTTP."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.routes.schemas.pipelines import PipelineResultSchema
from siprems_backend.services.pipelines import waiting
from siprems_backend.services.task_registry import views
from siprems_backend.utils.roles import Role
from tests import working
from tests.engine.pipelines.houses import GUIDE, houses

AsRole = Callable[[Role], FlaskClient]
API = "/api/v1"


@pytest.fixture
def analyst(as_role: AsRole) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long this machine takes: the answer is the result."""
    monkeypatch.setattr(waiting, "patience_seconds", lambda: 90.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is running, so nobody waits for one."""
    monkeypatch.setattr(waiting, "patience_seconds", lambda: 0.01)


@pytest.fixture
def worker(patient: None, analyst: FlaskClient) -> Iterator[None]:
    with working.a_worker():
        yield


def upload(client: FlaskClient, content: bytes | None = None) -> str:
    data = houses().to_csv(index=False).encode() if content is None else content
    response = client.post(f"{API}/datasets", data={"file": (io.BytesIO(data), "houses.csv")})
    assert response.status_code == 201, response.text
    return str(response.get_json()["dataset_id"])


def guide(dataset_id: str) -> dict[str, Any]:
    body = copy.deepcopy(GUIDE)
    body["pipeline"][0]["input"]["dataset_id"] = dataset_id
    return body


def test_the_body_of_the_specification_runs_as_it_stands(analyst: FlaskClient, worker: None) -> None:
    response = analyst.post(f"{API}/ml/pipeline/run", json=guide(upload(analyst)))
    assert response.status_code == 200, response.text
    answer = response.get_json()
    assert (answer["success"], answer["pipeline_name"], len(answer["results"])) == (True, "houses", 7)
    assert not PipelineResultSchema().validate(answer)
    for result in answer["results"]:
        assert {"node_type", "status", "seconds", "rows", "columns", "output"} <= set(result)
    output = answer["results"][-1]["output"]
    assert {"train_r2", "test_r2", "train_rmse", "test_rmse"} <= set(output["metrics"])
    assert 0.9 < output["metrics"]["test_r2"] <= 1
    model = analyst.get(f"{API}/ml/models/{output['model_id']}")
    assert (model.status_code, model.get_json()["name"]) == (200, "houses")


def test_a_run_that_is_a_task_tells_its_nodes(analyst: FlaskClient, worker: None) -> None:
    dataset_id = upload(analyst)
    response = analyst.post("/ml/pipeline/run-async", json=guide(dataset_id))
    assert response.status_code == 202
    body = response.get_json()
    assert body["success"] is True
    task_id = body["task_id"]
    for name in ("status", "result", "cancel"):
        assert body[f"{name}_url"] == f"{API}/tasks/{task_id}/{name}"
    while (told := analyst.get(body["result_url"])).status_code == 202:
        pass
    assert told.get_json()["result"]["results"][-1]["node_type"] == "linear_regression"
    document = analyst.get(body["status_url"]).get_json()
    assert document["kind"] == "tasks.pipeline_tasks.execute_pipeline_task"
    progress = document["progress"]
    assert progress["status"].startswith("Executing node: ")
    assert (progress["total_nodes"], progress["percent"]) == (7, 100.0)
    assert 1 <= progress["current_node"] <= 7


def test_what_takes_longer_than_a_call_waits_is_a_task(
    analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working.a_worker():
        dataset_id = upload(analyst)
    monkeypatch.setattr(waiting, "patience_seconds", lambda: 0.01)
    response = analyst.post(f"{API}/ml/pipeline/run", json=guide(dataset_id))
    assert response.status_code == 202
    assert {"success", "task_id", "status_url", "result_url", "cancel_url"} <= set(response.get_json())
    assert analyst.delete(f"{API}/datasets/{dataset_id}").get_json()["error"]["code"] == "dataset_in_use"
    assert views.next_to_start(1)[0].kwargs["body"]["pipeline_name"] == "houses"


def test_too_many_rows_to_wait_for(app: Flask, analyst: FlaskClient, worker: None, monkeypatch: Any) -> None:
    from siprems_backend.services.pipelines import requests

    dataset_id = upload(analyst)
    small = app.config["SETTINGS"].model_copy(update={"pipeline_sync_rows": 100})
    monkeypatch.setattr(requests, "get_settings", lambda: small)
    response = analyst.post(f"{API}/ml/pipeline/run", json=guide(dataset_id))
    assert (response.status_code, response.get_json()["error"]["code"]) == (413, "too_many_rows")
    assert "200 rows" in response.get_json()["message"]
    assert analyst.post(f"{API}/ml/pipeline/run-async", json=guide(dataset_id)).status_code == 202


def test_a_node_is_run_by_itself(analyst: FlaskClient, worker: None) -> None:
    dataset_id = upload(analyst)
    profile = {"node_type": "profile", "dataset_id": dataset_id}
    answer = analyst.post(f"{API}/ml/nodes/run", json=profile).get_json()
    assert answer["success"] is True
    assert answer["results"][-1]["output"]["rows"] == 200
    source = {"node_type": "upload_file", "input": {"dataset_id": dataset_id}}
    assert analyst.post(f"{API}/ml/nodes/run", json=source).get_json()["results"][0]["rows"] == 200
    tree = {
        "node_type": "decision_tree",
        "input": {"max_depth": 3},
        "source": source,
        "split": {"target": "city", "method": "stratified"},
    }
    accepted = analyst.post(f"{API}/ml/nodes/run-async", json=tree)
    assert accepted.status_code == 202
    while (told := analyst.get(accepted.get_json()["result_url"])).status_code == 202:
        pass
    assert told.get_json()["result"]["results"][-1]["output"]["task"] == "classification"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"node_type": "scalling"}, "node_type"),
        ({"input": {"method": "log"}}, "input.method"),
        ({"input": {"columns": ["rooms"]}}, "input.columns"),
        ({"dataset_id": "../etc/passwd"}, "dataset_id"),
        ({"split": {"target": "rooms"}}, "split.target"),
        ({"node_type": "scaling", "input": {"columns": ["city"]}}, "input.columns"),
    ],
)
def test_problems_of_a_node_are_in_the_fields_of_its_body(
    analyst: FlaskClient, worker: None, change: dict[str, Any], field: str
) -> None:
    body = {"node_type": "scaling", "dataset_id": upload(analyst), **change}
    response = analyst.post(f"{API}/ml/nodes/run", json=body)
    assert response.status_code == 422
    assert list(response.get_json()["error"]["fields"]) == [field]


def test_the_same_key_is_the_same_run(analyst: FlaskClient, impatient: None) -> None:
    body = {"pipeline": [{"node_type": "forecast"}]}
    first, again = (
        analyst.post(f"{API}/ml/pipeline/run-async", json=body, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    )
    assert first.get_json()["task_id"] == again.get_json()["task_id"]


def test_nobody_runs_on_the_data_of_others(as_role: AsRole, analyst: FlaskClient, worker: None) -> None:
    body = guide(upload(analyst))
    response = as_role(Role.ANALYST).post(f"{API}/ml/pipeline/run", json=body)
    assert response.status_code == 422
    assert list(response.get_json()["error"]["fields"]) == ["pipeline.0.input.dataset_id"]
    assert as_role(Role.OPERATOR).post(f"{API}/ml/pipeline/run-async", json=body).status_code == 202


def test_roles(as_role: AsRole, client: FlaskClient) -> None:
    for path in ("pipeline/run", "pipeline/run-async", "nodes/run", "nodes/run-async"):
        assert client.post(f"{API}/ml/{path}", json={}).status_code == 401
        assert as_role(Role.CLERK).post(f"{API}/ml/{path}", json={}).status_code == 403
    assert as_role(Role.CLERK).get(f"{API}/ml/nodes").status_code == 403


def test_half_of_the_threads_wait_at_most(app: Flask) -> None:
    room = waiting._Room()
    seats = [room.seat() for _ in range(app.config["SETTINGS"].web_threads)]
    free = [seat.__enter__() for seat in seats]
    assert free.count(True) == len(seats) // 2
    for seat in seats:
        seat.__exit__(None, None, None)
    with room.seat() as there_is_room:
        assert there_is_room
