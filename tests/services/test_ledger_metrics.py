"""What the ledger, the broker and the workers' rows become for monitoring."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models import schedules, task_changes
from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.services import ledger_metrics, task_registry, worker_registry
from siprems_backend.services.accuracy import watch
from siprems_backend.services.ledger_metrics import QUEUES, LedgerMetrics
from siprems_backend.services.task_registry import TaskKind, lifecycle, reconciler, states
from siprems_backend.services.task_registry.kinds import START_WITHIN
from siprems_backend.services.worker_registry import CELERY, Identity
from siprems_backend.utils import clock
from tests import factories
from tests.metrics import counted
from tests.services.accuracy.forecasts import UNTIL, forecast_daily

Figures = dict[tuple[str, ...], float]


@pytest.fixture
def collector() -> LedgerMetrics:
    return LedgerMetrics()


def look(collector: LedgerMetrics) -> Figures:
    """(name, label values...): value."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in collector.collect()
        for sample in family.samples
    }


def submit(kind: TaskKind = TaskKind.TRAIN_PRODUCT, **kwargs: Any) -> Any:
    return task_registry.submit(kind, {"product_sku": "X"}, **kwargs).task_id


def claim(task_id: Any) -> lifecycle.Claim:
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, "worker-1")
    assert held is not None
    return held


def change(database: Database, task_id: Any, **values: Any) -> None:
    with database.transaction() as session:
        task_changes.change(session, task_id, states.ALL, values)


def test_an_empty_instance(database: Database, collector: LedgerMetrics) -> None:
    found = look(collector)
    assert found["siprems_database_up",] == found["siprems_broker_up",] == 1
    for name in QUEUES:
        assert found["siprems_queue_tasks", name, "waiting"] == 0
        assert found["siprems_queue_oldest_waiting_seconds", name] == 0
        assert found["siprems_broker_messages", name] == 0
        assert found["siprems_queue_start_within_seconds", name] == START_WITHIN[name]
    assert found["siprems_workers", "celery"] == found["siprems_workers", "local"] == 0
    # What never was has no figure, so that rules can tell it from 0.
    assert ("siprems_beat_last_slot_timestamp_seconds",) not in found
    assert ("siprems_training_run_ended_timestamp_seconds",) not in found
    assert ("siprems_oldest_model_timestamp_seconds",) not in found
    assert ("siprems_forecast_wape",) not in found
    assert ("siprems_forecast_coverage", "95") not in found
    assert found["siprems_forecast_products", "watched"] == 0


def test_queues(database: Database, collector: LedgerMetrics) -> None:
    oldest, running, postponed, parent, later = (submit() for _ in range(5))
    change(database, oldest, created_at=clock.now() - dt.timedelta(seconds=600))
    claim(running)
    lifecycle.postpone(claim(postponed), "away", clock.now() + dt.timedelta(hours=1), [])
    lifecycle.hand_to_children(claim(parent), "2 chunks", [])
    change(database, later, eta=clock.now() + dt.timedelta(hours=1))
    found = look(collector)
    counts = {state: found["siprems_queue_tasks", "training", state] for state in ("waiting", "retrying")}
    assert counts == {"waiting": 2, "retrying": 1}
    assert found["siprems_queue_tasks", "training", "running"] == 1
    assert found["siprems_queue_tasks", "training", "joining"] == 1
    assert 600 <= found["siprems_queue_oldest_waiting_seconds", "training"] < 660
    assert found["siprems_queue_oldest_waiting_seconds", "predictions"] == 0


def test_messages_of_all_priorities_count(database: Database, collector: LedgerMetrics) -> None:
    for priority in (0, 5, 9):
        queue.send_task("nobody's", str(uuid4()), {}, queue="tools", priority=priority)
    found = look(collector)
    assert found["siprems_broker_messages", "tools"] == 3
    assert found["siprems_broker_messages", "training"] == 0


def test_figures_are_remembered_for_a_moment(database: Database, collector: LedgerMetrics) -> None:
    first = look(collector)
    submit()
    assert look(collector) == first
    assert look(LedgerMetrics())["siprems_queue_tasks", "training", "waiting"] == 1


def test_workers(database: Database, collector: LedgerMetrics) -> None:
    now = clock.now()
    worker_registry.renew(Identity("a@x", CELERY, 1, 4, ["training", "predictions", "odd"], now), {})
    worker_registry.renew(Identity("b@x", CELERY, 2, 2, ["training"], now), {})
    found = look(collector)
    assert found["siprems_workers", "celery"] == 2
    assert found["siprems_worker_processes", "celery"] == 6
    assert found["siprems_queue_processes", "training"] == 6
    assert found["siprems_queue_processes", "predictions"] == 4
    assert found["siprems_queue_processes", "tools"] == 0


