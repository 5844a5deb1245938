"""What the task base class keeps around a body, shown on tasks run in this process."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from celery.exceptions import Reject
from sqlalchemy.exc import OperationalError

from siprems_backend.errors import NotFound
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models.tasks import Task
from siprems_backend.services import stored_forecasts, task_registry, training
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind, lifecycle, reconciler, states
from siprems_backend.tasks import maintenance_tasks, ml_tasks, patience
from siprems_backend.tasks.run import MOST_RETRIES
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.away import servers_away

SYSTEM = Principal(0, "system", Role.ADMIN)


def row(task_id: UUID) -> Task:
    return task_registry.get(task_id, SYSTEM)


def run(task: Any, *args: Any, task_id: UUID | None = None, **kwargs: Any) -> Task:
    """Run a task as a worker would on a message with these arguments; its row."""
    task_id = task_id or uuid4()
    task.apply(args=args, kwargs=kwargs, task_id=str(task_id))
    return row(task_id)


def raising(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def body(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(training, "train_product", body)


def away_once(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a step of the ledger meet a database that is away, the first time."""
    step = getattr(lifecycle, name)
    failures = [OperationalError("select 1", {}, Exception("gone"))]

    def unlucky(*args: Any, **kwargs: Any) -> Any:
        if failures:
            raise failures.pop()
        return step(*args, **kwargs)

    monkeypatch.setattr(lifecycle, name, unlucky)


def test_arguments_by_position_are_kept_by_name(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "train_product", lambda sku, on_progress: {"sku": sku})
    task = run(ml_tasks.train_product_model_task, "BRD-001")
    assert (task.status, task.kwargs, task.result) == (
        states.SUCCESS,
        {"product_sku": "BRD-001"},
        {"sku": "BRD-001"},
    )


def test_a_message_delivered_twice_runs_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    monkeypatch.setattr(training, "train_product", lambda sku, on_progress: runs.append(sku))
    task_id = uuid4()
    for _ in range(2):
        task = run(ml_tasks.train_product_model_task, task_id=task_id, product_sku="A")
    assert (runs, task.attempts) == (["A"], 1)


def test_data_errors_end_at_once_without_a_stack(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, NotFound("No product with SKU 'X'.", code="product_not_found"))
    task = run(ml_tasks.train_product_model_task, product_sku="X")
    assert (task.status, task.attempts, task.traceback) == (states.FAILURE, 1, "")
    assert task.as_error() == {"type": "NotFound", "message": "No product with SKU 'X'."}


def test_our_mistakes_keep_their_stack(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, ZeroDivisionError("a bug"))
    task = run(ml_tasks.train_product_model_task, product_sku="X")
    assert task.status == states.FAILURE
    assert "ZeroDivisionError: a bug" in (task.traceback or "")


