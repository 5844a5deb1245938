"""Users' schedules over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from siprems_backend.extensions.database import Database
from siprems_backend.models.users import User
from siprems_backend.routes.schemas.schedules import PARAMETERS
from siprems_backend.services import schedules
from siprems_backend.services.schedule_actions import ACTIONS
from siprems_backend.utils.roles import Role
from tests import factories

API = "/api/v1/schedules"
NIGHTLY = {
    "name": "Bakery each night",
    "cron": "30 3 * * mon-fri",
    "timezone": "Europe/Berlin",
    "task": "train_category",
    "parameters": {"category": "Bakery"},
}
ALL = {"name": "All", "cron": "0 4 * * *", "task": "train_all"}


@pytest.fixture
def analyst(database: Database, as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    factories.make_product(database, "BRD-001", category="Bakery")
    return as_role(Role.ANALYST)


def made(client: FlaskClient, **values: Any) -> dict[str, Any]:
    answer = client.post(API, json={**ALL, **values})
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_a_schedule_lives_a_whole_life(analyst: FlaskClient) -> None:
    answer = analyst.post(API, json=NIGHTLY)
    assert answer.status_code == 201
    found = answer.json
    assert found["cron"] == "30 3 * * MON-FRI"
    assert (found["task"], found["parameters"]) == ("train_category", {"category": "Bakery"})
    assert (found["paused"], found["obstacle"], found["last_run_at"]) == (False, None, None)
    runs = [dt.datetime.fromisoformat(run) for run in found["next_runs"]]
    assert len(runs) == 3
    assert runs == sorted(runs)
    assert {run.astimezone(dt.UTC).hour for run in runs} <= {1, 2}
    one = f"{API}/{found['id']}"
    assert analyst.get(one).json == found
    assert analyst.get(API).json["items"] == [found]
    changed = analyst.patch(one, json={"timezone": "Asia/Kathmandu", "name": "Early"}).json
    assert (changed["name"], changed["cron"]) == ("Early", "30 3 * * MON-FRI")
    assert changed["next_runs"][0].endswith("T21:45:00Z")
    other = analyst.patch(one, json={"task": "train_product", "parameters": {"product_sku": "BRD-001"}}).json
    assert (other["task"], other["parameters"]) == ("train_product", {"product_sku": "BRD-001"})
    assert analyst.delete(one).status_code == 204
    assert analyst.get(one).status_code == 404


def test_pausing_and_resuming(analyst: FlaskClient) -> None:
    one = f"{API}/{made(analyst)['id']}"
    paused = analyst.post(f"{one}/pause").json
    assert (paused["paused"], paused["next_runs"]) == (True, [])
    assert analyst.post(f"{one}/pause").json == paused
    assert len(analyst.post(f"{one}/resume").json["next_runs"]) == 3


def test_running_now(analyst: FlaskClient) -> None:
    one = f"{API}/{made(analyst)['id']}"
    headers = {"Idempotency-Key": "now"}
    submitted = analyst.post(f"{one}/run", headers=headers)
    assert submitted.status_code == 202
    task_id = submitted.json["task_id"]
    assert analyst.post(f"{one}/run", headers=headers).json["task_id"] == task_id
    found = analyst.get(one).json
    assert (found["last_task_id"], found["last_status"]) == (task_id, "PENDING")
    assert found["last_run_at"] is not None
    assert analyst.get(f"/tasks/{task_id}").json["owner"] == found["owner"]


@pytest.mark.parametrize(
    ("task", "parameters"),
    [
        ("train_all", {}),
        ("refresh_forecasts", {}),
        ("watch_accuracy", {}),
        ("train_product", {"product_sku": "BRD-001"}),
        ("predict_batch", {"product_skus": ["BRD-001"], "days": 14}),
        ("predict_batch", {"filter": {"category": "Bakery"}, "days": 7}),
        ("run_tool", {"tool_name": "sales_export", "parameters": {"format": "csv"}}),
    ],
)
def test_everything_that_can_be_scheduled(
    analyst: FlaskClient, task: str, parameters: dict[str, Any]
) -> None:
    found = made(analyst, task=task, parameters=parameters)
    assert (found["task"], found["parameters"]) == (task, parameters)
    submitted = analyst.post(f"{API}/{found['id']}/run")
    assert submitted.status_code == 202


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"cron": "* * * *"}, "cron"),
        ({"cron": "*/30 * * * * *"}, "cron"),
        ({"cron": "0 0 31 2 *"}, "cron"),
        ({"cron": "\x00 * * * *"}, "cron"),
        ({"cron": 5}, "cron"),
        ({"cron": ""}, "cron"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "/etc/localtime"}, "timezone"),
        ({"timezone": None}, "timezone"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"task": "drop_tables"}, "task"),
        ({"task": "train_all", "parameters": {"category": "Bakery"}}, "parameters"),
        ({"task": "train_category"}, "parameters"),
        ({"task": "train_category", "parameters": {"category": "Nowhere"}}, "parameters"),
        ({"task": "train_product", "parameters": {}}, "parameters"),
        ({"task": "predict_batch", "parameters": {"days": 7}}, "parameters"),
        ({"task": "predict_batch", "parameters": {"product_skus": ["A"], "days": 0}}, "parameters"),
        ({"task": "run_tool", "parameters": {"tool_name": "nothing"}}, "tool_name"),
        ({"owner": 1}, "owner"),
    ],
)
def test_what_makes_no_sense(analyst: FlaskClient, values: dict[str, Any], field: str) -> None:
    answer = analyst.post(API, json={**ALL, **values})
    assert answer.status_code == 422
    assert field in str(answer.json["error"]["fields"])


def test_every_task_has_parameters() -> None:
    assert set(PARAMETERS) == set(ACTIONS)


def test_products_that_are_not_there(analyst: FlaskClient) -> None:
    parameters = {"product_sku": "NOWHERE"}
    answer = analyst.post(API, json={**ALL, "task": "train_product", "parameters": parameters})
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "product_not_found")
    nobody = {"filter": {"category": "Nowhere"}}
    answer = analyst.post(API, json={**ALL, "task": "predict_batch", "parameters": nobody})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "no_products")


def test_changes_that_make_no_sense(analyst: FlaskClient) -> None:
    one = f"{API}/{made(analyst)['id']}"
    for changes in ({}, {"parameters": {}}, {"cron": "x"}, {"paused": True}):
        assert analyst.patch(one, json=changes).status_code == 422
    assert analyst.get(one).json["cron"] == "0 4 * * *"


def test_schedules_are_their_owners_and_operators_see_all(
    analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]
) -> None:
    found = made(analyst)
    one = f"{API}/{found['id']}"
    other, operator = as_role(Role.ANALYST), as_role(Role.OPERATOR)
    assert other.get(API).json["total"] == 0
    assert other.get(API, query_string={"owner": found["owner"]}).json["total"] == 0
    calls = [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/run"),
    ]
    for method, rest in calls:
        body = {"name": "Mine"} if method == "PATCH" else {}
        assert other.open(one + rest, method=method, json=body).status_code == 404
    assert operator.get(API, query_string={"owner": found["owner"]}).json["total"] == 1
    submitted = operator.post(f"{one}/run").json
    assert analyst.get(f"/tasks/{submitted['task_id']}").json["owner"] == found["owner"]
    assert operator.post(f"{one}/pause").json["paused"] is True
    assert operator.delete(one).status_code == 204


def test_an_owner_who_may_no_longer(
    analyst: FlaskClient, as_role: Callable[[Role], FlaskClient], database: Database
) -> None:
    found = made(analyst)
    operator = as_role(Role.OPERATOR)
    with database.transaction() as session:
        session.execute(update(User).where(User.id == found["owner"]).values(is_active=False))
    seen = operator.get(f"{API}/{found['id']}").json
    assert seen["obstacle"] == "The account of its owner is deactivated."
    refused = operator.post(f"{API}/{found['id']}/run")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "schedule_blocked")


def test_one_may_have_so_many(analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST_SCHEDULES", 2)
    made(analyst), made(analyst)
    refused = analyst.post(API, json=ALL)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "too_many_schedules")


def test_the_same_request_twice_makes_one(analyst: FlaskClient) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = (analyst.post(API, json=ALL, headers=headers).json for _ in range(2))
    assert first == second
    assert analyst.get(API).json["total"] == 1


def test_next_runs_are_among_what_is_to_come(
    analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]
) -> None:
    found, paused = made(analyst, name="Mine"), made(analyst, name="Paused")
    analyst.post(f"{API}/{paused['id']}/pause")

    def titles(client: FlaskClient) -> dict[str, str]:
        rows = client.get("/tasks/scheduled").json["scheduled_tasks"]
        return {row["schedule"]: row["eta"] for row in rows if row["schedule"]}

    assert titles(analyst)["Mine: 0 4 * * * UTC"] == found["next_runs"][0]
    assert "train-all-models-nightly: 0 2 * * * UTC" in titles(analyst)
    assert not any("Paused" in title for title in titles(analyst))
    assert "Mine: 0 4 * * * UTC" in titles(as_role(Role.OPERATOR))
    assert "Mine: 0 4 * * * UTC" not in titles(as_role(Role.ANALYST))
