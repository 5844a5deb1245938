"""Cancelling reaches every kind of work, and what was cancelled leaves nothing behind."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from siprems_backend.errors import NotFound, TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.models import imports as import_rows
from siprems_backend.models.tasks import Task
from siprems_backend.services import bulk_forecasts, imports, stored_forecasts, task_registry, training
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import ImportKind
from siprems_backend.services.shop_forecasts import asked, making
from siprems_backend.services.task_registry import TaskKind, fence, interruption, lifecycle, states
from siprems_backend.tasks import data_tasks, ml_tasks
from siprems_backend.utils.roles import Role
from tests import factories
from tests.following import wait_until

# Whoever reads the ledger here may see everything in it.
ANYBODY = Principal(0, "reader", Role.ADMIN)


@pytest.fixture(autouse=True)
def every_report_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies here take milliseconds; the ledger is asked at every report, not four times a second."""
    monkeypatch.setattr("siprems_backend.tasks.run.REPORT_EVERY_SECONDS", 0.0)


@pytest.fixture
def operator(database: Database) -> Principal:
    return factories.make_principal(database, Role.OPERATOR)


@pytest.fixture
def products(database: Database, models_dir: object) -> list[str]:
    """Four products with a history."""
    skus = [f"P{number}" for number in range(4)]
    for number, sku in enumerate(skus):
        product = factories.make_product(database, sku)
        sold = factories.weekly_demand(120, seed=number)
        factories.sell(database, product, sold, until=dt.date(2026, 6, 30))
    return skus


def run(task: Any, task_id: UUID, **kwargs: Any) -> Task:
    """Run a task as a worker would; its row."""
    task.apply(kwargs=kwargs, task_id=str(task_id))
    return task_registry.get(task_id, ANYBODY)


