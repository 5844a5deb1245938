"""Workflows that run regularly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from siprems_backend.extensions.database import Database
from siprems_backend.services.regular_runs import RegularRuns
from siprems_backend.utils.roles import Role
from tests.services.workflows.bodies import NOWHERE, houses

API = "/api/v1/workflows"
NEW = {"name": "Houses", "pipeline": houses()}
DATA = {"data": {"sets": [{"node": "upload_file", "input": "dataset_id"}], "required": True}}


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def workflow_id(analyst: FlaskClient) -> str:
    found: str = analyst.post(API, json={**NEW, "parameters": DATA}).json["id"]
    return found


def schedule(client: FlaskClient, workflow_id: str, **inputs: Any) -> Any:
    parameters = {"workflow_id": workflow_id, "inputs": inputs}
    body = {"name": "Nightly", "cron": "0 4 * * *", "task": "run_workflow", "parameters": parameters}
    return client.post("/api/v1/schedules", json=body)


def test_a_schedule_runs_the_version_that_is_current_then(analyst: FlaskClient, workflow_id: str) -> None:
    made = schedule(analyst, workflow_id, data=NOWHERE)
    assert made.status_code == 201
    assert made.json["parameters"] == {"workflow_id": workflow_id, "inputs": {"data": NOWHERE}}
    run = f"/api/v1/schedules/{made.json['id']}/run"
    first = analyst.post(run, headers={"Idempotency-Key": "now"}).json["task_id"]
    analyst.put(f"{API}/{workflow_id}", json={**NEW, "description": "Other", "parameters": DATA})
    assert analyst.post(run, headers={"Idempotency-Key": "now"}).json["task_id"] == first
    second = analyst.post(run).json["task_id"]
    args = [analyst.get(f"/tasks/{task_id}").json["args"] for task_id in (first, second)]
    assert [each["version"] for each in args] == [1, 2]
    assert args[1]["inputs"] == {"data": NOWHERE}


def test_beat_starts_the_current_version(analyst: FlaskClient, workflow_id: str, database: Database) -> None:
    made = schedule(analyst, workflow_id, data=NOWHERE).json
    analyst.put(f"{API}/{workflow_id}", json={**NEW, "description": "Other", "parameters": DATA})
    earlier = "UPDATE schedule_slots SET slot = slot - interval '1 day' WHERE schedule LIKE 'user:%'"
    with database.transaction() as session:
        session.execute(text(earlier))
    started = RegularRuns().start_due()
    mine = [analyst.get(f"/tasks/{task_id}") for task_id in started]
    (task,) = [each.json for each in mine if each.status_code != 404]
    assert (task["args"]["version"], task["owner"]) == (2, made["owner"])
    expires = dt.datetime.fromisoformat(task["expires_at"])
    assert expires > dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("inputs", [{}, {"nobody": 1}, {"data": 5}])
def test_a_schedule_must_give_what_the_workflow_takes(
    analyst: FlaskClient, workflow_id: str, inputs: dict[str, Any]
) -> None:
    assert schedule(analyst, workflow_id, **inputs).status_code == 422
    assert schedule(analyst, NOWHERE).json["error"]["code"] == "workflow_not_found"


def test_a_scheduled_workflow_is_not_deleted(
    analyst: FlaskClient, workflow_id: str, as_role: Callable[[Role], FlaskClient]
) -> None:
    mine = schedule(analyst, workflow_id, data=NOWHERE).json["id"]
    operators = schedule(as_role(Role.OPERATOR), workflow_id, data=NOWHERE).json["id"]
    analyst.post(f"/api/v1/schedules/{mine}/pause")
    refused = analyst.delete(f"{API}/{workflow_id}")
    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (409, "workflow_scheduled")
    assert error["fields"] == {"schedules": [mine, operators]}
    assert f"the schedule {mine} (Nightly)" in error["message"]
    assert f"the schedule {operators} of another user" in error["message"]
    for schedule_id in (mine, operators):
        as_role(Role.OPERATOR).delete(f"/api/v1/schedules/{schedule_id}")
    assert analyst.delete(f"{API}/{workflow_id}").status_code == 204


def test_a_change_must_fit_the_schedules_that_are_not_paused(analyst: FlaskClient, workflow_id: str) -> None:
    one, path = f"{API}/{workflow_id}", "/api/v1/schedules"
    mine = schedule(analyst, workflow_id, data=NOWHERE).json["id"]
    without = {**NEW, "description": "No parameters"}
    refused = analyst.put(one, json=without)
    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (409, "workflow_scheduled")
    assert "inputs.data" in error["message"]
    assert analyst.get(one).json["version"] == 1
    analyst.post(f"{path}/{mine}/pause")
    assert analyst.put(one, json=without).json["version"] == 2
    blocked = analyst.post(f"{path}/{mine}/resume").json
    assert "inputs.data" in blocked["obstacle"]
    assert blocked["next_runs"] == []
    assert analyst.post(f"{path}/{mine}/run").json["error"]["code"] == "schedule_blocked"
    mended = {"task": "run_workflow", "parameters": {"workflow_id": workflow_id, "inputs": {}}}
    assert analyst.patch(f"{path}/{mine}", json=mended).json["obstacle"] is None


def test_whoever_may_no_longer_see_a_workflow_runs_it_no_longer(
    analyst: FlaskClient, workflow_id: str, as_role: Callable[[Role], FlaskClient]
) -> None:
    operator = as_role(Role.OPERATOR)
    made = schedule(operator, workflow_id, data=NOWHERE).json
    as_role(Role.ADMIN).patch(f"/api/v1/users/{made['owner']}", json={"role": "analyst"})
    seen = as_role(Role.OPERATOR).get(f"/api/v1/schedules/{made['id']}").json
    assert seen["obstacle"] == f"There is no workflow {workflow_id}."
