"""What a task leaves behind: committed only while the task is its worker's, and once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from siprems_backend.errors import TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.models import artifact_queries, task_changes
from siprems_backend.services import training
from siprems_backend.services.task_registry import (
    TaskKind,
    fence,
    interruption,
    lifecycle,
    reconciler,
    states,
    submit,
)
from siprems_backend.services.task_registry.lifecycle import Claim
from siprems_backend.utils import clock
from tests import factories


@pytest.fixture
def product(database: Database, models_dir: Path) -> int:
    """A product that can be trained; its id."""
    made = factories.make_product(database, "FENCED")
    factories.sell(database, made, factories.weekly_demand(120), until=clock.today() - timedelta(days=1))
    return made.id


def taken() -> Claim:
    submitted = submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "FENCED"})
    held = lifecycle.claim(submitted.task_id, submitted.kind, {}, "worker")
    assert held is not None
    return held


def versions(database: Database, product_id: int) -> list[int]:
    with database.reading() as session:
        return [artifact.version for artifact in artifact_queries.versions(session, product_id)]


def lose_lease(database: Database, task_id: UUID) -> None:
    with database.transaction() as session:
        past = clock.now() - timedelta(seconds=1)
        task_changes.change(session, task_id, states.RUNNING, {"lease_expires_at": past})
    assert reconciler.reconcile()["taken_back"] == 1


def test_a_worker_that_lost_its_lease_leaves_nothing(database: Database, product: int) -> None:
    held = taken()
    lose_lease(database, held.task_id)
    with fence.holding(held), pytest.raises(TaskCancelled):
        training.train_product("FENCED")
    assert versions(database, product) == []


def test_a_task_that_is_run_again_keeps_the_version_it_made(database: Database, product: int) -> None:
    first = taken()
    with fence.holding(first):
        assert training.train_product("FENCED")["version"] == 1
    # The worker died after its model was kept and before the ledger heard of it.
    lose_lease(database, first.task_id)
    second = lifecycle.claim(first.task_id, first.kind, {}, "another")
    assert second is not None
    with fence.holding(second):
        assert training.train_product("FENCED")["version"] == 1
    assert versions(database, product) == [1]


def test_outside_of_tasks_every_training_makes_a_version(database: Database, product: int) -> None:
    for version in (1, 2):
        assert training.train_product("FENCED")["version"] == version
    assert versions(database, product) == [2, 1]


def test_locks_of_a_worker_that_stands_still_are_freed_with_its_task(
    database: Database, product: int
) -> None:
    held = taken()
    lock, free = select(func.pg_advisory_xact_lock(7)), select(func.pg_try_advisory_xact_lock(7))
    with fence.holding(held), database.reading() as session:
        with interruption.stoppable(session):
            session.execute(lock)
        with database.reading() as other:
            assert not other.scalar(free)
        lose_lease(database, held.task_id)
        with database.reading() as other:
            other.execute(lock)
        with pytest.raises(OperationalError):
            session.execute(free)


def test_sessions_of_other_runs_go_on(database: Database, product: int) -> None:
    held, other = taken(), taken()
    with fence.holding(other), database.reading() as session, interruption.stoppable(session):
        lose_lease(database, held.task_id)
        assert session.scalar(select(1)) == 1
    with fence.holding(other), database.transaction() as session, interruption.stoppable(session):
        pass
    with database.reading() as session:
        assert session.scalar(select(func.current_setting("application_name"))) == "siprems"


def test_a_worker_that_stands_still_before_its_commit_does_not_keep_its_task(
    database: Database, product: int
) -> None:
    held = taken()
    with fence.holding(held), database.reading() as session:
        past = clock.now() - timedelta(seconds=1)
        with database.transaction() as other:
            task_changes.change(other, held.task_id, states.RUNNING, {"lease_expires_at": past})
        fence.require_lease(session)
        assert reconciler.reconcile()["taken_back"] == 1
        with pytest.raises(OperationalError):
            session.execute(select(1))
