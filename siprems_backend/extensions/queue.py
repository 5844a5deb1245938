"""The Celery application object and the settings that client and worker share."""

from __future__ import annotations

from celery import Celery

from siprems_backend.config import Settings

celery = Celery("siprems")

# A message is given to another worker only when its first one cannot possibly still be at work.
VISIBILITY_MARGIN_SECONDS = 300
SOCKET_TIMEOUT_SECONDS = 10.0


def bind_queue(settings: Settings) -> None:
    """Point the Celery application at the broker of these settings, for sending and for working."""
    transport = {
        "visibility_timeout": settings.celery_task_time_limit + VISIBILITY_MARGIN_SECONDS,
        # kombu looks for unacknowledged messages every interval x throttle seconds; its default is 100 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": 2.0,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "priority_steps": [0, 3, 6, 9],
        "queue_order_strategy": "priority",
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
        result_expires=settings.celery_result_expires,
        task_time_limit=settings.celery_task_time_limit,
        task_soft_time_limit=settings.celery_task_soft_time_limit,
        timezone="UTC",
        enable_utc=True,
    )
