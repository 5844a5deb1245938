"""Workflows over HTTP: saved by version, and submitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests.services.workflows.bodies import NOWHERE, houses, joined

API = "/api/v1/workflows"
NEW = {"name": "Houses", "pipeline": houses()}
SETS = [{"node": "upload_file", "input": "dataset_id"}]


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


def made(client: FlaskClient, **values: Any) -> dict[str, Any]:
    answer = client.post(API, json={**NEW, **values})
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_a_workflow_lives_a_whole_life(analyst: FlaskClient) -> None:
    answer = analyst.post(API, json={**NEW, "parameters": {"data": {"sets": SETS}}})
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    found = answer.json
    assert (found["version"], found["nodes"], found["pipeline"]) == (1, 5, houses())
    assert found["parameters"] == {"data": {"sets": SETS, "required": False, "description": ""}}
    one = f"{API}/{found['id']}"
    shown = analyst.get(one)
    assert (shown.json, shown.headers["ETag"]) == (found, '"1"')
    listed = analyst.get(API).json["items"]
    assert listed == [{name: found[name] for name in listed[0]}]
    assert "pipeline" not in listed[0]
    changed = analyst.put(one, json={**NEW, "name": "Homes", "pipeline": joined()})
    assert (changed.json["version"], changed.json["name"], changed.headers["ETag"]) == (2, "Homes", '"2"')
    versions = analyst.get(f"{one}/versions").json["items"]
    assert [(each["version"], each["nodes"]) for each in versions] == [(2, 4), (1, 5)]
    assert analyst.get(f"{one}/versions/1").json["pipeline"] == houses()
    restored = analyst.post(f"{one}/versions/1/restore").json
    assert (restored["version"], restored["name"], restored["pipeline"]) == (3, "Homes", houses())
    assert analyst.get(f"{one}/versions/3").json["restored_from"] == 1
    assert analyst.delete(one).status_code == 204
    assert analyst.get(one).json["error"]["code"] == "workflow_not_found"
    assert analyst.get(API).json["total"] == 0


def test_a_whole_body_is_read_as_its_list(analyst: FlaskClient) -> None:
    body = {"pipeline_name": "houses", "pipeline": houses()}
    assert made(analyst, pipeline=body)["pipeline"] == houses()


@pytest.mark.parametrize(
    ("header", "version", "status"),
    [
        ('"2"', None, 200),
        ('W/"2"', None, 200),
        ('"1", "2"', None, 200),
        ("*", None, 200),
        (None, 2, 200),
        ('"2"', 2, 200),
        ('"1"', None, 409),
        ('"x"', None, 409),
        ('"99999999999"', None, 409),
        ('"", "²", "-2", "02"', None, 409),
        ("W/, ,", None, 409),
        (None, 1, 409),
        ("*", 1, 409),
        ('"1"', 2, 400),
        (None, 0, 422),
        (None, "2", 422),
    ],
)
def test_changes_of_what_has_changed_meanwhile(
    analyst: FlaskClient, header: str | None, version: Any, status: int
) -> None:
    one = f"{API}/{made(analyst)['id']}"
    assert analyst.put(one, json={**NEW, "description": "Theirs"}).json["version"] == 2
    headers = {} if header is None else {"If-Match": header}
    body = {**NEW, "description": "Mine"} | ({} if version is None else {"version": version})
    answer = analyst.put(one, json=body, headers=headers)
    assert answer.status_code == status, answer.json
    assert analyst.get(one).json["description"] == ("Mine" if status == 200 else "Theirs")
    if status == 409:
        assert answer.json["error"]["code"] == "workflow_changed"
        refused = analyst.post(
            f"{one}/versions/1/restore", json={} if version is None else {"version": version}, headers=headers
        )
        assert refused.status_code == 409


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"pipeline": []}, "pipeline"),
        ({"pipeline": None}, "pipeline"),
        ({"pipeline": "houses"}, "pipeline"),
        ({"pipeline": {}}, "pipeline"),
        ({"pipeline": [1]}, "pipeline"),
        ({"pipeline": [{"node_type": "nothing"}]}, "pipeline"),
        ({"pipeline": [houses()[0]] * 201}, "pipeline"),
        ({"parameters": {"data": {}}}, "sets"),
        ({"parameters": {"data": {"sets": []}}}, "sets"),
        ({"parameters": {"": {"sets": SETS}}}, "parameters"),
        ({"parameters": {"data": {"sets": [{"node": "nobody", "input": "x"}]}}}, "parameters.data.sets.0"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_makes_no_sense(analyst: FlaskClient, values: dict[str, Any], field: str) -> None:
    answer = analyst.post(API, json={**NEW, **values})
    assert answer.status_code == 422
    assert field in str(answer.json["error"]["fields"])
    assert analyst.get(API).json["total"] == 0


def test_a_large_one_is_refused(analyst: FlaskClient) -> None:
    nodes = [{"node_type": "dataset", "input": {"dataset_id": "x" * 300_000}}]
    answer = analyst.post(API, json={**NEW, "pipeline": nodes})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "workflow_too_large")


def test_the_same_request_twice_makes_one(analyst: FlaskClient) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = (analyst.post(API, json=NEW, headers=headers).json for _ in range(2))
    assert first == second
    again = analyst.post(API, json=NEW)
    assert (again.status_code, again.json["error"]["code"]) == (409, "workflow_exists")


def test_the_list_is_searched_and_sorted(analyst: FlaskClient) -> None:
    for name in ("b 50%", "a_1", "Ünïcode / ../"):
        made(analyst, name=name)
    names = [each["name"] for each in analyst.get(f"{API}?sort=-name").json["items"]]
    assert set(names) == {"b 50%", "a_1", "Ünïcode / ../"}
    for search, found in (("%", ["b 50%"]), ("_", ["a_1"]), ("ÜNÏ", ["Ünïcode / ../"]), ("zzz", [])):
        items = analyst.get(API, query_string={"search": search}).json["items"]
        assert [each["name"] for each in items] == found
    page = analyst.get(f"{API}?page=2&page_size=2").json
    assert (len(page["items"]), page["total"]) == (1, 3)


def test_workflows_are_their_owners(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    found = made(analyst)
    one = f"{API}/{found['id']}"
    stranger, operator = as_role(Role.ANALYST), as_role(Role.OPERATOR)
    calls: list[tuple[str, str, Any]] = [
        ("GET", one, None),
        ("PUT", one, NEW),
        ("DELETE", one, None),
        ("GET", f"{one}/versions", None),
        ("GET", f"{one}/versions/1", None),
        ("POST", f"{one}/versions/1/restore", {}),
        ("POST", f"/tasks/workflow/{found['id']}/execute", {}),
        ("POST", f"/tasks/workflow/{found['id']}/validate", {}),
    ]
    for method, path, body in calls:
        more = {} if body is None else {"json": body}
        assert stranger.open(path, method=method, **more).status_code == 404, (method, path)
    configs = {"workflow_configs": [{"workflow_id": found["id"]}]}
    assert stranger.post("/tasks/workflows/bulk-execute", json=configs).status_code == 422
    assert operator.get(API, query_string={"owner": found["owner"]}).json["total"] == 1
    task = operator.post(f"/tasks/workflow/{found['id']}/execute").json["task_id"]
    assert operator.get(f"/tasks/{task}").json["owner"] != found["owner"]
    assert as_role(Role.CLERK).get(API).status_code == 403


def test_an_execution_is_submitted_with_the_current_version(analyst: FlaskClient) -> None:
    found = made(analyst)
    path = f"/tasks/workflow/{found['id']}/execute"
    inputs = {"dataset_id": NOWHERE}
    answer = analyst.post(path, json={"inputs": inputs, "priority": 7}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 202
    body = answer.json
    assert (body["status"], body["workflow_id"]) == ("submitted", found["id"])
    assert body["status_url"] == f"/api/v1/tasks/{body['task_id']}/status"
    task = analyst.get(f"/tasks/{body['task_id']}").json
    assert (task["kind"], task["queue"], task["priority"]) == (TaskKind.EXECUTE_WORKFLOW, "pipelines", 7)
    assert task["args"] == {"workflow_id": found["id"], "inputs": inputs, "version": 1}
    analyst.put(f"{API}/{found['id']}", json={**NEW, "name": "Other"})
    again = analyst.post(path, json={"inputs": inputs, "priority": 7}, headers={"Idempotency-Key": "k"})
    assert again.json["task_id"] == body["task_id"]
    other = analyst.post(path, json={"inputs": {}}, headers={"Idempotency-Key": "k"})
    assert other.json["error"]["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"nobody": 1}, "invalid_inputs"),
        ({"split": {"test_size": "half"}}, "invalid_pipeline"),
        ({"split": {"color": "red"}}, "invalid_pipeline"),
        ({"dataset_id": 5}, "invalid_pipeline"),
        ({"dataset_id": None}, "invalid_pipeline"),
        ([], "invalid_fields"),
        ("x", "invalid_fields"),
    ],
)
def test_inputs_that_a_workflow_does_not_take(analyst: FlaskClient, inputs: Any, code: str) -> None:
    found = made(analyst)
    answer = analyst.post(f"/tasks/workflow/{found['id']}/execute", json={"inputs": inputs})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, code)
    assert answer.json["error"]["fields"]


def test_what_is_submitted_must_be_there(analyst: FlaskClient) -> None:
    for path in (f"/tasks/workflow/{NOWHERE}/execute", f"/tasks/workflow/{NOWHERE}/validate"):
        assert analyst.post(path).json["error"]["code"] == "workflow_not_found"
    assert analyst.post("/tasks/workflow/x/execute").status_code == 404


def test_many_are_submitted_under_a_parent(analyst: FlaskClient) -> None:
    first, second = made(analyst), made(analyst, name="Second")
    configs = [
        {"workflow_id": first["id"], "inputs": {"dataset_id": NOWHERE}},
        {"workflow_id": second["id"]},
        {"workflow_id": first["id"]},
    ]
    path = "/api/v1/tasks/workflows/bulk-execute"
    body = analyst.post(path, json={"workflow_configs": configs, "priority": 6}).json
    assert (body["message"], len(body["task_ids"])) == ("3 workflows submitted", 3)
    children = analyst.get(body["children_url"]).json
    assert {child["parent_id"] for child in children["items"]} == {body["task_id"]}
    assert {child["priority"] for child in children["items"]} == {6}
    found = [analyst.get(f"/tasks/{task_id}").json["args"]["workflow_id"] for task_id in body["task_ids"]]
    assert found == [first["id"], second["id"], first["id"]]
    assert analyst.post(f"/tasks/{body['task_id']}/cancel").status_code == 200
    parent = analyst.get(f"/tasks/{body['task_id']}").json
    assert (parent["status"], parent["children"]["by_status"]) == ("REVOKED", {"REVOKED": 3})


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"workflow_id": NOWHERE}, "There is no workflow"),
        ({"inputs": {"nobody": 1}}, "inputs.nobody"),
    ],
)
def test_of_many_nothing_is_submitted_when_one_makes_no_sense(
    analyst: FlaskClient, config: dict[str, Any], place: str
) -> None:
    found = made(analyst)["id"]
    configs = [{"workflow_id": found}, {"workflow_id": found, **config}]
    answer = analyst.post("/tasks/workflows/bulk-execute", json={"workflow_configs": configs})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid_workflows")
    problems = answer.json["error"]["fields"]["workflow_configs"]
    assert list(problems) == ["1"]
    assert place in str(problems["1"])
    assert analyst.get("/tasks").json["total"] == 0


@pytest.mark.parametrize(
    "configs", [None, [], {}, [{}], [{"workflow_id": "x"}], [{"workflow_id": NOWHERE}] * 501]
)
def test_bulk_bodies_that_make_no_sense(analyst: FlaskClient, configs: Any) -> None:
    answer = analyst.post("/tasks/workflows/bulk-execute", json={"workflow_configs": configs})
    assert answer.status_code == 422
    high = {"workflow_configs": [{"workflow_id": made(analyst)["id"]}], "priority": 9}
    assert analyst.post("/tasks/workflows/bulk-execute", json=high).status_code == 403
