"""Sending what is due: claimed row by row, tried again with growing pauses, given up in the end."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from siprems_backend.extensions.database import database
from siprems_backend.models import audit, delivery_queries, subscription_queries
from siprems_backend.models.delivery_queries import DELIVERED, FAILED, Due
from siprems_backend.models.subscription_queries import EMAIL, WEBHOOK
from siprems_backend.services.notifications import mail, outbox, webhook
from siprems_backend.services.notifications.names import STOPPED, TEST
from siprems_backend.services.notifications.problems import Undeliverable
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

# Pauses of 15 s, 1 min, 4 min ... 17 h: eight attempts in about 23 hours.
MOST_ATTEMPTS = 8
FIRST_PAUSE_SECONDS, PAUSE_GROWTH = 15.0, 4.0
# Longer than the attempts of a whole batch can take; whoever dies with a row in hand frees it by this.
LEASE = timedelta(minutes=3)
THREADS = 8
BATCH, MOST_EACH = 16, 4
# A sweep ends after this, so that a worker is not held by slow receivers; another one goes on.
SWEEP_SECONDS = 20.0
STOPPED_AFTER = timedelta(days=3)
MOST_MAILS_AN_HOUR = 30
TOO_MANY_MAILS = f"Left out: more than {MOST_MAILS_AN_HOUR} e-mails in an hour."

SENDERS: dict[str, Callable[[Due], int]] = {WEBHOOK: webhook.send, EMAIL: mail.send}


def deliver_due(*, on_progress: OnProgress = unreported) -> dict[str, int]:
    """Send what is due; how many were delivered, are to be tried again, and were given up.

    Any number may do this at once: a row belongs to whoever claimed it. One that was sent by a process which
    died before it could say so is sent again, under the same id.
    """
    outbox.sweep_begins()
    counts = Counter({DELIVERED: 0, "postponed": 0, FAILED: 0})
    ends_at = time.monotonic() + SWEEP_SECONDS
    with ThreadPoolExecutor(THREADS, thread_name_prefix="delivery") as pool:
        while batch := _claim():
            counts.update(pool.map(_deliver, batch))
            on_progress(counts.total(), counts.total(), f"{counts[DELIVERED]} delivered")
            if time.monotonic() > ends_at:
                outbox.start_sweep()
                break
    return dict(counts)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts; a fifth more or less, so that a crowd spreads."""
    seconds = FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** (attempts - 1)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311  # nosec B311: no secret


def _claim() -> list[Due]:
    now = clock.now()
    with database.transaction() as session:
        return delivery_queries.claim(session, now, now + LEASE, limit=BATCH, most_each=MOST_EACH)


def _deliver(due: Due) -> str:
    """Make one attempt and write down how it went."""
    context = {"delivery": due.id, "subscription": due.subscription_id, "attempt": due.attempts}
    if due.channel == EMAIL and _has_enough_mail(due):
        return _give_up(due, Undeliverable(TOO_MANY_MAILS))
    try:
        status = SENDERS[due.channel](due)
    except Undeliverable as problem:
        log.info("delivery_failed", reason=problem.reason, **context)
        return _failed(due, problem)
    except Exception:
        # A mistake of ours must not hold up the others of the batch.
        log.exception("delivery_broken", **context)
        return _failed(due, Undeliverable("Something went wrong on our side."))
    log.info("delivered", **context)
    return _delivered(due, status)


def _has_enough_mail(due: Due) -> bool:
    with database.reading() as session:
        sent = delivery_queries.mails_since(session, due.subscription_id, clock.now() - timedelta(hours=1))
    return sent >= MOST_MAILS_AN_HOUR


def _delivered(due: Due, status: int) -> str:
    values = {
        "status": DELIVERED,
        "last_status": status,
        "last_error": None,
        "delivered_at": clock.now(),
    }
    with database.transaction() as session:
        if delivery_queries.settle(session, due, values):
            subscription_queries.note_success(session, due.subscription_id)
    return DELIVERED


def _failed(due: Due, problem: Undeliverable) -> str:
    if due.attempts >= MOST_ATTEMPTS or due.event == TEST:
        return _give_up(due, problem)
    now = clock.now()
    values = {"next_attempt_at": now + pause_after(due.attempts), **_cause(problem)}
    with database.transaction() as session:
        if delivery_queries.settle(session, due, values):
            subscription_queries.note_failure(session, due.subscription_id, now)
    return "postponed"


def _give_up(due: Due, problem: Undeliverable) -> str:
    now = clock.now()
    with database.transaction() as session:
        settled = delivery_queries.settle(session, due, {"status": FAILED, **_cause(problem)})
        # Neither a test nor a letter left out on purpose says that a subscriber is gone.
        if settled and due.event != TEST and problem.reason != TOO_MANY_MAILS:
            subscription_queries.note_failure(session, due.subscription_id, now)
            _stop_if_gone(session, due.subscription_id, problem.reason, now)
    return FAILED


def _cause(problem: Undeliverable) -> dict[str, object]:
    return {"last_status": problem.status, "last_error": problem.reason}


def _stop_if_gone(session: Session, subscription_id: int, reason: str, now: datetime) -> None:
    """Switch a subscription off that has taken nothing for days, and say so."""
    subscription = subscription_queries.by_id(session, subscription_id)
    if subscription is None or not subscription.active or subscription.failing_since is None:
        return
    if subscription.failing_since > now - STOPPED_AFTER:
        return
    because = f"Nothing could be delivered since {clock.iso(subscription.failing_since)}. Last: {reason}"[
        :300
    ]
    subscription.active = False
    subscription.stopped_at = now
    subscription.stopped_because = because
    delivery_queries.fail_waiting(session, subscription_id, "The subscription was switched off.")
    audit.record(
        session,
        "notifications.stopped",
        user_id=subscription.owner_id,
        target=f"{subscription.channel} {subscription_id}",
        details={"because": because},
    )
    log.warning("subscription_stopped", subscription=subscription_id, because=because)
    if subscription.channel == WEBHOOK:
        _tell_by_mail(session, subscription_id, because, now)


def _tell_by_mail(session: Session, webhook_id: int, because: str, now: datetime) -> None:
    """Tell the owner of a webhook who gets e-mail too that it was switched off."""
    mailbox = delivery_queries.email_subscription_of_owner(session, webhook_id)
    if mailbox is None:
        return
    values = {
        "subscription_id": mailbox,
        "event": STOPPED,
        "event_key": f"stopped:{webhook_id}:{now.timestamp():.0f}",
        "payload": {"webhook_id": webhook_id, "message": f"Webhook {webhook_id}: {because}"},
        "next_attempt_at": now,
    }
    delivery_queries.add(session, values)