def cancelling(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, task_id: UUID, caller: Principal
) -> list[Any]:
    """Cancel the task when this function is called for the second time; its calls."""
    original: Callable[..., Any] = getattr(where, name)
    calls: list[Any] = []

    def watched(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            task_registry.cancel(task_id, caller)
        return original(*args, **kwargs)

    monkeypatch.setattr(where, name, watched)
    return calls


def test_a_training_that_is_cancelled_keeps_no_model(
    products: list[str], operator: Principal, monkeypatch: pytest.MonkeyPatch, models_dir: Any
) -> None:
    task_id = uuid4()
    original = training.train_history

    def trained(*args: Any, **kwargs: Any) -> Any:
        task_registry.cancel(task_id, operator)
        return original(*args, **kwargs)

    monkeypatch.setattr(training, "train_history", trained)
    task = run(ml_tasks.train_product_model_task, task_id, product_sku="P0")
    assert (task.status, task.message) == (states.REVOKED, "Task was cancelled")
    assert list(models_dir.glob("model_*.json")) == []


def test_a_chunk_stops_at_its_next_product(
    products: list[str], operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = uuid4()
    calls = cancelling(monkeypatch, training, "attempt", task_id, operator)
    task = run(ml_tasks.train_chunk, task_id, product_ids=[1, 2, 3, 4])
    assert (task.status, len(calls)) == (states.REVOKED, 2)


def test_a_batch_stops_at_its_next_product(
    products: list[str], operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = uuid4()
    calls = cancelling(monkeypatch, training, "attempt", task_id, operator)
    task = run(ml_tasks.predict_batch_task, task_id, product_skus=products, forecast_days=3, engine="prophet")
    assert (task.status, len(calls)) == (states.REVOKED, 2)


def test_a_refresh_stops_at_its_next_products(
    products: list[str], operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in products:
        training.train_product(sku)
    monkeypatch.setattr(bulk_forecasts, "TOGETHER", 1)
    task_id = uuid4()
    calls = cancelling(monkeypatch, bulk_forecasts, "_refresh", task_id, operator)
    task = run(ml_tasks.forecast_shop_chunk, task_id, product_ids=[1, 2, 3, 4], prophet=True)
    assert (task.status, len(calls)) == (states.REVOKED, 2)


@pytest.mark.parametrize("stage", ["load_demand", "forecast_shop"])
def test_a_shard_stops_at_its_next_stage(
    products: list[str], operator: Principal, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    task_id = uuid4()
    module = asked if stage == "forecast_shop" else making
    original = getattr(module, stage)

    def cancelled(*args: Any, **kwargs: Any) -> Any:
        task_registry.cancel(task_id, operator)
        return original(*args, **kwargs)

    monkeypatch.setattr(module, stage, cancelled)
    task = run(ml_tasks.forecast_shop_chunk, task_id, product_ids=[1, 2, 3, 4])
    assert (task.status, task.message) == (states.REVOKED, "Task was cancelled")
    with pytest.raises(NotFound):
        stored_forecasts.stored_forecast("P0")


def test_the_forecasts_of_a_shard_taken_over_meanwhile_are_not_stored(
    products: list[str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = uuid4()
    original = asked.forecast_shop

    def overslept(*args: Any, **kwargs: Any) -> Any:
        with database.transaction() as session:
            session.execute(text("UPDATE tasks SET lease_id = :other"), {"other": uuid4()})
        return original(*args, **kwargs)

    monkeypatch.setattr(asked, "forecast_shop", overslept)
    run(ml_tasks.forecast_shop_chunk, task_id, product_ids=[1, 2, 3, 4])
    with pytest.raises(NotFound):
        stored_forecasts.stored_forecast("P0")


def test_a_nightly_run_is_cancelled_with_all_its_chunks(
    products: list[str], operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = run(ml_tasks.train_all_models, uuid4())
    assert (parent.status, parent.worker) == (states.PROGRESS, None)
    waiting = task_registry.waiting(ANYBODY)
    assert len(waiting) == 6
    children = [child.task_id for child in waiting if child.task_name == TaskKind.TRAIN_CHUNK]
    original = training.attempt

    def trained(*args: Any, **kwargs: Any) -> Any:
        task_registry.cancel(parent.id, operator)
        return original(*args, **kwargs)

    monkeypatch.setattr(training, "attempt", trained)
    row = task_registry.get(children[0], ANYBODY)
    run(ml_tasks.train_chunk, row.id, **row.kwargs)
    statuses = {task_registry.get(each, ANYBODY).status for each in children}
    # The one that was at its only product had nothing left to stop.
    assert statuses <= {states.REVOKED, states.SUCCESS}
    assert task_registry.get(parent.id, ANYBODY).status == states.REVOKED
    again = run(ml_tasks.train_all_models, uuid4())
    assert again.status == states.PROGRESS


@contextmanager
def another_merge(database: Database) -> Iterator[None]:
    """Another import is being merged, so that the next one has to wait."""
    with database.transaction() as session:
        import_rows.merge_alone(session)
        yield


def test_an_import_is_cancelled_in_the_middle_of_a_statement(database: Database) -> None:
    owner = factories.make_principal(database, Role.ANALYST)
    content = io.BytesIO(b"sku,date,quantity\nA,2024-01-01,1\n")
    submitted = imports.submit(content, "sales.csv", ImportKind.SALES, owner)
    task_id, kwargs = submitted.task.task_id, {"import_id": str(submitted.record.id)}
    ended: list[Task] = []
    work = threading.Thread(target=lambda: ended.append(run(data_tasks.import_file_task, task_id, **kwargs)))
    with another_merge(database):
        work.start()
        wait_until(lambda: _waits_for_a_lock(database), "the import to wait for the other one")
        task_registry.cancel(task_id, owner)
        work.join(30)
    assert [task.status for task in ended] == [states.REVOKED]
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM products")).scalar_one() == 0


def _waits_for_a_lock(database: Database) -> bool:
    with database.reading() as session:
        question = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(session.execute(question).scalar_one())


def test_only_cancelling_ends_a_statement(database: Database, operator: Principal) -> None:
    held = lifecycle.claim(uuid4(), TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    with database.reading() as session, interruption.stoppable(session):
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    with fence.holding(held):
        with database.reading() as session, interruption.stoppable(session):
            assert session.execute(text("SELECT 1")).scalar_one() == 1
        with (
            pytest.raises(DBAPIError),
            database.reading() as session,
            interruption.stoppable(session),
        ):
            session.execute(text("SELECT 1 / 0"))
        task_registry.cancel(held.task_id, operator)
        with (
            pytest.raises(TaskCancelled),
            database.reading() as session,
            interruption.stoppable(session),
        ):
            session.execute(text("SELECT pg_sleep(60)"))
