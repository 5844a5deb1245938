"""What is entered when a task ends, for whom, and how often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, text

from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import Database
from siprems_backend.models.notifications import Delivery
from siprems_backend.models.tasks import Task
from siprems_backend.models.users import User
from siprems_backend.services import task_registry, training_run
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import Event, outbox
from siprems_backend.services.task_registry import (
    TaskKind,
    fan_out,
    lifecycle,
    states,
    submission,
    transitions,
)
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.notifications.conftest import end_task, make_operator, settings_of

Subscribe = Callable[..., int]
Deliveries = Callable[[], list[Delivery]]
RUN = {"total_products": 3, "trained": 2, "unchanged": 0, "skipped": 1, "failed": 0, "results": {"A": {}}}
FORECASTS = {"forecasts": 4, "unchanged": 0, "failed": 1, "never_sold": 2, "reasons": {"A": "because"}}


def told(deliveries: Deliveries) -> list[tuple[int, str]]:
    return [(row.subscription_id, row.event) for row in deliveries()]


def sweeps(database: Database) -> int:
    with database.reading() as session:
        kinds = session.scalars(select(Task.kind)).all()
    return kinds.count(TaskKind.DELIVER_NOTIFICATIONS)


def test_ends_are_entered_with_what_happened(
    owner: Principal, subscribe: Subscribe, deliveries: Deliveries, database: Database
) -> None:
    hook = subscribe(owner)
    with settings_of(PUBLIC_URL="https://shop.example/siprems/"):
        task_id = end_task(owner, error="No data for 'Ä\0'.")
    (row,) = deliveries()
    assert (row.subscription_id, row.event, row.status, row.attempts) == (hook, "task.failed", "pending", 0)
    task = row.payload["task"]
    assert (task["task_id"], task["kind"], task["status"]) == (task_id, TaskKind.TRAIN_PRODUCT, "FAILURE")
    assert task["error"]["type"] == "ValueError"
    assert task["runtime_s"] >= 0
    assert task["link"] == f"https://shop.example/siprems/api/v1/tasks/{task_id}"
    assert "summary" not in row.payload
    assert sweeps(database) == 1


def test_success_and_cancellation(owner: Principal, subscribe: Subscribe, deliveries: Deliveries) -> None:
    subscribe(owner)
    end_task(owner)
    waiting = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, owner=owner)
    task_registry.cancel(waiting.task_id, owner)
    assert [row.event for row in deliveries()] == ["task.succeeded", "task.cancelled"]
    assert deliveries()[0].payload["task"]["link"].startswith("/api/v1/tasks/")


def test_who_subscribes_while_it_runs_is_told(
    owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    task_id = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, owner=owner).task_id
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    assert not held.watched
    subscribe(owner)
    assert lifecycle.succeed(held, None, [])
    assert [row.event for row in deliveries()] == ["task.succeeded"]


@pytest.mark.parametrize(
    ("result", "error", "expected"),
    [
        (RUN, "", "training_run.completed"),
        ({**RUN, "shop_forecasts": {**FORECASTS, "failed": 0}}, "", "training_run.completed"),
        ({**RUN, "failed": 2}, "", "training_run.failed"),
        (None, "The database was away.", "training_run.failed"),
    ],
)
def test_training_runs(
    database: Database,
    subscribe: Subscribe,
    deliveries: Deliveries,
    result: Any,
    error: str,
    expected: str,
) -> None:
    operator = make_operator(database)
    everything = subscribe(operator)
    general = subscribe(operator, events=["task.succeeded", "task.failed"])
    end_task(None, TaskKind.TRAIN_ALL, result, error)
    assert told(deliveries) == [
        (everything, expected),
        (general, "task.failed" if error else "task.succeeded"),
    ]
    summary = deliveries()[0].payload.get("summary")
    if error:
        assert summary is None
    else:
        told_of = {name: value for name, value in result.items() if name not in {"results", "shop_forecasts"}}
        assert summary == told_of | (
            {"shop_forecasts": 4, "shop_forecasts_failed": 0} if len(result) > 6 else {}
        )


def test_a_training_run_tells_how_many_were_forecast_with_the_shop(
    database: Database, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    subscribe(make_operator(database))
    end_task(None, TaskKind.TRAIN_ALL, {**RUN, "shop_forecasts": FORECASTS})
    summary = deliveries()[0].payload["summary"]
    assert (summary["shop_forecasts"], summary["shop_forecasts_failed"], summary["failed"]) == (4, 1, 0)
    assert deliveries()[0].event == "training_run.failed"
    assert "results" not in summary


def test_the_watch_tells_how_many_products_drifted(
    database: Database, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    subscribe(make_operator(database))
    counts = {"products": 9, "drifted": 2, "biased": 1, "forecast_anew": 0, "trained": 0}
    end_task(None, TaskKind.ACCURACY_WATCH, {**counts, "worst": [{}], "note": "Nothing new."})
    assert deliveries()[0].event == "task.succeeded"
    assert deliveries()[0].payload["summary"] == counts


def test_imports(owner: Principal, subscribe: Subscribe, deliveries: Deliveries) -> None:
    subscribe(owner)
    end_task(owner, TaskKind.IMPORT_FILE, {"rows": 5, "accepted": 4, "rejected": 1, "rejected_rows": [{}]})
    end_task(owner, TaskKind.IMPORT_FILE, error="Not a CSV file.")
    assert [row.event for row in deliveries()] == ["import.completed", "import.failed"]
    assert deliveries()[0].payload["summary"] == {"rows": 5, "accepted": 4, "rejected": 1}


def test_a_fan_out_is_told_once_and_its_children_are_not(
    database: Database, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    assert fan_out.SUMMARIES[TaskKind.TRAIN_ALL] is training_run.summarise
    operator = make_operator(database)
    subscribe(operator)
    parent = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=operator).task_id
    held = lifecycle.claim(parent, TaskKind.TRAIN_ALL, {}, "worker-1")
    assert held is not None
    rows = [
        submission.new_row(TaskKind.TRAIN_CHUNK, {"product_ids": [number]}, parent_id=parent)
        for number in range(3)
    ]
    submission.submit_children(rows)
    lifecycle.hand_to_children(held, "", [])
    for row in rows:
        child = lifecycle.claim(row["id"], TaskKind.TRAIN_CHUNK, {}, "worker-1")
        assert child is not None
        lifecycle.fail(child, ValueError("no"), "", [])
        fan_out.update_parent(parent)
    (delivery,) = deliveries()
    assert (delivery.event, delivery.task_id) == ("training_run.failed", parent)
    assert delivery.payload["summary"]["failed"] == 3
    assert delivery.payload["task"]["message"] == "Completed, but 3 products could not be trained."


def test_a_lost_shard_of_the_shop_fails_the_run(
    database: Database, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    operator = make_operator(database)
    subscribe(operator)
    parent = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=operator).task_id
    held = lifecycle.claim(parent, TaskKind.TRAIN_ALL, {}, "worker-1")
    assert held is not None
    kinds = (TaskKind.FORECAST_SHOP_CHUNK, TaskKind.TRAIN_CHUNK)
    shard, chunk = (submission.new_row(kind, {"product_ids": [1]}, parent_id=parent) for kind in kinds)
    submission.submit_children([shard, chunk])
    lifecycle.hand_to_children(held, "", [])
    lost, done = (lifecycle.claim(row["id"], row["kind"], {}, "worker-1") for row in (shard, chunk))
    assert lost is not None
    assert done is not None
    lifecycle.fail(lost, ValueError("no"), "", [])
    lifecycle.succeed(done, {"results": {"A": {"status": "success", "product_sku": "A"}}}, [])
    assert fan_out.update_parent(parent)
    (delivery,) = deliveries()
    assert delivery.event == "training_run.failed"
    warning = "Completed, but 1 product could not be forecast with the shop."
    assert delivery.payload["task"]["message"] == warning
    assert delivery.payload["summary"]["shop_forecasts_failed"] == 1
    result = task_registry.get(parent, operator).result
    assert (result["status"], result["warning"], result["trained"]) == ("completed", warning, 1)


def test_who_is_told(database: Database, subscribe: Subscribe, deliveries: Deliveries) -> None:
    analyst, other, operator = (
        factories.make_principal(database, role) for role in (Role.ANALYST, Role.ANALYST, Role.OPERATOR)
    )
    hooks = {person.user_id: subscribe(person) for person in (analyst, other, operator)}
    end_task(analyst)
    assert [row.subscription_id for row in deliveries()] == [hooks[analyst.user_id]]
    end_task(None, TaskKind.REFRESH_FORECASTS)
    assert [row.subscription_id for row in deliveries()][1:] == [hooks[operator.user_id]]


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "viewer"}])
def test_whoever_lost_the_right_is_told_no_more(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries, change: dict[str, Any]
) -> None:
    subscribe(owner)
    with database.transaction() as session:
        user = session.get_one(User, owner.user_id)
        for name, value in change.items():
            setattr(user, name, value)
    end_task(owner)
    assert deliveries() == []


def test_filters(owner: Principal, subscribe: Subscribe, deliveries: Deliveries) -> None:
    subscribe(owner, active=False)
    subscribe(owner, events=[Event.TASK_FAILED])
    subscribe(owner, events=[])
    subscribe(owner, kinds=[TaskKind.PREDICT_STOCK])
    wanted = subscribe(owner, kinds=[TaskKind.PREDICT_STOCK, TaskKind.TRAIN_PRODUCT])
    end_task(owner)
    assert [row.subscription_id for row in deliveries()] == [wanted]


def test_housekeeping_is_silent(database: Database, subscribe: Subscribe, deliveries: Deliveries) -> None:
    subscribe(make_operator(database))
    for kind in (TaskKind.CLEANUP, TaskKind.HEALTH_CHECK, TaskKind.DELIVER_NOTIFICATIONS):
        end_task(None, kind, error="broken")
    assert deliveries() == []


def test_an_end_is_entered_with_the_end_or_not_at_all(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    subscribe(owner)
    task_id = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, owner=owner).task_id
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker-1")
    assert held is not None

    def end_and_fail() -> None:
        with transitions.ledger() as session:
            assert transitions.move(session, task_id, states.RUNNING, {"status": states.SUCCESS})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        end_and_fail()
    assert deliveries() == []
    assert sweeps(database) == 0
    assert lifecycle.succeed(held, None, [])
    assert not lifecycle.succeed(held, None, [])
    assert len(deliveries()) == 1


def test_a_mistake_in_telling_does_not_keep_a_task_from_ending(
    owner: Principal, subscribe: Subscribe, deliveries: Deliveries, database: Database
) -> None:
    subscribe(owner)
    with database.transaction() as session:
        session.execute(
            text("ALTER TABLE deliveries ADD CONSTRAINT broken CHECK (event <> 'task.succeeded')")
        )
    try:
        task_id = end_task(owner)
    finally:
        with database.transaction() as session:
            session.execute(text("ALTER TABLE deliveries DROP CONSTRAINT broken"))
    assert task_registry.get(UUID(task_id), owner).status == states.SUCCESS
    assert deliveries() == []


def test_nobody_who_listens_costs_no_question(
    database: Database, owner: Principal, subscribe: Subscribe
) -> None:
    """Tasks end hundreds of times a second."""
    subscribe(factories.make_principal(database))
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        end_task(owner)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert not [
        statement for statement in statements if "deliveries" in statement or "SAVEPOINT" in statement
    ]


def test_a_crowd_of_ends_starts_one_sweep(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    subscribe(owner)
    threads = [threading.Thread(target=end_task, args=(owner,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(deliveries()) == 8
    assert sweeps(database) == 1
    outbox.sweep_begins()
    end_task(owner)
    assert sweeps(database) == 2


def test_without_redis_the_regular_sweep_does_it(
    owner: Principal,
    subscribe: Subscribe,
    deliveries: Deliveries,
    database: Database,
    migrated: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subscribe(owner)
    monkeypatch.setattr(outbox, "start_sweep", outbox._Starter())
    cache.bind(migrated.model_copy(update={"cache_url": "redis://127.0.0.1:1/2"}))
    try:
        end_task(owner)
        outbox.sweep_begins()
    finally:
        cache.bind(migrated)
    assert len(deliveries()) == 1
    assert sweeps(database) == 0
