"""Choosing e-mails over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from siprems_backend.extensions.database import Database
from siprems_backend.models.notifications import Subscription
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests.services.notifications.conftest import settings_of

EMAIL = "/api/v1/notifications/email"


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


@pytest.fixture
def mail_set_up(database: Database) -> Iterator[None]:
    with settings_of(SMTP_HOST="mail.example.com", SMTP_FROM="siprems@example.com"):
        yield


def test_without_a_mail_server(analyst: FlaskClient) -> None:
    choice = analyst.get(EMAIL).json
    assert (choice["available"], choice["active"], choice["events"]) == (False, False, [])
    answer = analyst.put(EMAIL, json={"events": ["task.failed"]})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "email_unavailable")
    assert analyst.put(EMAIL, json={"events": []}).status_code == 200


@pytest.mark.usefixtures("mail_set_up")
def test_choosing(analyst: FlaskClient, database: Database) -> None:
    address = analyst.get("/auth/profile").json["email"]
    body = {"events": ["training_run.failed", "task.failed"], "kinds": [TaskKind.TRAIN_ALL.value]}
    choice = analyst.put(EMAIL, json=body).json
    assert choice == analyst.get(EMAIL).json
    assert (choice["available"], choice["address"], choice["active"]) == (True, address, True)
    assert choice["events"] == ["task.failed", "training_run.failed"]
    assert choice["kinds"] == [TaskKind.TRAIN_ALL]
    changed = analyst.put(EMAIL, json={"events": ["import.failed"]}).json
    assert (changed["events"], changed["kinds"]) == (["import.failed"], [])
    assert analyst.put(EMAIL, json={"events": []}).json["active"] is False
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1
    # It is no webhook, and cannot be managed as one.
    assert analyst.get("/api/v1/webhooks").json["total"] == 0
    assert analyst.get("/api/v1/webhooks/1").status_code == 404


@pytest.mark.usefixtures("mail_set_up")
def test_everybody_has_a_choice_of_their_own(as_role: Callable[[Role], FlaskClient]) -> None:
    first, second = as_role(Role.ANALYST), as_role(Role.OPERATOR)
    first.put(EMAIL, json={"events": ["task.failed"]})
    assert second.get(EMAIL).json["events"] == []
    assert as_role(Role.CLERK).get(EMAIL).status_code == 403


@pytest.mark.usefixtures("mail_set_up")
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"events": None},
        {"events": ["x"]},
        {"events": ["task.failed"], "kinds": ["x"]},
        {"events": ["task.failed"], "address": "other@example.com"},
        {"events": ["task.failed"], "kinds": [TaskKind.HEALTH_CHECK.value]},
    ],
)
def test_bad_choices(analyst: FlaskClient, body: Any) -> None:
    assert analyst.put(EMAIL, json=body).status_code == 422
