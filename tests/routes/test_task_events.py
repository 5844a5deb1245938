"""Following a task: what is told, to whom, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token

from siprems_backend.config import Settings
from siprems_backend.errors import Invalid
from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import Database
from siprems_backend.models.tasks import Task
from siprems_backend.services import sessions, task_registry
from siprems_backend.services.live_updates import access, news, service, stream
from siprems_backend.services.task_registry import TaskKind, fan_out, lifecycle
from siprems_backend.services.task_registry.announcements import CHANNEL
from siprems_backend.services.task_registry.submission import new_row, submit_children
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.following import Follower, forget_streams


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    forget_streams()


@pytest.fixture
def operator(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.OPERATOR)


def follow(client: FlaskClient, task_id: UUID | str, **headers: str) -> Follower:
    response = client.get(f"/tasks/{task_id}/events", headers=headers)
    assert response.status_code == 200, response.get_json()
    return Follower(response.iter_encoded())


def submit() -> UUID:
    return task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id


def start(task_id: UUID) -> lifecycle.Claim:
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    return held


def say(held: lifecycle.Claim, *texts: str, done: int = 0) -> None:
    lifecycle.report(held, done, 10, f"{done} done", [(clock.now(), "INFO", text) for text in texts])


def test_a_task_is_followed_from_waiting_to_its_end(operator: FlaskClient) -> None:
    task_id = submit()
    follower = follow(operator, task_id)
    follower.heard(lambda: follower.states == ["PENDING"], "the snapshot")
    held = start(task_id)
    follower.heard(lambda: "STARTED" in follower.states, "the start")
    say(held, "one", "two", done=4)
    follower.heard(lambda: len(follower.lines) == 2, "two lines")
    lifecycle.succeed(held, {"answer": 42}, [(clock.now(), "INFO", "three")])
    follower.end()
    assert follower.states == ["PENDING", "STARTED", "PROGRESS", "SUCCESS"]
    assert follower.lines == ["one", "two", "three"]
    progress = next(event for event in follower.events if event.name == "progress")
    assert (progress.data["percent"], progress.data["progress"]["current"]) == (40.0, 4)
    last = follower.events[-1]
    assert last.name == "state"
    assert (last.data["percent"], last.data["worker"]) == (100.0, "worker@host")
    assert last.data["output_files"] == []
    assert last.data["duration"] >= 0
    assert last.id == follower.events[-2].id


def test_the_head_of_the_answer_is_for_proxies_and_caches(operator: FlaskClient) -> None:
    task_id = submit()
    response = operator.get(f"/api/v1/tasks/{task_id}/events")
    assert response.content_type == "text/event-stream"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in response.headers
    response.close()
    assert (
        operator.get(f"/tasks/{task_id}").get_json()["links"]["events"] == f"/api/v1/tasks/{task_id}/events"
    )


def test_only_the_head_opens_no_stream(operator: FlaskClient) -> None:
    assert operator.head(f"/task/{submit()}/events").status_code == 200
    assert operator.head(f"/task/{uuid4()}/events").status_code == 404
    assert len(service.hub) == 0


def test_a_finished_task_is_told_at_once(operator: FlaskClient) -> None:
    held = start(submit())
    lifecycle.fail(held, Invalid("broken"), "", [(clock.now(), "ERROR", "it broke")])
    follower = follow(operator, held.task_id)
    follower.end()
    assert [event.name for event in follower.events] == ["log", "state"]
    assert follower.events[-1].data["error"] == {"type": "Invalid", "message": "broken"}


def test_whoever_comes_back_misses_nothing_and_hears_nothing_twice(operator: FlaskClient) -> None:
    held = start(submit())
    say(held, "a", "b", "c")
    first = follow(operator, held.task_id)
    first.heard(lambda: len(first.lines) == 3, "three lines")
    seen = next(event.id for event in first.events if event.data.get("message") == "b")
    say(held, "d")
    again = follow(operator, held.task_id, **{"Last-Event-ID": str(seen)})
    by_query = Follower(operator.get(f"/tasks/{held.task_id}/events?after={seen}").iter_encoded())
    lifecycle.succeed(held, None, [(clock.now(), "INFO", "e")])
    for follower, lines in ((first, list("abcde")), (again, list("cde")), (by_query, list("cde"))):
        follower.end()
        assert follower.lines == lines


def test_long_logs_are_told_whole_before_the_end(operator: FlaskClient) -> None:
    held = start(submit())
    texts = [f"line {number}" for number in range(2 * news.LINES_AT_ONCE + 7)]
    say(held, *texts)
    lifecycle.succeed(held, None, [])
    follower = follow(operator, held.task_id)
    follower.end()
    assert follower.lines == texts
    assert follower.events[-1].name == "state"


@pytest.mark.parametrize("bad", ["x", "-1", "1.5", str(2**63), "NaN"])
def test_an_id_that_was_never_given_is_refused(operator: FlaskClient, bad: str) -> None:
    task_id = submit()
    answers = [
        operator.get(f"/tasks/{task_id}/events", headers={"Last-Event-ID": bad}),
        operator.get(f"/tasks/{task_id}/events", query_string={"after": bad}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_tasks_are_followed_by_their_owners_and_operators(
    as_role: Callable[[Role], FlaskClient], database: Database
) -> None:
    factories.make_product(database, "A")
    owner, stranger, operator = as_role(Role.ANALYST), as_role(Role.ANALYST), as_role(Role.OPERATOR)
    task_id = owner.post("/tasks/training/product/A").get_json()["task_id"]
    assert stranger.get(f"/tasks/{task_id}/events").status_code == 404
    followers = [follow(owner, task_id), follow(operator, task_id)]
    owner.post(f"/tasks/{task_id}/cancel")
    for follower in followers:
        follower.end()
        assert follower.states[-1] == "REVOKED"


def test_a_parent_is_as_far_as_its_children_are_together(operator: FlaskClient) -> None:
    parent = task_registry.submit(TaskKind.TRAIN_ALL, {}).task_id
    held = lifecycle.claim(parent, TaskKind.TRAIN_ALL, {}, "worker@host")
    assert held is not None
    rows = [new_row(TaskKind.TRAIN_CHUNK, {"product_ids": [1]}, parent_id=parent) for _ in range(4)]
    submit_children(rows)
    lifecycle.hand_to_children(held, "Training in 4 chunks", [])
    follower = follow(operator, parent)
    child = start(rows[0]["id"])
    lifecycle.succeed(child, {"results": {}}, [])
    fan_out.update_parent(parent)
    half = start(rows[1]["id"])
    say(half, done=5)
    percents = lambda: [event.data["percent"] for event in follower.events if event.name == "progress"]  # noqa: E731
    follower.heard(lambda: 37.5 in percents(), "one chunk and a half of four")
    document = operator.get(f"/tasks/{parent}").get_json()
    assert document["progress"]["percent"] == 37.5
    assert document["children"] == {"total": 4, "by_status": {"PENDING": 2, "PROGRESS": 1, "SUCCESS": 1}}


def test_the_number_of_streams_is_bounded(
    as_role: Callable[[Role], FlaskClient], monkeypatch: pytest.MonkeyPatch, migrated: Settings
) -> None:
    few = migrated.model_copy(update={"live_streams": 3, "live_streams_per_user": 2})
    monkeypatch.setattr(service, "get_settings", lambda: few)
    task_id = submit()
    first, second = as_role(Role.OPERATOR), as_role(Role.OPERATOR)
    kept = [follow(first, task_id), follow(first, task_id)]
    refused = first.get(f"/tasks/{task_id}/events")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (429, "too_many_streams")
    assert int(refused.headers["Retry-After"]) > 0
    kept.append(follow(second, task_id))
    full = second.get(f"/tasks/{task_id}/events")
    assert (full.status_code, full.get_json()["error"]["code"]) == (503, "too_many_streams")
    assert int(full.headers["Retry-After"]) > 0
    assert first.post(f"/tasks/{task_id}/cancel").status_code == 200
    for follower in kept:
        follower.end()
    assert len(service.hub) == 0


def test_a_client_that_leaves_makes_room(operator: FlaskClient) -> None:
    response = operator.get(f"/tasks/{submit()}/events")
    assert len(service.hub) == 1
    response.close()
    assert len(service.hub) == 0


def test_quiet_streams_show_that_they_live(operator: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.0)
    follower = follow(operator, submit())
    follower.heard(lambda: follower.comments, "a heartbeat")


def test_a_stream_ends_with_its_token(app: Flask, database: Database) -> None:
    user = factories.make_user(database, Role.OPERATOR)
    with database.transaction() as session:
        grant = sessions.start(session, user.id)
    with app.app_context():
        token = create_access_token(
            str(user.id), additional_claims=grant.access_claims, expires_delta=timedelta(seconds=2)
        )
    follower = follow(app.test_client(), submit(), Authorization=f"Bearer {token}")
    follower.end()
    assert (follower.events[-1].name, follower.events[-1].data["reason"]) == ("end", "token_expired")


def test_a_stream_ends_when_its_caller_signs_out(
    operator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "LOOK_EVERY_SECONDS", 0.0)
    follower = follow(operator, submit())
    follower.heard(lambda: follower.states, "the snapshot")
    assert operator.post("/auth/logout").status_code == 200
    follower.end()
    assert (follower.events[-1].name, follower.events[-1].data["reason"]) == ("end", "token_revoked")


def test_a_stream_ends_when_its_caller_may_no_longer_see_the_task(
    as_role: Callable[[Role], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "LOOK_EVERY_SECONDS", 0.0)
    operator, admin = as_role(Role.OPERATOR), as_role(Role.ADMIN)
    follower = follow(operator, submit())
    follower.heard(lambda: follower.states, "the snapshot")
    user_id = operator.get("/auth/profile").get_json()["id"]
    assert admin.patch(f"/api/v1/users/{user_id}", json={"role": "viewer"}).status_code == 200
    follower.end()
    assert follower.events[-1].data["reason"] in {"task_not_found", "token_revoked"}


def test_api_keys_follow_too(operator: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LOOK_EVERY_SECONDS", 0.0)
    made = operator.post("/auth/api-keys", json={"name": "screen", "role": "operator"}).get_json()
    follower = follow(app.test_client(), submit(), **{"X-API-Key": made["key"]})
    follower.heard(lambda: follower.states, "the snapshot")
    assert operator.delete(f"/auth/api-keys/{made['id']}").status_code in {200, 204}
    follower.end()
    assert follower.events[-1].data["reason"] == "api_key_invalid"


def test_a_task_that_is_deleted_ends_its_streams(operator: FlaskClient, database: Database) -> None:
    task_id = submit()
    follower = follow(operator, task_id)
    follower.heard(lambda: follower.states, "the snapshot")
    with database.transaction() as session:
        session.delete(session.get_one(Task, task_id))
    cache.client.publish(CHANNEL, b'{"task_id": "%s"}' % str(task_id).encode())
    follower.end()
    assert follower.events[-1].data["reason"] == "task_deleted"
