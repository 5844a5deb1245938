"""The ledger over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from siprems_backend.routes.schemas.tasks import ActiveTasksSchema, ScheduledTasksSchema
from siprems_backend.services import task_registry, worker_registry
from siprems_backend.services.task_registry import TaskKind, lifecycle
from siprems_backend.services.worker_registry import Identity
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def operator(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.OPERATOR)


def submit() -> UUID:
    return task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id


def start(task_id: UUID) -> lifecycle.Claim:
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    return held


def test_the_task_document_follows_the_task(operator: FlaskClient) -> None:
    task_id = submit()
    waiting = operator.get(f"/tasks/{task_id}")
    assert waiting.status_code == 202
    document = waiting.get_json()
    assert document["task_id"] == str(task_id)
    assert document["status"] == document["state"] == "PENDING"
    assert document["task_name"] == document["kind"] == "tasks.ml_tasks.train_product_model_task"
    assert document["args"] == {"product_sku": "X"}
    assert document["created_at"].endswith("Z")
    assert document["links"]["cancel"] == f"/api/v1/tasks/{task_id}/cancel"
    held = start(task_id)
    started = operator.get(f"/tasks/{task_id}/status")
    assert started.status_code == 200
    assert started.get_json()["message"] == "Task has started execution"
    active = operator.get("/tasks/active").get_json()["active_tasks"]
    assert [(task["task_id"], task["worker"]) for task in active] == [(str(task_id), "worker@host")]
    lifecycle.report(held, 1, 2, "Half", [])
    assert operator.get(f"/tasks/{task_id}").get_json()["progress"]["percent"] == 50
    assert operator.get(f"/task/{task_id}/result").status_code == 202
    lifecycle.succeed(held, {"answer": 42}, [])
    outcome = operator.get(f"/task/{task_id}/result")
    assert (outcome.status_code, outcome.get_json()) == (
        200,
        {"success": True, "state": "SUCCESS", "result": {"answer": 42}},
    )
    ended = operator.get(f"/tasks/{task_id}").get_json()
    assert ended["runtime_s"] >= 0
    done = {"current": 2, "total": 2, "percent": 100, "message": "Task completed successfully"}
    assert ended["progress"] == done
    [listed] = operator.get("/tasks").get_json()["items"]
    assert listed["progress"] == done


def test_lists_tell_how_tasks_ended_not_what_they_were_doing(operator: FlaskClient) -> None:
    failed, silent = start(submit()), start(submit())
    lifecycle.report(failed, 1, 4, "Reading", [])
    lifecycle.fail(failed, Invalid("broken"), "Traceback ...", [])
    lifecycle.succeed(silent, None, [])
    waiting = submit()
    told = {item["task_id"]: item["progress"] for item in operator.get("/tasks").get_json()["items"]}
    assert told == {
        str(failed.task_id): {"current": 1, "total": 4, "percent": 25, "message": "broken"},
        str(silent.task_id): {
            "current": 1,
            "total": 1,
            "percent": 100,
            "message": "Task completed successfully",
        },
        str(waiting): None,
    }


def test_failures_show_their_error_and_can_be_retried(operator: FlaskClient) -> None:
    held = start(submit())
    assert operator.post(f"/tasks/{held.task_id}/retry").status_code == 409
    lifecycle.fail(held, Invalid("broken"), "Traceback ...", [])
    outcome = operator.get(f"/tasks/{held.task_id}/result").get_json()
    assert outcome == {
        "success": False,
        "state": "FAILURE",
        "error": {"type": "Invalid", "message": "broken"},
    }
    assert operator.get(f"/tasks/{held.task_id}").get_json()["traceback"] == "Traceback ..."
    again = operator.post(f"/tasks/{held.task_id}/retry")
    assert again.status_code == 202
    follower = operator.get(f"/tasks/{again.get_json()['task_id']}").get_json()
    assert follower["retry_of"] == str(held.task_id)


def test_cancelling(operator: FlaskClient) -> None:
    waiting, running = submit(), start(submit())
    answer = operator.post(f"/tasks/{waiting}/cancel")
    assert answer.get_json() == {
        "task_id": str(waiting),
        "status": "cancelled",
        "message": "Task was cancelled",
    }
    assert operator.delete(f"/tasks/{running.task_id}").status_code == 200
    assert lifecycle.heartbeat(running) is False
    killed = start(submit())
    assert operator.delete(f"/tasks/{killed.task_id}?terminate=true").status_code == 200
    assert operator.get(f"/tasks/{killed.task_id}").get_json()["status"] == "REVOKED"
    finished = operator.post(f"/tasks/{waiting}/cancel")
    assert (finished.status_code, finished.get_json()["error"]["code"]) == (409, "task_finished")


@pytest.mark.parametrize("suffix", ["", "/status", "/result", "/logs"])
def test_unknown_tasks_are_not_found(operator: FlaskClient, suffix: str) -> None:
    answer = operator.get(f"/tasks/{UNKNOWN}{suffix}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "task_not_found")
    assert operator.get(f"/tasks/no-id{suffix}").status_code == 404


def test_what_is_to_come(operator: FlaskClient) -> None:
    task_id = submit()
    rows = operator.get("/tasks/scheduled").get_json()["scheduled_tasks"]
    assert rows[0]["task_id"] == str(task_id)
    nightly = next(row for row in rows if "train-all-models-nightly" in (row["schedule"] or ""))
    assert nightly["eta"].endswith("T02:00:00Z")
    watch = next(row for row in rows if "accuracy-watch" in (row["schedule"] or ""))
    assert (watch["task_name"], watch["eta"][-10:]) == ("tasks.ml_tasks.accuracy_watch", "T04:00:00Z")


def test_the_list_takes_filters_and_refuses_nonsense(operator: FlaskClient) -> None:
    for _ in range(3):
        submit()
    page = operator.get("/tasks?page_size=2&status=PENDING").get_json()
    assert (len(page["items"]), page["total"], page["page"]) == (2, 3, 1)
    assert "result" not in page["items"][0]
    after = operator.get("/tasks?created_after=2100-01-01T00:00:00Z").get_json()
    assert after["total"] == 0
    for query in ("page=0", "page_size=201", "status=DONE", "kind=x", "sort=color", "parent_id=1"):
        assert operator.get(f"/tasks?{query}").status_code == 422, query


def test_tasks_are_their_owners(as_role: Callable[[Role], FlaskClient], database: Database) -> None:
    factories.make_product(database, "A")
    owner, stranger, operator = as_role(Role.ANALYST), as_role(Role.ANALYST), as_role(Role.OPERATOR)
    task = owner.post("/tasks/training/product/A").get_json()["task_id"]
    owner_id = owner.get("/auth/profile").get_json()["id"]
    for path in ("", "/status", "/result", "/logs"):
        assert stranger.get(f"/tasks/{task}{path}").status_code == 404, path
        assert operator.get(f"/tasks/{task}{path}").status_code in {200, 202}, path
    assert stranger.get(f"/predict/task/{task}").status_code == 404
    assert stranger.post(f"/tasks/{task}/cancel").status_code == 404
    assert stranger.post(f"/tasks/{task}/retry").status_code == 404
    assert stranger.get(f"/tasks?owner={owner_id}").get_json()["total"] == 0
    assert operator.get(f"/tasks?owner={owner_id}").get_json()["total"] == 1
    scheduled = stranger.get("/tasks/scheduled").get_json()["scheduled_tasks"]
    assert task not in {entry["task_id"] for entry in scheduled}
    assert owner.delete(f"/tasks/{task}?terminate=true").status_code == 403


def test_statistics_are_for_operators(operator: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    submit()
    figures = operator.get("/tasks/statistics/overview").get_json()
    assert (figures["total"], figures["success_rate"]) == (1, None)
    assert as_role(Role.ANALYST).get("/tasks/statistics/overview").status_code == 403


def test_logs_go_on_where_the_client_was(operator: FlaskClient) -> None:
    held = start(submit())
    for text in ("one", "two"):
        lifecycle.report(held, 0, 1, "", [(clock.now(), "INFO", text)])
    lines = operator.get(f"/tasks/{held.task_id}/logs").get_json()["logs"]
    assert [line["message"] for line in lines] == ["one", "two"]
    rest = operator.get(f"/tasks/{held.task_id}/logs?after={lines[0]['id']}").get_json()["logs"]
    assert [line["message"] for line in rest] == ["two"]


def test_a_retry_names_all_that_it_repeats(operator: FlaskClient) -> None:
    chain = [submit()]
    for _ in range(2):
        lifecycle.fail(start(chain[-1]), Invalid("broken"), "", [])
        chain.append(UUID(operator.post(f"/tasks/{chain[-1]}/retry").get_json()["task_id"]))
    document = operator.get(f"/tasks/{chain[2]}").get_json()
    assert [each["task_id"] for each in document["earlier"]] == [str(chain[1]), str(chain[0])]
    assert {each["status"] for each in document["earlier"]} == {"FAILURE"}
    assert operator.get(f"/tasks/{chain[0]}").get_json()["earlier"] == []


def test_the_document_names_the_request_that_asked(operator: FlaskClient, database: Database) -> None:
    factories.make_product(database, "A")
    asked = operator.post("/tasks/training/product/A", headers={"X-Request-ID": "from-the-till-7"})
    document = operator.get(f"/tasks/{asked.get_json()['task_id']}").get_json()
    assert document["request_id"] == "from-the-till-7"
    assert document["output_files"] == []
    assert "children" not in document


def test_what_runs_is_listed_without_long_arguments(operator: FlaskClient) -> None:
    skus = [f"SKU {number}" for number in range(2000)]
    kwargs = {"product_skus": skus, "forecast_days": 7, "wanted": {"search": "y" * 5000}}
    task_id = task_registry.submit(TaskKind.PREDICT_BATCH, kwargs).task_id
    assert lifecycle.claim(task_id, TaskKind.PREDICT_BATCH, {}, "worker@host") is not None
    listed = operator.get("/tasks/active").get_json()["active_tasks"]
    assert listed[0]["args"]["product_skus"] == "2000 items"
    assert listed[0]["args"]["forecast_days"] == 7
    assert len(listed[0]["args"]["wanted"]) == 100
    assert operator.get(f"/tasks/{task_id}").get_json()["args"] == kwargs


def test_lists_are_as_documented(operator: FlaskClient) -> None:
    """They are not dumped through their schemas, which take longer than the queries."""
    held = start(submit())
    lifecycle.report(held, 1, 2, "Half", [])
    submit()
    for path, schema in (("active", ActiveTasksSchema), ("scheduled", ScheduledTasksSchema)):
        body = operator.get(f"/tasks/{path}").get_json()
        assert schema().dump(schema().load(body)) == body


def test_submits_may_be_urgent_and_may_expire(
    as_role: Callable[[Role], FlaskClient], database: Database
) -> None:
    factories.make_product(database, "A")
    analyst, operator = as_role(Role.ANALYST), as_role(Role.OPERATOR)
    bodies: dict[str, dict[str, object]] = {
        "/tasks/training/product/A": {},
        "/tasks/training/all": {},
        "/predict/async": {"product_sku": "A"},
        "/predict/batch": {"product_skus": ["A"]},
    }
    for path, body in bodies.items():
        task_id = analyst.post(path, json={**body, "priority": 7, "expires_in_s": 60}).get_json()["task_id"]
        document = analyst.get(f"/tasks/{task_id}").get_json()
        assert document["priority"] == 7, path
        assert document["expires_at"], path
        refused = analyst.post(path, json={**body, "priority": 9})
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "priority_too_high"), path
        assert operator.post(path, json={**body, "priority": 9}).status_code == 202, path
        assert analyst.post(path, json={**body, "priority": 10}).status_code == 422, path


def test_workers_tell_what_they_do_by_their_heartbeats(operator: FlaskClient) -> None:
    identity = Identity("celery@one", "celery", 4711, 2, ["training"], clock.now())
    figures = {"processed": {"t": 3}, "processes": [{"pid": 4712, "rss_mb": 90.5}], "rss_mb": 120.0}
    worker_registry.renew(identity, figures)
    held = lifecycle.claim(submit(), TaskKind.TRAIN_PRODUCT, {}, "celery@one")
    assert held is not None
    for path in ("/celery/health", "/tasks/celery/status"):
        health = operator.get(path).get_json()
        assert (health["success"], health["celery_status"]) == (True, "available")
        assert health["worker_response"]["celery@one"]["ok"] == "pong"
    body = operator.get("/api/celery/workers").get_json()
    assert body["available"] is True
    stats = body["workers"]["stats"]["celery@one"]
    assert stats["pool"] == {"max-concurrency": 2, "processes": [4712]}
    assert (stats["pid"], stats["total"], stats["rss_mb"]) == (4711, {"t": 3}, 120.0)
    active = body["workers"]["active"]["celery@one"]
    assert [(task["id"], task["name"]) for task in active] == [(str(held.task_id), held.kind.value)]
    listed = operator.get("/celery/tasks").get_json()
    assert listed["total"] == 1
    assert listed["tasks"][0]["worker"] == "celery@one"
    assert listed["tasks"][0]["time_start"].endswith("Z")
    worker_registry.leave("celery@one")
    assert operator.get("/celery/health").get_json()["celery_status"] == "no workers"


def test_without_workers_the_workers_do_not_answer(operator: FlaskClient) -> None:
    for live in ("", "?live=true"):
        health = operator.get(f"/celery/health{live}").get_json()
        assert (health["success"], health["celery_status"]) == (False, "no workers")
        assert operator.get(f"/celery/workers{live}").get_json()["available"] is False
        assert operator.get(f"/celery/tasks{live}").get_json() == {"total": 0, "tasks": []}
