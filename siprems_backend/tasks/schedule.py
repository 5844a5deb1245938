"""Queues and routes in Celery's words."""

from __future__ import annotations

from kombu import Queue

from siprems_backend.extensions.queue import MOST_URGENT
from siprems_backend.services.task_registry.kinds import DELIVERY
from siprems_backend.services.task_registry.kinds import Queue as QueueName

QUEUES = tuple(Queue(name.value) for name in QueueName)
ROUTES = {
    kind.value: {"queue": delivery.queue.value, "priority": MOST_URGENT - delivery.priority}
    for kind, delivery in DELIVERY.items()
}
