"""Sweeps: claims, repetitions, pauses, giving up, switching off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from siprems_backend.extensions.database import Database
from siprems_backend.models import delivery_queries
from siprems_backend.models.audit import AuditEntry
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.models.users import User
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import deliver_due, sending
from siprems_backend.utils import clock
from tests.e2e.conftest import wait_until
from tests.receivers import Receiver, mail_server, receiving
from tests.services.notifications.conftest import end_task, settings_of

pytestmark = pytest.mark.usefixtures("local_allowed")
PROJECT = Path(__file__).resolve().parents[3]
Subscribe = Callable[..., int]
Deliveries = Callable[[], list[Delivery]]


def make_due(database: Database) -> None:
    """Let the pauses be over."""
    with database.transaction() as session:
        session.execute(update(Delivery).values(next_attempt_at=clock.now()))


def subscription(database: Database, subscription_id: int) -> Subscription:
    with database.reading() as session:
        return session.get_one(Subscription, subscription_id)


def ids(receiver: Receiver) -> list[str]:
    return [request.headers["X-Siprems-Delivery"] for request in receiver.requests]


def test_failures_then_success(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    with receiving(500, 503, 200) as receiver:
        hook = subscribe(owner, receiver.url)
        end_task(owner)
        assert deliver_due() == {"delivered": 0, "postponed": 1, "failed": 0}
        (row,) = deliveries()
        assert (row.status, row.attempts, row.last_status) == ("pending", 1, 500)
        assert row.last_error == "The receiver answered 500."
        assert row.next_attempt_at > clock.now()
        assert subscription(database, hook).failing_since is not None
        assert sum(deliver_due().values()) == 0
        make_due(database)
        deliver_due()
        make_due(database)
        assert deliver_due()["delivered"] == 1
        assert sum(deliver_due().values()) == 0
    (row,) = deliveries()
    assert (row.status, row.attempts, row.last_status, row.last_error) == ("delivered", 3, 200, None)
    assert row.delivered_at is not None
    assert subscription(database, hook).failing_since is None
    assert set(ids(receiver)) == {str(row.id)}
    assert len({request.body for request in receiver.requests}) == 1


def test_pauses_grow_to_about_a_day() -> None:
    for attempts in range(1, sending.MOST_ATTEMPTS):
        middle = 15 * 4 ** (attempts - 1)
        pauses = [sending.pause_after(attempts).total_seconds() for _ in range(200)]
        assert 0.8 * middle <= min(pauses) < max(pauses) <= 1.2 * middle
    whole = sum(15 * 4 ** (attempts - 1) for attempts in range(1, sending.MOST_ATTEMPTS))
    assert timedelta(hours=20) < timedelta(seconds=whole) < timedelta(hours=30)


def exhaust(database: Database) -> None:
    for _ in range(sending.MOST_ATTEMPTS):
        make_due(database)
        deliver_due()


def test_giving_up(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    with receiving(500) as receiver:
        hook = subscribe(owner, receiver.url)
        end_task(owner)
        exhaust(database)
        make_due(database)
        assert sum(deliver_due().values()) == 0
    (row,) = deliveries()
    assert (row.status, row.attempts) == ("failed", sending.MOST_ATTEMPTS)
    assert len(receiver.requests) == sending.MOST_ATTEMPTS
    # One lost message is no reason to give a receiver up.
    assert subscription(database, hook).active


def fail_for(database: Database, hook: int, failing: timedelta) -> None:
    with database.transaction() as session:
        session.execute(update(Subscription).values(failing_since=clock.now() - failing))
        assert session.get_one(Subscription, hook).active


def test_a_receiver_that_is_gone_for_days_is_switched_off_and_its_owner_told(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    with (
        receiving(500) as receiver,
        mail_server() as mailbox,
        settings_of(
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=str(mailbox.port),
            SMTP_FROM="siprems@example.com",
            SMTP_SECURITY="none",
        ),
    ):
        hook = subscribe(owner, receiver.url)
        subscribe(owner, owner.email, channel="email", secret=None, events=["task.failed"])
        end_task(owner)
        for _ in range(sending.MOST_ATTEMPTS - 1):
            make_due(database)
            deliver_due()
        fail_for(database, hook, timedelta(days=4))
        make_due(database)
        end_task(owner)
        deliver_due()
    stopped = subscription(database, hook)
    assert not stopped.active
    assert stopped.stopped_at is not None
    assert "The receiver answered 500." in (stopped.stopped_because or "")
    assert Counter(row.status for row in deliveries()) == {"failed": 2, "delivered": 1}
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.target, entry.user_id) == (
        "notifications.stopped",
        f"webhook {hook}",
        owner.user_id,
    )
    ((_, recipients, letter),) = mailbox.letters
    assert recipients == [owner.email]
    assert b"A webhook was switched off" in letter
    assert end_task(owner)
    assert len(deliveries()) == 3


def test_two_senders_never_send_the_same_at_the_same_time(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    with receiving() as receiver, receiving() as other:
        subscribe(owner, receiver.url)
        subscribe(owner, other.url)
        for _ in range(20):
            end_task(owner)
        together = threading.Barrier(3)

        def sweep() -> None:
            together.wait()
            deliver_due()

        threads = [threading.Thread(target=sweep) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # A sender that found everything taken ends; what it left is taken by the others or by the next sweep.
    assert {row.status for row in deliveries()} == {"delivered"}
    assert max(Counter(ids(receiver) + ids(other)).values()) == 1
    assert len(receiver.requests) == len(other.requests) == 20


def test_a_sender_that_is_killed_while_it_waits_for_the_answer(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    answer = threading.Event()
    code = (
        "from siprems_backend.app import create_app; create_app();"
        "from siprems_backend.services.notifications import deliver_due; deliver_due()"
    )
    with receiving() as receiver:
        receiver.before_answer = lambda: answer.wait(60)
        subscribe(owner, receiver.url)
        end_task(owner)
        process = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
        wait_until(lambda: receiver.requests or process.poll() is not None, "the first call")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        answer.set()
        (row,) = deliveries()
        assert (row.status, row.attempts) == ("pending", 1)
        # Nobody else takes it before the lease has ended.
        assert sum(deliver_due().values()) == 0
        assert timedelta() < row.next_attempt_at - clock.now() <= sending.LEASE
        make_due(database)
        assert deliver_due()["delivered"] == 1
    assert ids(receiver) == [str(row.id)] * 2
    assert len({request.body for request in receiver.requests}) == 1


def test_a_sender_that_lost_its_lease_says_nothing(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    with receiving() as receiver:
        subscribe(owner, receiver.url)
        end_task(owner)
        (slow,) = sending._claim()
        make_due(database)
        deliver_due()
        assert sending._failed(slow, sending.Undeliverable("too late")) == "postponed"
    (row,) = deliveries()
    assert (row.status, row.last_error) == ("delivered", None)


def test_one_subscription_with_many_does_not_keep_others_waiting(
    database: Database, owner: Principal, subscribe: Subscribe
) -> None:
    busy = subscribe(owner)
    for _ in range(10):
        end_task(owner)
    late = subscribe(owner)
    end_task(owner)
    batch = Counter(due.subscription_id for due in sending._claim())
    assert batch == {busy: sending.MOST_EACH, late: 1}


def test_the_oldest_are_sent_first(database: Database, owner: Principal, subscribe: Subscribe) -> None:
    subscribe(owner)
    for _ in range(3):
        end_task(owner)
    with database.transaction() as session:
        # Writing a row anew moves it behind the others on disk.
        session.execute(update(Delivery).where(Delivery.id == 1).values(last_status=500))
    assert [due.id for due in sending._claim()] == [1, 2, 3]


def test_a_sweep_that_has_more_than_enough_to_do_leaves_the_rest_to_another(
    database: Database,
    owner: Principal,
    subscribe: Subscribe,
    deliveries: Deliveries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "SWEEP_SECONDS", -1.0)
    with receiving() as receiver:
        subscribe(owner, receiver.url)
        for _ in range(sending.MOST_EACH + 1):
            end_task(owner)
        assert deliver_due()["delivered"] == sending.MOST_EACH
    assert Counter(row.status for row in deliveries()) == {"delivered": sending.MOST_EACH, "pending": 1}


@pytest.mark.parametrize("table", ["users", "subscriptions"])
def test_whoever_is_switched_off_gets_nothing(
    database: Database, owner: Principal, subscribe: Subscribe, table: str
) -> None:
    with receiving() as receiver:
        subscribe(owner, receiver.url)
        end_task(owner)
        changed = {"users": update(User).values(is_active=False)}.get(
            table, update(Subscription).values(active=False)
        )
        with database.transaction() as session:
            session.execute(changed)
        assert sum(deliver_due().values()) == 0
    assert receiver.requests == []


def test_a_mistake_of_ours_does_not_hold_up_the_others(
    database: Database,
    owner: Principal,
    subscribe: Subscribe,
    deliveries: Deliveries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(due: Any) -> int:
        if due.target == "broken":
            raise KeyError("x")
        return 200

    monkeypatch.setitem(sending.SENDERS, "webhook", broken)
    subscribe(owner, "broken")
    subscribe(owner)
    end_task(owner)
    assert deliver_due() == {"delivered": 1, "postponed": 1, "failed": 0}
    assert deliveries()[0].last_error == "Something went wrong on our side."


def test_the_log_is_bounded(
    database: Database, owner: Principal, subscribe: Subscribe, deliveries: Deliveries
) -> None:
    from siprems_backend.services import housekeeping

    first, second = subscribe(owner), subscribe(owner)
    for _ in range(4):
        end_task(owner)
    with database.transaction() as session:
        session.execute(text("UPDATE deliveries SET created_at = now() - interval '4 days' WHERE id = 1"))
        session.execute(
            text(
                "UPDATE deliveries SET status = 'delivered', created_at = now() - interval '8 days' "
                "WHERE id = 3"
            )
        )
    assert housekeeping.clean_up()["deliveries"] == 1
    kept = {row.id: row for row in deliveries()}
    assert 3 not in kept
    assert (kept[1].status, kept[1].last_error) == ("failed", "Could not be sent in time.")
    assert kept[2].status == "pending"
    with database.transaction() as session:
        deleted = delivery_queries.forget(session, clock.now() - timedelta(days=7), most_each=2)
    assert deleted == 3
    assert Counter(row.subscription_id for row in deliveries()) == {first: 2, second: 2}


def test_the_task_does_it(owner: Principal, subscribe: Subscribe, deliveries: Deliveries) -> None:
    from uuid import uuid4

    from siprems_backend.tasks import notification_tasks

    with receiving() as receiver:
        subscribe(owner, receiver.url)
        end_task(owner)
        notification_tasks.deliver_notifications.apply(task_id=str(uuid4()))
    assert [row.status for row in deliveries()] == ["delivered"]
    assert len(receiver.requests) == 1
