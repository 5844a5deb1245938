"""Webhooks over HTTP: making, changing, trying out, looking at what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from siprems_backend.extensions.database import Database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.services.notifications import deliver_due, webhooks
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests.receivers import receiving
from tests.services.notifications.conftest import settings_of

HOOKS = "/api/v1/webhooks"
URL = "https://hooks.example.com/services/T0/sesame"
BODY = {"url": URL, "events": ["task.failed", "training_run.failed"]}
MakeClient = Callable[[Role], FlaskClient]


@pytest.fixture
def analyst(as_role: MakeClient) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def local_allowed(database: Database) -> Iterator[None]:
    """Webhooks may be on this machine."""
    with settings_of(WEBHOOK_ALLOW_PRIVATE="true", WEBHOOK_ALLOW_HTTP="true"):
        yield


def make(client: FlaskClient, **values: Any) -> dict[str, Any]:
    answer = client.post(HOOKS, json={**BODY, **values})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json or {}
    return made


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def test_the_secret_is_shown_once(analyst: FlaskClient, database: Database) -> None:
    made = make(analyst, description=" Till 1 ", kinds=[TaskKind.TRAIN_ALL.value])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert len(secret) > 40
    assert (made["url"], made["description"], made["active"]) == (URL, "Till 1", True)
    assert (made["events"], made["kinds"]) == (["task.failed", "training_run.failed"], [TaskKind.TRAIN_ALL])
    shown = analyst.get(f"{HOOKS}/{made['id']}").json
    assert shown == made
    listed = analyst.get(HOOKS).json
    assert (listed["total"], listed["items"]) == (1, [made])
    with database.reading() as session:
        audit = [json.dumps([entry.target, entry.details]) for entry in session.scalars(select(AuditEntry))]
    # Neither the secret nor the address, which may be one.
    assert len(audit) == 1
    assert secret not in audit[0]
    assert "sesame" not in audit[0]


def test_an_idempotency_key_keeps_no_secret(analyst: FlaskClient, database: Database) -> None:
    headers = {"Idempotency-Key": "once"}
    secrets = {analyst.post(HOOKS, json=BODY, headers=headers).json["secret"] for _ in range(2)}
    assert len(secrets) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"url": "http://hooks.example.com/"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://localhost:8443/"},
        {"url": "https://user:pw@hooks.example.com/"},
        {"url": "https://169.254.169.254/latest"},
        {"url": "x"},
        {"url": ""},
        {"url": None},
        {"url": 5},
        {"url": "https://a.b/" + "x" * 3000},
        {"url": "https://a.b/\0"},
        {"events": []},
        {"events": ["task.started"]},
        {"events": "task.failed"},
        {"events": [None]},
        {"events": ["webhook.test"]},
        {"events": ["task.failed"] * 101},
        {"kinds": ["nothing"]},
        {"kinds": [TaskKind.CLEANUP.value]},
        {"kinds": [TaskKind.TRAIN_CHUNK.value]},
        {"description": "x" * 201},
        {"description": "a\nb"},
        {"secret": "mine"},
        {"active": True},
        {"surprise": 1},
    ],
)
def test_bad_webhooks(analyst: FlaskClient, values: dict[str, Any]) -> None:
    answer = analyst.post(HOOKS, json={**BODY, **values})
    assert answer.status_code == 422
    assert set(values) & set(str(answer.json["error"]["fields"]).replace("'", " ").split())


def test_names_given_twice_count_once(analyst: FlaskClient) -> None:
    assert make(analyst, events=["task.failed", "task.failed"])["events"] == ["task.failed"]


def test_a_user_has_so_many_and_no_more(
    analyst: FlaskClient, as_role: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_WEBHOOKS", 2)
    for _ in range(2):
        made = make(analyst)
    assert code(analyst.post(HOOKS, json=BODY)) == (409, "too_many_webhooks")
    make(as_role(Role.ANALYST))
    assert analyst.delete(f"{HOOKS}/{made['id']}").status_code == 204
    make(analyst)


def test_changing(analyst: FlaskClient) -> None:
    path = f"{HOOKS}/{make(analyst)['id']}"
    changed = analyst.patch(path, json={"url": "https://a.b/", "events": ["task.succeeded"]}).json
    assert (changed["url"], changed["events"]) == ("https://a.b/", ["task.succeeded"])
    assert "secret" not in changed
    assert analyst.patch(path, json={"active": False}).json["active"] is False
    assert analyst.patch(path, json={"active": True, "kinds": []}).json["active"] is True
    assert analyst.patch(path, json={"description": None}).json["description"] is None
    for body in ({}, {"url": "http://a.b/"}, {"events": []}, {"secret": "x"}, {"owner": "x"}, []):
        assert analyst.patch(path, json=body).status_code == 422


def test_rotating_the_secret(analyst: FlaskClient, database: Database) -> None:
    made = make(analyst)
    rotated = analyst.post(f"{HOOKS}/{made['id']}/rotate-secret").json
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    with database.reading() as session:
        assert session.get_one(Subscription, made["id"]).secret == rotated["secret"]


def test_others_see_nothing_and_operators_may_switch_off(
    analyst: FlaskClient, as_role: MakeClient, database: Database
) -> None:
    hook = make(analyst)["id"]
    test = analyst.post(f"{HOOKS}/{hook}/test").json["id"]
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"{HOOKS}/{hook}", None),
        ("PATCH", f"{HOOKS}/{hook}", {"active": False}),
        ("POST", f"{HOOKS}/{hook}/rotate-secret", None),
        ("POST", f"{HOOKS}/{hook}/test", None),
        ("GET", f"{HOOKS}/{hook}/deliveries", None),
        ("POST", f"{HOOKS}/{hook}/deliveries/{test}/redeliver", None),
        ("DELETE", f"{HOOKS}/{hook}", None),
    ]
    stranger = as_role(Role.ANALYST)
    for method, path, body in calls:
        answer = stranger.open(path, method=method, json=body)
        assert code(answer) == (404, "webhook_not_found"), path
    assert stranger.get(HOOKS).json["total"] == 0
    assert code(stranger.get(f"{HOOKS}?all=true")) == (403, "role_too_low")

    operator = as_role(Role.OPERATOR)
    assert operator.get(HOOKS).json["total"] == 0
    (listed,) = operator.get(f"{HOOKS}?all=true").json["items"]
    assert listed["owner"] == analyst.get("/auth/profile").json["email"]
    assert operator.get(f"{HOOKS}/{hook}/deliveries").json["total"] == 1
    for method, path, body in calls[2:4] + calls[5:6]:
        assert operator.open(path, method=method, json=body).status_code == 403
    assert operator.patch(f"{HOOKS}/{hook}", json={"url": "https://elsewhere.example/"}).status_code == 403
    assert operator.patch(f"{HOOKS}/{hook}", json={"active": False, "kinds": []}).status_code == 403
    assert operator.patch(f"{HOOKS}/{hook}", json={"active": False}).json["active"] is False
    assert operator.delete(f"{HOOKS}/{hook}").status_code == 204
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


@pytest.mark.usefixtures("local_allowed")
def test_trying_out_and_sending_again(analyst: FlaskClient) -> None:
    with receiving(500, 200) as receiver:
        hook = make(analyst, url=receiver.url)["id"]
        answer = analyst.post(f"{HOOKS}/{hook}/test")
        delivery = answer.json
        assert (answer.status_code, delivery["status"], delivery["event"]) == (202, "pending", "webhook.test")
        again = f"{HOOKS}/{hook}/deliveries/{delivery['id']}/redeliver"
        assert code(analyst.post(f"{HOOKS}/{hook}/test")) == (409, "delivery_pending")
        assert code(analyst.post(again)) == (409, "delivery_pending")
        deliver_due()
        (failed,) = analyst.get(f"{HOOKS}/{hook}/deliveries?status=failed").json["items"]
        # A test is made once: somebody is looking at the result.
        assert (failed["attempts"], failed["last_status"]) == (1, 500)
        assert analyst.get(f"{HOOKS}/{hook}").json["failing_since"] is None
        assert analyst.post(again, headers={"Idempotency-Key": "again"}).status_code == 202
        assert analyst.post(again, headers={"Idempotency-Key": "again"}).status_code == 202
        deliver_due()
    (sent,) = analyst.get(f"{HOOKS}/{hook}/deliveries").json["items"]
    assert (sent["status"], sent["last_status"], sent["payload"]) == (
        "delivered",
        200,
        {"message": "This is a test."},
    )
    assert {request.headers["X-Siprems-Delivery"] for request in receiver.requests} == {str(delivery["id"])}
    unknown = f"{HOOKS}/{hook}/deliveries/999/redeliver"
    assert code(analyst.post(unknown)) == (404, "delivery_not_found")


def test_what_is_switched_off_sends_nothing(analyst: FlaskClient) -> None:
    hook = make(analyst)["id"]
    delivery = analyst.post(f"{HOOKS}/{hook}/test").json["id"]
    analyst.patch(f"{HOOKS}/{hook}", json={"active": False})
    (given_up,) = analyst.get(f"{HOOKS}/{hook}/deliveries").json["items"]
    assert (given_up["status"], given_up["last_error"]) == ("failed", "The webhook was switched off.")
    for path in ("test", f"deliveries/{delivery}/redeliver"):
        assert code(analyst.post(f"{HOOKS}/{hook}/{path}")) == (409, "webhook_inactive")


def test_a_delivery_of_another_webhook(analyst: FlaskClient) -> None:
    first, second = make(analyst)["id"], make(analyst)["id"]
    delivery = analyst.post(f"{HOOKS}/{first}/test").json["id"]
    answer = analyst.post(f"{HOOKS}/{second}/deliveries/{delivery}/redeliver")
    assert code(answer) == (404, "delivery_not_found")


@pytest.mark.parametrize("query", ["page=0", "page_size=201", "status=sent", "x=1"])
def test_bad_queries(analyst: FlaskClient, query: str) -> None:
    hook = make(analyst)["id"]
    assert analyst.get(f"{HOOKS}/{hook}/deliveries?{query}").status_code == 422


def test_a_webhook_of_an_api_key(analyst: FlaskClient, client: FlaskClient) -> None:
    key = analyst.post("/auth/api-keys", json={"name": "ci", "role": "analyst"}).json["key"]
    made = client.post(HOOKS, json=BODY, headers={"X-API-Key": key})
    assert made.status_code == 201
    assert analyst.get(f"{HOOKS}/{made.json['id']}").status_code == 200
