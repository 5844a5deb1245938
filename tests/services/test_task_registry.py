"""The ledger: submits, claims, ends, fan-outs, reconciling."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from siprems_backend.config import Settings
from siprems_backend.errors import Conflict, Forbidden, Invalid, NotFound
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models import task_changes
from siprems_backend.models.tasks import Task
from siprems_backend.services import task_registry, training_run
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import (
    TaskKind,
    fan_out,
    lifecycle,
    reconciler,
    states,
    submission,
)
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role
from tests import factories

SYSTEM = Principal(0, "system", Role.ADMIN)


def row(task_id: UUID) -> Task:
    return task_registry.get(task_id, SYSTEM)


def submit(**kwargs: object) -> UUID:
    return task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, **kwargs).task_id


def claim(task_id: UUID) -> lifecycle.Claim | None:
    return lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, "worker-1")


@pytest.fixture
def broker_away(migrated: Settings, database: Database) -> Iterator[None]:
    """A port where nobody listens in the broker's place."""
    queue.bind_queue(migrated.model_copy(update={"celery_broker_url": "redis://127.0.0.1:1/0"}))
    queue.celery._after_fork()
    yield
    queue.bind_queue(migrated)
    queue.celery._after_fork()


def test_submit_commits_and_sends(database: Database) -> None:
    owner = factories.make_principal(database)
    submitted = task_registry.submit(TaskKind.PREDICT_STOCK, {"product_sku": "X"}, owner=owner)
    task = row(submitted.task_id)
    assert submitted.queued
    assert (task.status, task.queue, task.owner_id) == (states.PENDING, "predictions", owner.user_id)
    assert task.message == "Task is waiting to be executed"
    assert task.enqueued_at is not None


def test_submit_succeeds_while_the_broker_is_away_and_the_reconciler_sends_later(
    database: Database, migrated: Settings, broker_away: None
) -> None:
    submitted = task_registry.submit(TaskKind.TRAIN_ALL, {})
    assert not submitted.queued
    assert row(submitted.task_id).enqueued_at is None
    assert not any(reconciler.reconcile().values())
    queue.bind_queue(migrated)
    queue.celery._after_fork()
    assert reconciler.reconcile()["sent"] == 1
    assert row(submitted.task_id).enqueued_at is not None
    assert not any(reconciler.reconcile().values())


def test_an_idempotency_key_gives_the_same_task(database: Database) -> None:
    owner, other = factories.make_principal(database), factories.make_principal(database)
    first = submit(owner=owner, idempotency_key="k")
    again = task_registry.submit(
        TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}, owner=owner, idempotency_key="k"
    )
    assert (again.task_id, again.replayed) == (first, True)
    assert submit(owner=other, idempotency_key="k") != first
    with pytest.raises(Invalid):
        task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "Y"}, owner=owner, idempotency_key="k")


def test_two_deliveries_of_a_message_are_claimed_once(database: Database) -> None:
    task_id = submit()
    start = threading.Barrier(4)

    def deliver(_number: int) -> lifecycle.Claim | None:
        start.wait()
        return claim(task_id)

    with ThreadPoolExecutor(4) as pool:
        claims = [held for held in pool.map(deliver, range(4)) if held is not None]
    assert len(claims) == 1
    assert row(task_id).attempts == 1


def test_a_message_without_a_row_gets_one(database: Database) -> None:
    task_id = uuid4()
    held = claim(task_id)
    assert held is not None
    assert row(task_id).kwargs == {"product_sku": "X"}
    assert row(task_id).status == states.STARTED


def test_a_finished_task_is_not_claimed_again(database: Database) -> None:
    held = claim(submit())
    assert held is not None
    assert lifecycle.succeed(held, {"answer": 42}, [])
    assert claim(held.task_id) is None
    assert not lifecycle.fail(held, ValueError("late"), "", [])
    assert row(held.task_id).result == {"answer": 42}


def test_progress_is_seen_and_cancelling_stops_the_task(database: Database) -> None:
    owner = factories.make_principal(database)
    held = claim(submit(owner=owner))
    assert held is not None
    assert lifecycle.report(held, 1, 4, "Working", [(clock.now(), "INFO", "a line")]) is False
    task = row(held.task_id)
    assert (task.status, task.progress) == (
        states.PROGRESS,
        {"current": 1, "total": 4, "percent": 25.0, "message": "Working"},
    )
    assert [line.message for line in task_registry.log_lines(held.task_id, owner)] == ["a line"]
    task_registry.cancel(held.task_id, owner)
    assert not lifecycle.heartbeat(held)
    assert lifecycle.report(held, 2, 4, "Working", []) is True
    lifecycle.revoke(held, [])
    assert row(held.task_id).status == states.REVOKED
    with pytest.raises(Conflict):
        task_registry.cancel(held.task_id, owner)