@pytest.mark.parametrize(
    "error", [OperationalError("select 1", {}, Exception("gone")), OSError(28, "No space left on device")]
)
def test_passing_failures_are_tried_again_with_growing_delays(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    raising(monkeypatch, error)
    stopped = clock.now()
    monkeypatch.setattr(clock, "now", lambda: stopped)
    task_id = uuid4()
    delays = []
    for attempt in range(1, MOST_RETRIES + 1):
        task = run(ml_tasks.train_product_model_task, task_id=task_id, product_sku="X")
        assert (task.status, task.attempts) == (states.RETRY, attempt)
        assert task.eta is not None
        delays.append((task.eta - stopped).total_seconds())
    assert 1.5 <= delays[0] <= 2.5
    assert delays == sorted(delays)
    final = run(ml_tasks.train_product_model_task, task_id=task_id, product_sku="X")
    assert (final.status, final.attempts) == (states.FAILURE, MOST_RETRIES + 1)


def test_a_message_goes_back_to_its_queue_while_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES_SECONDS", (0.0, 0.0))
    with servers_away():
        outcome = maintenance_tasks.health_check.apply(task_id=str(uuid4()))
    assert outcome.state == "REJECTED"
    assert isinstance(outcome.result, Reject)
    assert outcome.result.requeue is True


def test_a_task_outlasts_a_restart_of_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES_SECONDS", (0.0, 0.0))
    for name in ("claim", "report", "succeed"):
        away_once(monkeypatch, name)
    monkeypatch.setattr(training, "train_product", lambda sku, on_progress: on_progress(1, 1, "Done"))
    task = run(ml_tasks.train_product_model_task, product_sku="X")
    assert (task.status, task.attempts) == (states.SUCCESS, 1)


def test_an_attempt_whose_message_could_not_be_sent_is_sent_when_it_is_due(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise queue.BrokerAway("refused")

    raising(monkeypatch, OSError(28, "No space left on device"))
    with pytest.MonkeyPatch.context() as broker:
        broker.setattr(queue, "send_task", away)
        task = run(ml_tasks.train_product_model_task, product_sku="X")
    assert (task.status, task.enqueued_at) == (states.RETRY, None)
    for due_in, sent in ((dt.timedelta(hours=1), 0), (dt.timedelta(0), 1)):
        with database.transaction() as session:
            session.get_one(Task, task.id).eta = clock.now() + due_in
        assert reconciler.reconcile()["sent"] == sent


def test_the_time_limit_ends_a_task_with_a_clear_message(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, SoftTimeLimitExceeded())
    task = run(ml_tasks.train_product_model_task, product_sku="X")
    assert task.status == states.FAILURE
    assert "time limit" in (task.message or "")


def test_the_time_limit_is_no_product_of_a_chunk(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    product = factories.make_product(database)

    def body(*_args: Any) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(training, "train_history", body)
    task = run(ml_tasks.train_chunk, product_ids=[product.id])
    assert (task.status, task.result) == (states.FAILURE, None)


def test_a_cancelled_task_stops_at_its_next_report(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = factories.make_principal(database)
    submitted = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "A"}, owner=owner)
    reached = []

    def body(_sku: str, on_progress: Any) -> None:
        on_progress(0, 2, "Begin")
        task_registry.cancel(submitted.task_id, owner)
        on_progress(2, 2, "End")
        reached.append("the end")

    monkeypatch.setattr(training, "train_product", body)
    task = run(ml_tasks.train_product_model_task, task_id=submitted.task_id, product_sku="A")
    assert (task.status, reached) == (states.REVOKED, [])


def test_what_the_services_log_is_kept_with_the_task(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body(sku: str, on_progress: Any) -> None:
        training.log.warning("looked_closely", sku=sku)

    monkeypatch.setattr(training, "train_product", body)
    task = run(ml_tasks.train_product_model_task, product_sku="A B")
    lines = [line.message for line in task_registry.log_lines(task.id, SYSTEM)]
    assert "looked_closely sku=A B" in lines


def test_predictions_and_batches(database: Database, models_dir: object) -> None:
    product = factories.make_product(database, "A")
    factories.sell(database, product, [5.0] * 30, until=dt.date(2026, 6, 30))
    one = run(ml_tasks.predict_stock_task, "A", 5)
    assert one.kwargs == {"product_sku": "A", "forecast_days": 5}
    assert one.result is not None
    assert one.result["forecast_days"] == 5
    many = run(ml_tasks.predict_batch_task, product_skus=["A", "B"], forecast_days=2)
    assert many.result is not None
    assert list(many.result["failed"]) == ["B"]
    assert stored_forecasts.stored_forecast("A")["forecast"]
    assert one.result["engine"] == many.result["forecasts"]["A"]["engine"] == "auto"


def test_housekeeping(database: Database) -> None:
    old = run(maintenance_tasks.health_check)
    assert old.result is not None
    assert old.result["status"] == "ok"
    with database.transaction() as session:
        task = session.get_one(Task, old.id)
        task.finished_at = clock.now() - dt.timedelta(hours=2)
    cleaned = run(maintenance_tasks.cleanup_old_tasks)
    assert cleaned.result is not None
    assert cleaned.result["tasks"] == 1
    assert run(maintenance_tasks.update_task_statistics).result["by_status"]["SUCCESS"] == 1
    assert run(maintenance_tasks.reconcile_ledger).result["taken_back"] == 0
