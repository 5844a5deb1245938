"""From a task that ends in a worker to a webhook that knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind
from tests import factories
from tests.e2e.conftest import QUEUES, celery_process, wait_until
from tests.receivers import Receiver, receiving


@pytest.fixture
def receiver(database: Database, environment: dict[str, str], tmp_path: Path) -> Iterator[Receiver]:
    """A receiver on this machine, and a worker that may call it."""
    allowed = {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_ALLOW_HTTP": "true"}
    log = tmp_path / "worker.log"
    arguments = ("--concurrency", "2", "-Q", QUEUES, "--without-mingle", "--without-gossip")
    with receiving() as hook, celery_process("worker", log, *arguments, **allowed):
        wait_until(lambda: queue.inspect_workers("ping", 1.0), f"the worker; see {log}")
        yield hook


def test_a_failed_training_is_told_at_once_and_once(receiver: Receiver, database: Database) -> None:
    owner = factories.make_principal(database)
    row = Subscription(
        owner_id=owner.user_id,
        channel="webhook",
        target=receiver.url,
        secret="whsec_test",
        events=["task.failed"],
    )
    with database.transaction() as session:
        session.add(row)
    submitted = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "NONE"}, owner=owner)
    wait_until(lambda: receiver.requests, "the call")
    (request,) = receiver.requests
    document = json.loads(request.body)
    assert (document["event"], document["task"]["task_id"]) == ("task.failed", str(submitted.task_id))

    def delivered() -> bool:
        with database.reading() as session:
            return session.query(Delivery).one().status == "delivered"

    wait_until(delivered, "the delivery's own end")
    assert len(receiver.requests) == 1