def test_a_waiting_task_is_cancelled_at_once(database: Database) -> None:
    owner = factories.make_principal(database)
    task_id = submit(owner=owner)
    assert task_registry.cancel(task_id, owner) == "Task was cancelled"
    assert row(task_id).status == states.REVOKED
    assert claim(task_id) is None


def test_only_operators_terminate(database: Database) -> None:
    owner = factories.make_principal(database, Role.ANALYST)
    held = claim(submit(owner=owner))
    assert held is not None
    with pytest.raises(Forbidden):
        task_registry.cancel(held.task_id, owner, terminate=True)
    operator = factories.make_principal(database, Role.OPERATOR)
    task_registry.cancel(held.task_id, operator, terminate=True)
    assert row(held.task_id).status == states.REVOKED


def test_tasks_are_their_owners_and_the_operators(database: Database) -> None:
    owner, stranger = factories.make_principal(database), factories.make_principal(database)
    operator = factories.make_principal(database, Role.OPERATOR)
    task_id = submit(owner=owner)
    assert task_registry.get(task_id, owner).id == task_id
    assert task_registry.get(task_id, operator).id == task_id
    for call in (task_registry.get, task_registry.cancel, task_registry.retry, task_registry.log_lines):
        with pytest.raises(NotFound):
            call(task_id, stranger)
    everything = task_registry.TaskFilter()
    page = PageRequest()
    assert task_registry.listing(everything, page, "-created_at", stranger).total == 0
    assert task_registry.listing(everything, page, "-created_at", operator).total == 1
    theirs = task_registry.TaskFilter(owner_id=owner.user_id)
    assert task_registry.listing(theirs, page, "created_at", stranger).total == 0


def test_the_list_is_filtered_sorted_and_paged(database: Database) -> None:
    operator = factories.make_principal(database, Role.OPERATOR)
    ids = [submit() for _ in range(3)]
    held = claim(ids[0])
    assert held is not None
    lifecycle.succeed(held, {}, [])
    wanted = task_registry.TaskFilter(statuses=[states.SUCCESS], kinds=[TaskKind.TRAIN_PRODUCT.value])
    assert [task.id for task in task_registry.listing(wanted, PageRequest(), "status", operator).items] == [
        ids[0]
    ]
    second = task_registry.listing(task_registry.TaskFilter(), PageRequest(2, 2), "created_at", operator)
    assert [task.id for task in second.items] == [ids[2]]
    assert second.total == 3
    future = task_registry.TaskFilter(created_after=clock.now() + timedelta(hours=1))
    assert task_registry.listing(future, PageRequest(), "created_at", operator).total == 0
    past = task_registry.TaskFilter(created_before=clock.now() - timedelta(hours=1))
    assert task_registry.listing(past, PageRequest(), "created_at", operator).total == 0


def test_a_failed_task_is_retried_as_a_new_one_that_follows_it(database: Database) -> None:
    owner = factories.make_principal(database)
    held = claim(submit(owner=owner))
    assert held is not None
    with pytest.raises(Conflict):
        task_registry.retry(held.task_id, owner)
    lifecycle.fail(held, Invalid("broken"), "trace", [])
    failed = row(held.task_id)
    assert (failed.as_error(), failed.traceback) == ({"type": "Invalid", "message": "broken"}, "trace")
    again = task_registry.retry(held.task_id, owner)
    assert row(again.task_id).retry_of == held.task_id
    assert row(again.task_id).kwargs == failed.kwargs


def test_a_retry_sent_twice_is_one_task(database: Database) -> None:
    owner = factories.make_principal(database)
    held = claim(submit(owner=owner))
    assert held is not None
    lifecycle.fail(held, ValueError("broken"), "", [])
    first, second = (task_registry.retry(held.task_id, owner, idempotency_key="again") for _ in range(2))
    assert (first.task_id, second.replayed) == (second.task_id, True)


