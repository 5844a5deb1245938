"""Workflows at work: many at once, one of them failing, and a worker that is killed in the middle."""

from __future__ import annotations

import io
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets
from siprems_backend.utils.roles import Role
from tests.e2e.conftest import celery_process, wait_until
from tests.services.workflows.bodies import houses

API = "/api/v1/workflows"
WORKER = ("--concurrency", "2", "-Q", "pipelines", "--without-mingle", "--without-gossip")


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def dataset_id(analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("siprems_backend.services.datasets.uploads.PATIENCE_SECONDS", 0.01)
    rows = "".join(f"{'Roma' if n % 3 else 'Wien'},{50 + n},{1000 + 7 * n + n % 5}\n" for n in range(60))
    file = (io.BytesIO(f"city,area,price\n{rows}".encode()), "houses.csv")
    found: str = analyst.post("/api/v1/datasets", data={"file": file}).json["dataset_id"]
    datasets.convert(UUID(found))
    return found


def saved(client: FlaskClient, name: str, **split: Any) -> str:
    answer = client.post(API, json={"name": name, "pipeline": houses(**split)})
    assert answer.status_code == 201, answer.json
    found: str = answer.json["id"]
    return found


def submitted(client: FlaskClient, workflow_ids: list[str], dataset_id: str) -> str:
    configs = [{"workflow_id": each, "inputs": {"dataset_id": dataset_id}} for each in workflow_ids]
    answer = client.post("/tasks/workflows/bulk-execute", json={"workflow_configs": configs})
    assert answer.status_code == 202, answer.json
    found: str = answer.json["task_id"]
    return found


def ended(client: FlaskClient, task_id: str) -> dict[str, Any]:
    """The task's document once it has ended."""
    found: Any = wait_until(
        lambda: (task := client.get(f"/tasks/{task_id}").json)["finished_at"] and task, "the end of the task"
    )
    return dict(found)


def test_one_that_fails_fails_alone(worker: Path, analyst: FlaskClient, dataset_id: str) -> None:
    ids = [saved(analyst, f"Seed {seed}", random_state=seed) for seed in range(3)]
    ids.insert(1, saved(analyst, "Broken", target="rent"))
    parent = ended(analyst, submitted(analyst, ids, dataset_id))
    assert (parent["status"], parent["children"]["by_status"]) == ("SUCCESS", {"SUCCESS": 3, "FAILURE": 1})
    assert (parent["progress"]["current"], parent["progress"]["total"]) == (4, 4)
    assert parent["message"] == "1 of 4 workflows did not succeed"
    result = parent["result"]
    assert (result["status"], result["succeeded"], result["failed"]) == ("partial", 3, 1)
    assert [each["workflow_id"] for each in result["results"]] == ids
    assert [each["name"] for each in result["results"]] == ["Seed 0", "Broken", "Seed 1", "Seed 2"]
    bad = result["results"][1]
    assert (bad["status"], bad["version"]) == ("FAILURE", 1)
    assert "Node 'node_4' (split)" in bad["error"]["message"]
    assert "rent" in bad["error"]["message"]
    made = analyst.get(f"/tasks/{result['results'][0]['task_id']}/result").json["result"]
    assert (made["success"], made["version"], made["workflow_id"]) == (True, 1, ids[0])
    assert made["results"][-1]["output"]["metrics"]["test_r2"] > 0.9


def test_a_validation_sees_the_data(worker: Path, analyst: FlaskClient, dataset_id: str) -> None:
    workflow_id = saved(analyst, "Broken", target="rent")
    path = f"/tasks/workflow/{workflow_id}/validate"

    def found(**inputs: Any) -> dict[str, Any]:
        task = ended(analyst, analyst.post(path, json={"inputs": inputs}).json["task_id"])
        assert task["status"] == "SUCCESS"
        return dict(task["result"])

    bad = found(dataset_id=dataset_id)
    assert bad["valid"] is False
    (problem,) = bad["problems"]
    assert (problem["id"], problem["node_type"], problem["field"]) == ("node_4", "split", "input.target")
    assert found(dataset_id=dataset_id, split={"target": "price"}) == {
        "workflow_id": workflow_id,
        "version": 1,
        "valid": True,
        "problems": [],
    }
    (unknown,) = found(nobody=1)["problems"]
    assert unknown["field"] == "inputs.nobody"
    (elsewhere,) = found()["problems"]
    assert elsewhere["id"] == "node_1"


def test_killing_a_worker_loses_nothing(analyst: FlaskClient, dataset_id: str, tmp_path: Path) -> None:
    ids = [saved(analyst, f"Seed {seed}", random_state=seed) for seed in range(10)]
    with celery_process("worker", tmp_path / "first.log", *WORKER) as first:
        parent_id = submitted(analyst, ids, dataset_id)

        def states() -> Counter[str]:
            return Counter(analyst.get(f"/tasks/{parent_id}").json["children"]["by_status"])

        wait_until(lambda: states()["SUCCESS"], f"the first to end; see {tmp_path}")
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        assert states()["SUCCESS"] < len(ids)
        with celery_process("worker", tmp_path / "second.log", *WORKER):
            wait_until(lambda: queue.inspect_workers("ping", 1.0), "the second worker")
            parent = ended(analyst, parent_id)
    assert parent["status"] == "SUCCESS"
    result = parent["result"]
    assert (result["succeeded"], len(result["results"])) == (10, 10)
    assert [each["workflow_id"] for each in result["results"]] == ids
