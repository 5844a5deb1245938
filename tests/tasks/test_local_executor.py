"""Tasks run by the web process itself, from the ledger alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from siprems_backend.config import get_settings
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.services import worker_registry
from siprems_backend.services.task_registry import TaskKind, executors, states, submit
from siprems_backend.services.worker_registry import CELERY, LOCAL, Identity
from siprems_backend.tasks.local_executor import LocalExecutor
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.e2e.conftest import wait_until


@pytest.fixture
def mode(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets EXECUTION_MODE for the test, and forgets what was looked up before."""

    def choose(value: str) -> None:
        monkeypatch.setenv("EXECUTION_MODE", value)
        get_settings.cache_clear()
        monkeypatch.setattr(executors, "_choice", executors._Choice())

    yield choose
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a message was sent")

    monkeypatch.setattr(queue, "send_task", refuse)


@pytest.fixture
def executor(database: Database) -> Iterator[LocalExecutor]:
    made = LocalExecutor()
    made.start()
    yield made
    made.stop()


def ended(client: FlaskClient, task_id: str) -> object:
    document = client.get(f"/tasks/{task_id}").get_json()
    return document if document["status"] in states.TERMINAL else None


def worker_shows_itself() -> None:
    now = clock.now()
    worker_registry.renew(Identity("celery@there", CELERY, 1, 2, ["training"], now), {})


def test_a_task_runs_without_a_worker_and_without_a_broker(
    database: Database,
    models_dir: Path,
    mode: Callable[[str], None],
    no_broker: None,
    executor: LocalExecutor,
    as_role: Callable[[Role], FlaskClient],
) -> None:
    mode("local")
    product = factories.make_product(database, "SMALL SHOP")
    factories.sell(database, product, factories.weekly_demand(120), until=clock.today() - timedelta(days=1))
    client = as_role(Role.ANALYST)
    submitted = client.post("/tasks/training/all").get_json()
    assert (submitted["executor"], submitted["queued"]) == (LOCAL, True)
    document = wait_until(lambda: ended(client, submitted["task_id"]), "the training of all")
    assert document["status"] == states.SUCCESS
    assert document["result"]["trained"] == 1
    names = [worker.name for worker in worker_registry.alive()]
    assert names == [worker_registry.local_name()]


def test_what_was_left_over_is_taken_up(
    database: Database, mode: Callable[[str], None], as_role: Callable[[Role], FlaskClient]
) -> None:
    mode("celery")
    submitted = submit(TaskKind.HEALTH_CHECK, {})
    mode("local")
    executor = LocalExecutor()
    executor.start()
    try:
        client = as_role(Role.OPERATOR)
        document = wait_until(lambda: ended(client, str(submitted.task_id)), "the left over task")
    finally:
        executor.stop()
    assert document["status"] == states.SUCCESS
    assert document["worker"] == worker_registry.local_name()


def test_auto_prefers_workers(database: Database, mode: Callable[[str], None]) -> None:
    mode("auto")
    worker_shows_itself()
    assert executors.current() == CELERY


def test_auto_gives_workers_time_to_come_back(
    database: Database, mode: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mode("auto")
    assert executors.current() == CELERY
    monkeypatch.setattr(executors, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(executors, "MISSED_AFTER", timedelta(seconds=0))
    assert executors.current() == LOCAL
    monkeypatch.setattr(executors, "MISSED_AFTER", timedelta(seconds=20))
    worker_shows_itself()
    worker_registry.leave("celery@there")
    assert executors.current() == CELERY


def test_a_body_that_takes_too_long_is_ended_at_its_next_report(
    database: Database, mode: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from siprems_backend.services import training
    from siprems_backend.tasks import ml_tasks

    monkeypatch.setenv("CELERY_TASK_SOFT_TIME_LIMIT", "1")
    mode("local")

    def slow(_sku: str, on_progress: Callable[..., None]) -> None:
        while True:
            time.sleep(0.05)
            on_progress(1, 2, "still at it")

    monkeypatch.setattr(training, "train_product", slow)
    submitted = submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"})
    ml_tasks.train_product_model_task.apply(kwargs={"product_sku": "X"}, task_id=str(submitted.task_id))
    with database.reading() as session:
        from siprems_backend.models import task_queries

        task = task_queries.by_id(session, submitted.task_id)
    assert task is not None
    assert task.status == states.FAILURE
    assert "time limit" in (task.message or "")