def test_errors_may_quote_anything(database: Database) -> None:
    held = claim(submit())
    assert held is not None
    assert lifecycle.fail(held, Invalid("a\0b \udcff"), "trace \0", [])
    failed = row(held.task_id)
    assert (failed.message, failed.traceback) == ("a\ufffdb ?", "trace \ufffd")
    assert failed.as_error() == {"type": "Invalid", "message": "a\ufffdb ?"}


def test_results_keep_their_backslashes(database: Database) -> None:
    held = claim(submit())
    assert held is not None
    assert lifecycle.succeed(held, {"text": ["\0", "\\u0000", "\\\0", "C:\\"]}, [])
    assert row(held.task_id).result == {"text": ["\ufffd", "\\u0000", "\\\ufffd", "C:\\"]}


def expire_lease(database: Database, task_id: UUID, **values: object) -> None:
    with database.transaction() as session:
        past = clock.now() - timedelta(seconds=1)
        task_changes.change(session, task_id, states.ACTIVE, {"lease_expires_at": past, **values})


def test_the_reconciler_takes_back_what_a_dead_worker_held(database: Database) -> None:
    held = claim(submit())
    assert held is not None
    assert not any(reconciler.reconcile().values())
    expire_lease(database, held.task_id)
    done = reconciler.reconcile()
    assert (done["taken_back"], done["sent"]) == (1, 1)
    assert row(held.task_id).status == states.PENDING
    assert lifecycle.heartbeat(held) is False
    taken = claim(held.task_id)
    assert taken is not None
    assert taken.attempts == 2
    assert not lifecycle.succeed(held, {"from": "the dead"}, [])


def test_a_task_that_keeps_killing_workers_is_given_up(database: Database) -> None:
    held = claim(submit())
    assert held is not None
    expire_lease(database, held.task_id, attempts=reconciler.MOST_ATTEMPTS)
    reconciler.reconcile()
    assert row(held.task_id).status == states.FAILURE
    assert row(held.task_id).as_error()["type"] == "WorkerLost"


def test_a_cancelled_task_of_a_dead_worker_ends(database: Database) -> None:
    owner = factories.make_principal(database)
    held = claim(submit(owner=owner))
    assert held is not None
    task_registry.cancel(held.task_id, owner)
    expire_lease(database, held.task_id)
    reconciler.reconcile()
    assert row(held.task_id).status == states.REVOKED


def fanned_out(children: int, owner: Principal | None = None) -> tuple[UUID, list[UUID]]:
    """A parent that has handed its work to children."""
    parent = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=owner).task_id
    held = lifecycle.claim(parent, TaskKind.TRAIN_ALL, {}, "worker-1")
    assert held is not None
    rows = [
        submission.new_row(TaskKind.TRAIN_CHUNK, {"product_ids": [place]}, parent_id=parent)
        for place in range(children)
    ]
    submission.submit_children(rows)
    lifecycle.hand_to_children(held, "handed over", ())
    return parent, [child["id"] for child in rows]


def chunk_result(sku: str) -> dict[str, object]:
    return {"results": {sku: {"status": "success", "product_sku": sku}}}


def finish(task_id: UUID, sku: str) -> None:
    held = lifecycle.claim(task_id, TaskKind.TRAIN_CHUNK, {}, "worker")
    assert held is not None
    lifecycle.succeed(held, chunk_result(sku), [])


def test_the_last_child_joins_its_parent_and_only_once(database: Database) -> None:
    parent, children = fanned_out(4)
    finish(children[0], "A")
    assert not fan_out.update_parent(parent)
    assert row(parent).progress["message"] == "1 of 4 parts done"
    for child, sku in zip(children[1:], "BCD", strict=True):
        finish(child, sku)
    with ThreadPoolExecutor(4) as pool:
        joined = list(pool.map(fan_out.update_parent, [parent] * 4))
    assert joined.count(True) == 1
    result = row(parent).result
    assert (row(parent).status, result["trained"], result["total_products"]) == (states.SUCCESS, 4, 4)
    assert sorted(result["results"]) == ["A", "B", "C", "D"]


def test_products_of_a_lost_chunk_count_as_failed(database: Database) -> None:
    parent, children = fanned_out(2)
    finish(children[0], "A")
    held = lifecycle.claim(children[1], TaskKind.TRAIN_CHUNK, {}, "worker")
    assert held is not None
    lifecycle.fail(held, OSError(28, "disk full"), "", [])
    assert fan_out.join_finished() == 1
    result = row(parent).result
    assert (result["trained"], result["failed"], result["lost_chunks"]) == (1, 1, {"disk full.": 1})
    assert row(parent).message == result["warning"] == "Completed, but 1 product could not be trained."


