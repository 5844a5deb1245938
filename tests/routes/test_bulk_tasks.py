"""Many tasks by one request: all or none, children of one parent, cancelled together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from siprems_backend.errors import Invalid
from siprems_backend.extensions.broker import broker
from siprems_backend.extensions.database import Database
from siprems_backend.services.task_registry import TaskKind, fan_out, lifecycle, reconciler
from siprems_backend.services.task_registry.kinds import Queue
from siprems_backend.tasks.bulk_tasks import run_bulk
from siprems_backend.utils.roles import Role
from tests import factories

ORDERS = [
    {"kind": "train", "product_sku": "A"},
    {"kind": "predict", "product_sku": "A"},
    {"kind": "predict", "product_sku": "A", "days": 28},
    {"kind": "train", "product_sku": "B/é"},
]


@pytest.fixture
def products(database: Database) -> None:
    for sku in ("A", "B/é"):
        factories.make_product(database, sku)


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient], products: None) -> FlaskClient:
    return as_role(Role.ANALYST)


def submitted(client: FlaskClient, *, orders: Any = None, key: str | None = None, **more: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = client.post("/tasks/bulk", json={"tasks": orders or ORDERS, **more}, headers=headers)
    assert answer.status_code == 202, answer.get_json()
    return answer.get_json()


def send_out(parent_id: str, sent: int) -> None:
    """Do as a worker does with the parent; so many messages of children are sent."""
    before = sum(broker.lengths(list(Queue)).values())
    run_bulk.apply(kwargs={"tasks": len(ORDERS), "digest": ""}, task_id=parent_id)
    assert sum(broker.lengths(list(Queue)).values()) == before + sent


def run_child(task_id: str, error: Exception | None = None) -> None:
    held = lifecycle.claim(UUID(task_id), TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    end_child(held, error)


def end_child(held: lifecycle.Claim, error: Exception | None) -> None:
    if error is None:
        lifecycle.succeed(held, {"status": "success"}, [])
    else:
        lifecycle.fail(held, error, "", [])
    assert held.parent_id is not None
    fan_out.update_parent(held.parent_id)


def test_children_run_under_one_parent_whose_result_tells_of_all(analyst: FlaskClient) -> None:
    body = submitted(analyst)
    parent, ids = body["task_id"], body["task_ids"]
    assert (len(ids), body["message"]) == (4, "4 tasks submitted")
    children = analyst.get(body["children_url"]).get_json()
    assert children["total"] == 4
    found = {child["task_id"]: child for child in children["items"]}
    assert [found[each]["args"] for each in ids] == [
        {"product_sku": "A"},
        {"product_sku": "A", "forecast_days": 7},
        {"product_sku": "A", "forecast_days": 28},
        {"product_sku": "B/é"},
    ]
    send_out(parent, 4)
    for each in ids[:2]:
        run_child(each)
    document = analyst.get(f"/tasks/{parent}").get_json()
    assert document["children"] == {"total": 4, "by_status": {"PENDING": 2, "SUCCESS": 2}}
    assert document["progress"]["percent"] == 50
    # What a child that runs has done counts as well, in the list as in the document.
    held = lifecycle.claim(UUID(ids[2]), TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    lifecycle.report(held, 1, 4, "Working", [])
    listed = {each["task_id"]: each for each in analyst.get("/tasks/active").get_json()["active_tasks"]}
    assert listed[parent]["progress"]["percent"] == 56.2
    assert analyst.get(f"/tasks/{parent}").get_json()["progress"]["percent"] == 56.2
    end_child(held, Invalid("nothing was ever sold"))
    run_child(ids[3])
    result = analyst.get(f"/tasks/{parent}/result").get_json()["result"]
    assert {name: result[name] for name in ("status", "total", "succeeded", "failed", "cancelled")} == {
        "status": "partial",
        "total": 4,
        "succeeded": 3,
        "failed": 1,
        "cancelled": 0,
    }
    failed = [each for each in result["results"] if each["status"] == "FAILURE"]
    assert failed == [
        {
            "task_id": ids[2],
            "kind": TaskKind.PREDICT_STOCK.value,
            "product_sku": "A",
            "status": "FAILURE",
            "error": {"type": "Invalid", "message": "nothing was ever sold"},
        }
    ]


def test_without_the_parents_message_the_children_are_sent_all_the_same(analyst: FlaskClient) -> None:
    body = submitted(analyst)
    assert reconciler.reconcile()["sent"] == 4
    send_out(body["task_id"], 0)


def test_nothing_is_submitted_when_a_task_cannot_be_done(analyst: FlaskClient) -> None:
    orders = [*ORDERS, {"kind": "train", "product_sku": "NONE"}, ORDERS[1]]
    answer = analyst.post("/tasks/bulk", json={"tasks": orders})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "invalid_tasks")
    assert answer.get_json()["error"]["fields"]["tasks"] == {
        "4": {"product_sku": ["No product with SKU 'NONE'."]},
        "5": {"product_sku": ["This is the same as task 1."]},
    }
    assert analyst.get("/tasks").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ({"kind": "delete", "product_sku": "A"}, "kind"),
        ({"kind": "train"}, "product_sku"),
        ({"kind": "train", "product_sku": "A", "days": 3}, "days"),
        ({"kind": "predict", "product_sku": "A", "days": 0}, "days"),
        ({"kind": "predict", "product_sku": "A", "days": 366}, "days"),
        ({"kind": "predict", "product_sku": "A\u0000"}, "product_sku"),
        ({"kind": "predict", "product_sku": ""}, "product_sku"),
        ({"kind": "predict", "product_sku": "A", "color": "red"}, "color"),
    ],
)
def test_problems_are_told_by_the_place_of_the_task(
    analyst: FlaskClient, order: dict[str, Any], place: str
) -> None:
    answer = analyst.post("/tasks/bulk", json={"tasks": [ORDERS[0], order]})
    assert answer.status_code == 422
    assert place in answer.get_json()["error"]["fields"]["json"]["tasks"]["1"]


@pytest.mark.parametrize("tasks", [[], None, "A", {}, [ORDERS[0]] * 1001, [None]])
def test_there_must_be_some_and_not_too_many(analyst: FlaskClient, tasks: Any) -> None:
    assert analyst.post("/tasks/bulk", json={"tasks": tasks}).status_code == 422


def test_a_thousand_tasks_are_one_request(analyst: FlaskClient, database: Database) -> None:
    skus = [f"SKU {number}" for number in range(1000)]
    for sku in skus:
        factories.make_product(database, sku)
    body = submitted(analyst, orders=[{"kind": "train", "product_sku": sku} for sku in skus])
    assert len(set(body["task_ids"])) == 1000
    send_out(body["task_id"], 1000)
    assert analyst.post(f"/tasks/{body['task_id']}/cancel").status_code == 200
    document = analyst.get(f"/tasks/{body['task_id']}").get_json()
    assert (document["status"], document["children"]["by_status"]) == ("REVOKED", {"REVOKED": 1000})
    assert (document["result"]["cancelled"], len(document["result"]["results"])) == (1000, 1000)


def test_the_same_key_gives_the_same_tasks_again(analyst: FlaskClient) -> None:
    first, again = submitted(analyst, key="k-1"), submitted(analyst, key="k-1")
    assert (first["task_id"], first["task_ids"]) == (again["task_id"], again["task_ids"])
    assert analyst.get("/tasks").get_json()["total"] == 5
    other = analyst.post("/tasks/bulk", json={"tasks": ORDERS[:1]}, headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.get_json()["error"]["code"]) == (422, "idempotency_key_reused")
    malformed = analyst.post("/tasks/bulk", json={"tasks": ORDERS}, headers={"Idempotency-Key": "a b"})
    assert malformed.status_code == 422


def test_how_urgent_and_for_how_long(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    plain = submitted(analyst)["task_ids"][1]
    assert analyst.get(f"/tasks/{plain}").get_json()["priority"] == 4
    soon = submitted(analyst, priority=7, expires_in_s=60)["task_ids"][0]
    document = analyst.get(f"/tasks/{soon}").get_json()
    assert document["priority"] == 7
    assert document["expires_at"] > document["created_at"]
    refused = analyst.post("/tasks/bulk", json={"tasks": ORDERS, "priority": 8})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "priority_too_high")
    assert submitted(as_role(Role.OPERATOR), priority=9)
    for bad in ({"priority": 10}, {"priority": -1}, {"priority": "high"}, {"expires_in_s": 0}):
        assert analyst.post("/tasks/bulk", json={"tasks": ORDERS, **bad}).status_code == 422, bad


def test_a_retry_repeats_what_did_not_end_well(analyst: FlaskClient) -> None:
    body = submitted(analyst)
    send_out(body["task_id"], 4)
    run_child(body["task_ids"][0])
    assert analyst.post(f"/tasks/{body['task_id']}/cancel").status_code == 200
    again = analyst.post(f"/tasks/{body['task_id']}/retry").get_json()["task_id"]
    send_out(again, 3)
    children = analyst.get(f"/tasks/{again}/children").get_json()
    assert {child["retry_of"] for child in children["items"]} == set(body["task_ids"][1:])
    earlier = analyst.get(f"/tasks/{again}").get_json()["earlier"]
    assert [(each["task_id"], each["status"]) for each in earlier] == [(body["task_id"], "REVOKED")]


def test_bulk_tasks_are_their_owners(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    body = submitted(analyst)
    stranger, operator = as_role(Role.ANALYST), as_role(Role.OPERATOR)
    for task_id in (body["task_id"], body["task_ids"][0]):
        for path in ("", "/status", "/result", "/logs", "/events", "/children"):
            assert stranger.get(f"/tasks/{task_id}{path}").status_code == 404, path
        assert stranger.post(f"/tasks/{task_id}/cancel").status_code == 404
        assert operator.get(f"/tasks/{task_id}").status_code == 202
    assert operator.get(f"/tasks/{body['task_id']}/children").get_json()["total"] == 4
    assert stranger.get("/tasks").get_json()["total"] == 0
    assert as_role(Role.CLERK).post("/tasks/bulk", json={"tasks": ORDERS}).status_code == 403


def test_cancelling_by_name(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    waiting, running, ended = submitted(analyst)["task_ids"][:3]
    held = lifecycle.claim(UUID(running), TaskKind.PREDICT_STOCK, {}, "worker@host")
    assert held is not None
    run_child(ended)
    others = submitted(as_role(Role.ANALYST))["task_ids"][0]
    unknown = str(uuid4())
    body = analyst.post("/tasks/cancel", json={"task_ids": [waiting, running, ended, others, unknown]})
    assert body.get_json() == {
        "total": 5,
        "tasks": [
            {"task_id": waiting, "status": "cancelled"},
            {"task_id": running, "status": "stopping"},
            {"task_id": ended, "status": "finished"},
            {"task_id": others, "status": "not_found"},
            {"task_id": unknown, "status": "not_found"},
        ],
    }
    assert lifecycle.heartbeat(held) is False


def test_cancelling_by_filter(analyst: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    first, second = submitted(analyst), submitted(analyst)
    others = submitted(as_role(Role.ANALYST))
    wanted = {"parent_id": first["task_id"], "kind": TaskKind.TRAIN_PRODUCT.value}
    assert analyst.post("/tasks/cancel", json={"filter": wanted}).get_json()["total"] == 2
    everything = analyst.post("/tasks/cancel", json={"filter": {}}).get_json()
    assert {task["status"] for task in everything["tasks"]} == {"cancelled"}
    assert everything["total"] == 2 + 2 + 4
    assert {each["task_id"] for each in everything["tasks"]} >= set(second["task_ids"])
    assert as_role(Role.OPERATOR).get(f"/tasks/{others['task_id']}").get_json()["status"] == "PENDING"
    for bad in ({}, {"task_ids": []}, {"task_ids": ["x"]}, {"filter": {"status": "SUCCESS"}}):
        assert analyst.post("/tasks/cancel", json=bad).status_code == 422, bad
