"""Following tasks through a real web server, with a real worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.services.task_registry import TaskKind, lifecycle
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.e2e.web import Web, web_server
from tests.following import wait_until

YESTERDAY = dt.date(2026, 6, 30)


@pytest.fixture
def web(migrated: object, database: Database, tmp_path: Path) -> Iterator[Web]:
    with web_server(tmp_path / "web.log", WEB_THREADS="2") as server:
        yield server


def credentials(client: FlaskClient) -> dict[str, str]:
    return {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}


def running_task() -> lifecycle.Claim:
    """A task in our hands; no worker runs yet that would take it from us when its lease ends."""
    held = lifecycle.claim(uuid4(), TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, "worker@host")
    assert held is not None
    return held


def test_streams_take_no_threads_and_leave_none(web: Web, as_role: Callable[[Role], FlaskClient]) -> None:
    """Twenty clients follow through two threads, which still answer; when they leave, nothing stays."""
    headers = credentials(as_role(Role.OPERATOR))
    held = running_task()
    assert web.get("/tasks/active", headers).status == 200
    threads, files = web.serving.num_threads(), web.serving.num_fds()
    answers = [web.get(f"/tasks/{held.task_id}/events", headers) for _ in range(20)]
    assert {answer.status for answer in answers} == {200}
    assert web.get("/tasks/active", headers).status == 200
    # The three that serve all streams, and perhaps a second of gunicorn's own.
    assert web.serving.num_threads() <= threads + 4
    for answer in answers:
        answer.close()
    wait_until(lambda: web.serving.num_threads() <= threads + 1, "the end of the threads")
    wait_until(lambda: web.serving.num_fds() <= files + 8, "the end of the connections")


def test_a_server_that_stops_tells_its_followers(web: Web, as_role: Callable[[Role], FlaskClient]) -> None:
    headers = credentials(as_role(Role.OPERATOR))
    held = running_task()
    lifecycle.report(held, 1, 2, "Half", [(clock.now(), "INFO", "a line")])
    follower = web.follow(held.task_id, headers)
    follower.heard(lambda: follower.lines == ["a line"], "the line")
    web.process.terminate()
    follower.end()
    assert (follower.events[-1].name, follower.events[-1].data["reason"]) == ("end", "server_stopping")
    assert follower.events[-1].id == next(event.id for event in follower.events if event.name == "log")
    assert web.process.wait(20) == 0


def test_a_training_is_followed_from_its_submit_to_its_end(
    worker: Path, web: Web, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    product = factories.make_product(database, "LIVE")
    factories.sell(database, product, factories.weekly_demand(400), until=YESTERDAY)
    analyst = as_role(Role.ANALYST)
    task_id = analyst.post("/tasks/training/product/LIVE").get_json()["task_id"]
    follower = web.follow(task_id, credentials(analyst))
    follower.end()
    assert follower.states[-1] == "SUCCESS"
    assert any(line.startswith("trained sku=LIVE") for line in follower.lines)
    logged = analyst.get(f"/tasks/{task_id}/logs").get_json()["logs"]
    assert follower.lines == [line["message"] for line in logged]
    percents = [event.data["percent"] for event in follower.events if event.data.get("percent") is not None]
    assert percents == sorted(percents)


def test_many_tasks_are_followed_by_their_parent(
    worker: Path, web: Web, database: Database, models_dir: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    for number in range(3):
        product = factories.make_product(database, f"B{number}")
        # Too young to tell what a product without sales may sell.
        sold = factories.weekly_demand(10, seed=number)
        factories.sell(database, product, sold, until=YESTERDAY)
    factories.make_product(database, "NEVER SOLD")
    analyst = as_role(Role.ANALYST)
    orders = [{"kind": "train", "product_sku": f"B{number}"} for number in range(3)]
    orders.append({"kind": "predict", "product_sku": "NEVER SOLD"})
    body = analyst.post("/tasks/bulk", json={"tasks": orders}).get_json()
    follower = web.follow(body["task_id"], credentials(analyst))
    follower.end()
    assert follower.states[-1] == "SUCCESS"
    result = analyst.get(f"/tasks/{body['task_id']}/result").get_json()["result"]
    assert (result["status"], result["succeeded"], result["failed"]) == ("partial", 3, 1)
    failed = [each for each in result["results"] if each["status"] == "FAILURE"]
    assert [each["product_sku"] for each in failed] == ["NEVER SOLD"]
    assert "no sales yet" in failed[0]["error"]["message"]
    percents = [event.data["percent"] for event in follower.events if event.data.get("percent") is not None]
    assert percents == sorted(percents)