def test_cancelling_a_fan_out_ends_its_children(database: Database) -> None:
    owner = factories.make_principal(database)
    parent, children = fanned_out(3, owner)
    held = lifecycle.claim(children[0], TaskKind.TRAIN_CHUNK, {}, "worker")
    assert held is not None
    task_registry.cancel(parent, owner)
    assert [row(child).status for child in children[1:]] == [states.REVOKED] * 2
    assert lifecycle.report(held, 1, 2, "", []) is True
    lifecycle.revoke(held, [])
    fan_out.update_parent(parent)
    assert row(parent).status == states.REVOKED
    assert row(parent).result["failed"] == 3


def test_cancelling_a_fan_out_that_nobody_works_on_ends_it_at_once(database: Database) -> None:
    owner = factories.make_principal(database)
    parent, _children = fanned_out(2, owner)
    task_registry.cancel(parent, owner)
    assert row(parent).status == states.REVOKED


def test_a_process_that_cannot_join_leaves_that_to_one_that_can(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web processes do not load what trains, and cancel all the same."""
    owner = factories.make_principal(database)
    parent, _children = fanned_out(2, owner)
    with monkeypatch.context() as web:
        web.delitem(fan_out.SUMMARIES, TaskKind.TRAIN_ALL)
        assert task_registry.cancel(parent, owner)
        assert fan_out.join_finished() == 0
    assert row(parent).status == states.PROGRESS
    assert fan_out.join_finished() == 1
    assert (row(parent).status, row(parent).result["failed"]) == (states.REVOKED, 2)


def test_statistics_count_by_status_and_kind(database: Database) -> None:
    done, lost, waiting = submit(), submit(), submit()
    held = claim(done)
    assert held is not None
    lifecycle.succeed(held, {}, [])
    held = claim(lost)
    assert held is not None
    lifecycle.fail(held, ValueError("no"), "", [])
    with database.transaction() as session:
        long_ago = clock.now() - timedelta(hours=3)
        task_changes.change(session, waiting, states.WAITING, {"created_at": long_ago})
    figures = task_registry.statistics()
    assert figures["total"] == 3
    assert figures["by_status"]["SUCCESS"] == figures["by_status"]["FAILURE"] == 1
    assert figures["success_rate"] == 0.5
    assert figures["by_kind"][TaskKind.TRAIN_PRODUCT]["total"] == 3
    assert figures["oldest_waiting_s"] > 10_000
    assert figures["sla_breaches"] == 1
    assert figures["duration_p50_s"] >= 0


def test_large_runs_list_only_what_somebody_should_look_at() -> None:
    parent = Task(created_at=clock.now(), kind=TaskKind.TRAIN_ALL.value)
    results = {f"S{n}": {"status": "success"} for n in range(600)} | {"BAD": {"status": "failed"}}
    child = Task(
        kind=TaskKind.TRAIN_CHUNK.value, status=states.SUCCESS, result={"results": results}, kwargs={}
    )
    summary = training_run.summarise(parent, [child])
    assert list(summary["results"]) == ["BAD"]
    assert (summary["trained"], summary["failed"], summary["total_products"]) == (600, 1, 601)


def test_a_restarted_worker_takes_back_what_it_knows_nothing_of(database: Database) -> None:
    forgotten, in_hands, beating, others = (submit() for _ in range(4))
    long_ago = clock.now() - timedelta(minutes=1)
    for task_id in (forgotten, in_hands, beating):
        assert claim(task_id) is not None
    assert lifecycle.claim(others, TaskKind.TRAIN_PRODUCT, {}, "worker-2") is not None
    with database.transaction() as session:
        for task_id in (forgotten, in_hands, others):
            task_changes.change(session, task_id, states.RUNNING, {"heartbeat_at": long_ago})
    assert reconciler.take_back_orphans("worker-1", {str(in_hands)}) == 1
    assert [row(task_id).status for task_id in (forgotten, in_hands, beating, others)] == [
        "PENDING",
        "STARTED",
        "STARTED",
        "STARTED",
    ]
    assert reconciler.take_back_orphans("worker-1", {str(in_hands)}) == 0
