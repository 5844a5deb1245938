"""The Celery application object and the settings that client and worker share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES
from redis.exceptions import RedisError

from siprems_backend.config import Settings
from siprems_backend.utils.breaker import Breaker

celery = Celery("siprems")
# By the names in URLs, so that whoever reads the broker's URL (Flower) still knows what it is.
TRANSPORT_ALIASES.update(
    dict.fromkeys(("redis", "rediss"), "siprems_backend.extensions.broker_transport:Transport")
)

# A message is given to another worker only when its first one cannot possibly still be at work.
VISIBILITY_MARGIN_SECONDS = 300
SOCKET_TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 2.0
# How long a submit waits for a silent broker, all in all: its client is answered within a tenth of a second.
# What is not sent then is sent by the reconciler, seconds later.
SUBMIT_TIMEOUT_SECONDS = 0.07
# Our priorities rise with urgency, as the API's do; the Redis transport's fall.
MOST_URGENT = 9
PRIORITY_STEPS = [0, 3, 6, 9]


_breaker = Breaker(pause_seconds=1.0)


class BrokerAway(Exception):
    """The broker could not be reached."""


def bind_queue(settings: Settings, *, impatient: bool = False) -> None:
    """Point the Celery application at the broker of these settings, for sending and for working.

    `impatient` is for processes whose clients wait while they send: one short attempt, and no second one.
    """
    _breaker.succeeded()
    transport = {
        "visibility_timeout": settings.celery_task_time_limit + VISIBILITY_MARGIN_SECONDS,
        # kombu looks for unacknowledged messages every interval x throttle seconds; its default is 100 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": SUBMIT_TIMEOUT_SECONDS if impatient else SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": SUBMIT_TIMEOUT_SECONDS if impatient else CONNECT_TIMEOUT_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "priority_steps": PRIORITY_STEPS,
        "queue_order_strategy": "priority",
        # Without a bound, kombu would wait for a dead broker for ever while a client waits for us.
        "max_retries": 0 if impatient else 1,
        "interval_start": 0,
        "interval_step": 0,
    }
    celery.conf.update(
        broker_url=settings.celery_broker_url,
        result_backend=settings.celery_result_backend,
        broker_transport_options=transport,
        result_backend_transport_options={"visibility_timeout": transport["visibility_timeout"]},
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A submit must answer at once: the ledger has the row, the reconciler sends what could not be sent.
        task_publish_retry=False,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_create_missing_queues=True,
        task_default_queue="default",
        task_default_priority=5,
        task_ignore_result=True,
        result_expires=settings.celery_result_expires,
        task_time_limit=settings.celery_task_time_limit,
        task_soft_time_limit=settings.celery_task_soft_time_limit,
        timezone="UTC",
        enable_utc=True,
    )


def send_task(
    name: str,
    task_id: str,
    kwargs: Mapping[str, Any],
    *,
    queue: str,
    priority: int,
) -> None:
    """Hand a message to the broker.

    Raises:
        BrokerAway: when it cannot be reached, or could not a moment ago. A message that it took but did not
            confirm in time may be sent twice then, which does no harm: the ledger drops the second delivery.
    """
    if not _breaker.lets_through():
        raise BrokerAway("it did not answer a moment ago")
    try:
        celery.send_task(
            name,
            kwargs=dict(kwargs),
            task_id=task_id,
            queue=queue,
            priority=MOST_URGENT - priority,
            # The ledger holds the result; waiting for Celery's would cost a subscription a task.
            ignore_result=True,
        )
    except (OperationalError, RedisError, OSError) as error:
        _breaker.failed()
        raise BrokerAway(str(error)) from error
    _breaker.succeeded()


def terminate_task(task_id: str) -> None:
    """Ask the workers to kill the process that runs this task."""
    try:
        celery.control.revoke(task_id, terminate=True, signal="SIGTERM")
    except (OperationalError, RedisError, OSError) as error:
        raise BrokerAway(str(error)) from error


def inspect_workers(question: str, timeout: float) -> dict[str, Any]:
    """Ask all workers (`ping`, `active`, `stats`, `active_queues`); answers by worker name, empty if none.

    Raises:
        BrokerAway: when the question could not be sent.
    """
    try:
        return getattr(celery.control.inspect(timeout=timeout), question)() or {}
    except (OperationalError, RedisError, OSError) as error:
        raise BrokerAway(str(error)) from error