def test_workers_that_fell_silent_do_not_count(
    database: Database, collector: LedgerMetrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_registry.renew(Identity("a@x", CELERY, 1, 4, ["training"], clock.now()), {})
    monkeypatch.setattr(ledger_metrics, "ALIVE_FOR", dt.timedelta(0))
    assert look(collector)["siprems_workers", "celery"] == 0


def test_training_and_models(database: Database, collector: LedgerMetrics) -> None:
    trained_at = clock.now() - dt.timedelta(days=3)
    for number, (active, backtest) in enumerate(((True, {"wape": 0.25}), (True, None), (False, {"wape": 9}))):
        product = factories.make_product(database, f"P{number}")
        values = {"version": 1, "is_active": active, "engine": "prophet", "served_by": "prophet"}
        hashes = {"checksum": "c", "data_hash": "d", "size_bytes": 1, "training_samples": 1}
        values["meta"] = {"backtest": backtest}
        with database.transaction() as session:
            session.add(Artifact(product_id=product.id, **values, **hashes, trained_at=trained_at))
    result = {"trained": 7, "unchanged": 5, "skipped": 2, "failed": 1, "seconds": 12.5, "results": {}}
    for counts, ended in ((result, clock.now()), ({**result, "trained": 99}, trained_at)):
        task_id = submit(TaskKind.TRAIN_ALL)
        change(database, task_id, status="SUCCESS", result=counts, finished_at=ended)
    failed = submit(TaskKind.TRAIN_ALL)
    change(database, failed, status="FAILURE", finished_at=clock.now())
    found = look(collector)
    outcomes = ("trained", "unchanged", "skipped", "failed")
    assert [found["siprems_training_run_products", name] for name in outcomes] == [7, 5, 2, 1]
    assert found["siprems_training_run_seconds",] == 12.5
    assert found["siprems_training_run_ended_timestamp_seconds",] == pytest.approx(
        clock.now().timestamp(), abs=60
    )
    assert found["siprems_models",] == 2
    assert found["siprems_model_wape_median",] == 0.25
    assert found["siprems_oldest_model_timestamp_seconds",] == pytest.approx(trained_at.timestamp())


def test_a_run_without_figures_is_no_failure_of_ours(database: Database, collector: LedgerMetrics) -> None:
    change(database, submit(TaskKind.TRAIN_ALL), status="SUCCESS", result=None, finished_at=clock.now())
    found = look(collector)
    assert ("siprems_training_run_ended_timestamp_seconds",) in found
    assert ("siprems_training_run_seconds",) not in found


def test_beat_and_notifications(database: Database, collector: LedgerMetrics) -> None:
    user = factories.make_user(database)
    now = clock.now()
    with database.transaction() as session:
        schedules.take_slot(session, "reconcile-ledger", now, uuid4())
        subscription = Subscription(owner_id=user.id, channel="webhook", target="https://x", events=[])
        session.add(subscription)
        session.flush()
        for number, status in enumerate(("pending", "pending", "failed", "delivered")):
            session.add(
                Delivery(
                    subscription_id=subscription.id,
                    event="task.failed",
                    event_key=str(number),
                    payload={},
                    status=status,
                    next_attempt_at=now - dt.timedelta(minutes=5 * number),
                )
            )
    found = look(collector)
    assert found["siprems_beat_last_slot_timestamp_seconds",] == pytest.approx(now.timestamp(), abs=60)
    assert found["siprems_notifications_pending",] == 2
    assert 300 <= found["siprems_notifications_overdue_seconds",] < 400
    assert found["siprems_notifications_failed",] == 1


def test_what_happens_to_tasks_is_counted(database: Database) -> None:
    kind = {"kind": TaskKind.TRAIN_PRODUCT.value}

    def figures() -> dict[str, float]:
        ended = "siprems_tasks_ended_total"
        return {
            "started": counted("siprems_tasks_started_total", **kind),
            "waited": counted("siprems_task_waiting_seconds_count", **kind),
            "retries": counted("siprems_task_retries_total", **kind),
            "losses": counted("siprems_task_losses_total", **kind),
            "took": counted("siprems_task_seconds_count", **kind),
            **{status: counted(ended, **kind, status=status) for status in sorted(states.TERMINAL)},
        }

    before = figures()
    lifecycle.succeed(claim(submit()), {}, [])
    lifecycle.fail(claim(submit()), ValueError("x"), "", [])
    task_id = submit()
    lifecycle.postpone(claim(task_id), "away", clock.now(), [])
    # A report is no change of state that counts, and neither is a second end.
    held = claim(task_id)
    lifecycle.report(held, 1, 2, "half", [])
    lifecycle.succeed(held, {}, [])
    assert not lifecycle.succeed(held, {}, [])
    task_registry.cancel(submit(), factories.make_principal(database, factories.Role.ADMIN), terminate=False)
    lost = submit()
    claim(lost)
    change(database, lost, lease_expires_at=clock.now() - dt.timedelta(seconds=1))
    reconciler.reconcile()
    after = figures()
    gained = {name: after[name] - before[name] for name in after}
    ends = {"SUCCESS": 2, "FAILURE": 1, "REVOKED": 1}
    assert gained == {"started": 5, "waited": 4, "retries": 1, "losses": 1, "took": 3, **ends}


def test_accuracy_of_forecasts(database: Database, collector: LedgerMetrics) -> None:
    for sku, mean in (("GOOD", 20.0), ("LOW", 5.0)):
        product = factories.make_product(database, sku)
        factories.sell(database, product, [20.0] * 40, until=UNTIL)
        forecast_daily(database, product, mean, origins=20)
    watch.score()
    found = look(collector)
    assert found["siprems_forecast_wape",] == pytest.approx(15 / 40)
    assert found["siprems_forecast_bias",] == pytest.approx(-15 / 40)
    assert found["siprems_forecast_coverage", "95"] == found["siprems_forecast_coverage", "80"] == 0.5
    verdicts = [found["siprems_forecast_products", name] for name in ("watched", "biased", "drifted")]
    assert verdicts == [2, 1, 1]
