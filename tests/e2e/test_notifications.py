"""From a task that ends in a worker to a webhook that knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind
from tests import factories
from tests.e2e.conftest import QUEUES, celery_process, wait_until
from tests.receivers import Mailbox, Receiver, mail_server, receiving
from tests.services.replenishment.forecasts import sold_product


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine."""
    with mail_server() as server:
        yield server


@pytest.fixture
def receiver(
    database: Database, environment: dict[str, str], tmp_path: Path, mailbox: Mailbox
) -> Iterator[Receiver]:
    """A receiver on this machine, and a worker that may call it and sends its letters to the mail server."""
    allowed = {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_ALLOW_HTTP": "true"}
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mailbox.port), "SMTP_FROM": "shop@example.com"}
    log = tmp_path / "worker.log"
    arguments = ("--concurrency", "2", "-Q", QUEUES, "--without-mingle", "--without-gossip")
    settings = {**allowed, **mail, "SMTP_SECURITY": "none"}
    with receiving() as hook, celery_process("worker", log, *arguments, **settings):
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


def test_the_morning_is_summed_up_by_webhook_and_letter(
    receiver: Receiver, mailbox: Mailbox, database: Database
) -> None:
    sold_product(database, "OUT", name="Rye bread", stock=5, cost=2, price=3)
    sold_product(database, "DEAD", daily=0.001, name="Sundial", stock=40, cost=10, price=15)
    owner = factories.make_principal(database)
    targets = {"webhook": (receiver.url, "whsec_test"), "email": (owner.email, None)}
    with database.transaction() as session:
        for channel, (target, secret) in targets.items():
            session.add(
                Subscription(
                    owner_id=owner.user_id,
                    channel=channel,
                    target=target,
                    secret=secret,
                    events=["morning.summary"],
                )
            )
    task_registry.submit(TaskKind.MORNING_SUMMARY, {})
    wait_until(lambda: receiver.requests and mailbox.letters, "both")
    document = json.loads(receiver.requests[0].body)
    assert document["event"] == "morning.summary"
    ((sender, recipients, letter),) = mailbox.letters
    assert "shop@example.com" in sender
    assert recipients == [owner.email]
    text = message_from_bytes(letter, policy=policy.default).get_body(("plain",))
    assert text is not None
    words = text.get_content()
    assert "1 of 2 products are to be ordered" in words
    assert "Rye bread (OUT) on " in words
    assert "40 of Sundial (DEAD)" in words
