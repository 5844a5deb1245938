"""Workflows at work: many at once, one of them failing, and a worker that is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets
from siprems_backend.services.datasets import uploads
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role
from tests.e2e.conftest import celery_process, wait_until
from tests.services.datasets.conftest import Sent
from tests.services.workflows.bodies import houses

API = "/api/v1/workflows"
WORKER = ("--concurrency", "2", "-Q", "pipelines", "--without-mingle", "--without-gossip")


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def dataset_id(analyst: FlaskClient) -> str:
    """A dataset of the analyst's, made here: a worker need not read the file first."""
    profile = analyst.get("/auth/profile").json
    owner = Principal(profile["id"], profile["email"], Role.ANALYST)
    rows = "".join(f"{'Roma' if n % 3 else 'Wien'},{50 + n},{1000 + 7 * n + n % 5}\n" for n in range(60))
    record = uploads.receive(Sent(f"city,area,price\n{rows}".encode(), "houses.csv"), owner)
    datasets.convert(record.id)
    return str(record.id)


def saved(client: FlaskClient, name: str, **more: Any) -> str:
    answer = client.post(API, json={"name": name, "pipeline": houses(**more)})
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
    ids.insert(1, saved(analyst, "Broken", column="rent"))
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
    assert "Node 'node_2' (missing_values)" in bad["error"]["message"]
    assert "rent" in bad["error"]["message"]
    made = analyst.get(f"/tasks/{result['results'][0]['task_id']}/result").json["result"]
    assert (made["success"], made["version"], made["workflow_id"]) == (True, 1, ids[0])
    assert made["results"][-1]["output"]["metrics"]["test_r2"] > 0.9


def test_a_validation_sees_the_data(worker: Path, analyst: FlaskClient, dataset_id: str) -> None:
    workflow_id = saved(analyst, "Broken", column="rent")
    path = f"/tasks/workflow/{workflow_id}/validate"

    def found(**inputs: Any) -> dict[str, Any]:
        task = ended(analyst, analyst.post(path, json={"inputs": inputs}).json["task_id"])
        assert task["status"] == "SUCCESS"
        return dict(task["result"])

    bad = found(dataset_id=dataset_id)
    assert bad["valid"] is False
    (problem,) = bad["problems"]
    assert (problem["id"], problem["node_type"], problem["field"]) == (
        "node_2",
        "missing_values",
        "input.columns",
    )
    assert found(dataset_id=dataset_id, missing_values={"columns": ["area"]}) == {
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
    # Slow enough to be at it when the worker dies.
    forest = {"node_type": "random_forest", "input": {"n_estimators": 300}}
    ids = [saved(analyst, f"Seed {seed}", random_state=seed, model=forest) for seed in range(8)]
    with celery_process("worker", tmp_path / "first.log", *WORKER) as first:
        parent_id = submitted(analyst, ids, dataset_id)

        def states() -> Counter[str]:
            return Counter(analyst.get(f"/tasks/{parent_id}").json["children"]["by_status"])

        wait_until(lambda: states()["SUCCESS"], f"the first to end; see {tmp_path}")
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        assert states()["SUCCESS"] < len(ids)
        with celery_process("worker", tmp_path / "second.log", *WORKER):
            parent = ended(analyst, parent_id)
    assert parent["status"] == "SUCCESS"
    result = parent["result"]
    assert (result["succeeded"], len(result["results"])) == (8, 8)
    assert [each["workflow_id"] for each in result["results"]] == ids
