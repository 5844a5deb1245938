"""What the database and the broker know, for monitoring: the same whichever process is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from siprems_backend.extensions.broker import broker
from siprems_backend.extensions.database import database
from siprems_backend.models import metric_queries, workers
from siprems_backend.models.metric_queries import Deliveries, Models, Run, Unfinished
from siprems_backend.services.accuracy import metrics as accuracy_metrics
from siprems_backend.services.metric_families import gauge, gauges
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import START_WITHIN, Queue, TaskKind
from siprems_backend.services.worker_registry import ALIVE_FOR, CELERY, LOCAL
from siprems_backend.utils import clock
from siprems_backend.utils.snapshot import Snapshot

QUEUES = tuple(queue.value for queue in Queue)
# However often and by however many monitoring asks, the servers are asked this often at most.
FRESH_FOR_SECONDS, SLOW_FRESH_FOR_SECONDS = 2.0, 30.0
PATIENCE_SECONDS = 3.0
NOTIFICATIONS_WINDOW = timedelta(hours=24)
STATES = {states.PENDING: "waiting", states.RETRY: "retrying"}
RUNNING, JOINING = "running", "joining"


@dataclass(frozen=True)
class Workforce:
    """Living workers of one kind: how many, with how many processes, and the queues of each."""

    kind: str
    processes: int
    queues: Sequence[str]


@dataclass(frozen=True)
class Present:
    """What changes from second to second."""

    at: datetime
    unfinished: Sequence[Unfinished]
    workers: Sequence[Workforce]
    last_slot: datetime | None


@dataclass(frozen=True)
class Lately:
    """What changes from minute to minute."""

    models: Models
    training: Run | None
    deliveries: Deliveries
    accuracy: Any


class LedgerMetrics(Collector):
    """Asks the database and the broker, seldom and without waiting long."""

    def __init__(self) -> None:
        self._present = Snapshot(
            "present", _look_at_present, fresh_for_s=FRESH_FOR_SECONDS, patience_s=PATIENCE_SECONDS
        )
        self._lately = Snapshot(
            "lately", _look_back, fresh_for_s=SLOW_FRESH_FOR_SECONDS, patience_s=PATIENCE_SECONDS
        )
        self._broker = Snapshot(
            "broker", _broker_lengths, fresh_for_s=FRESH_FOR_SECONDS, patience_s=PATIENCE_SECONDS
        )

    def collect(self) -> Iterable[Metric]:
        """All figures; those of a server that is away are missing."""
        present, lengths = self._present.get(), self._broker.get()
        yield gauge("siprems_database_up", "Whether the database answers.", present is not None)
        yield gauge("siprems_broker_up", "Whether the broker answers.", lengths is not None)
        yield gauges("siprems_broker_messages", "Messages that wait in the broker.", "queue", lengths or {})
        yield gauges(
            "siprems_queue_start_within_seconds",
            "The age at which a waiting task of the queue is late.",
            "queue",
            START_WITHIN,
        )
        if present is not None:
            yield from _queues(present)
            yield from _workers(present)
        lately = self._lately.get() if present is not None else None
        if lately is not None:
            yield from _training(lately)
            yield from accuracy_metrics.families(lately.accuracy)
            yield from _notifications(lately.deliveries)


def _look_at_present() -> Present:
    now = clock.now()
    with database.reading() as session:
        alive = [
            Workforce(worker.kind, worker.concurrency, worker.queues)
            for worker in workers.alive(session, now - ALIVE_FOR)
        ]
        return Present(
            now, metric_queries.unfinished(session), alive, metric_queries.last_slot_taken(session)
        )


def _look_back() -> Lately:
    with database.reading() as session:
        models = metric_queries.active_models(session)
        run = metric_queries.last_run(session, TaskKind.TRAIN_ALL)
        deliveries = metric_queries.deliveries(session, clock.now() - NOTIFICATIONS_WINDOW)
        accuracy = accuracy_metrics.look(session)
    return Lately(models, run, deliveries, accuracy)


def _broker_lengths() -> dict[str, int]:
    return broker.lengths(QUEUES)


def _queues(present: Present) -> Iterable[Metric]:
    counts = {(queue, state): 0 for queue in QUEUES for state in (*STATES.values(), RUNNING, JOINING)}
    ages = dict.fromkeys(QUEUES, 0.0)
    for row in present.unfinished:
        state = STATES.get(row.status, RUNNING if row.leased else JOINING)
        counts[row.queue, state] = counts.get((row.queue, state), 0) + row.tasks
        if row.status in STATES:
            age = (present.at - row.since).total_seconds()
            ages[row.queue] = max(ages.get(row.queue, 0.0), age)
    tasks = GaugeMetricFamily(
        "siprems_queue_tasks", "Tasks in the ledger that have not ended.", labels=("queue", "state")
    )
    for labels, count in counts.items():
        tasks.add_metric(labels, count)
    yield tasks
    yield gauges(
        "siprems_queue_oldest_waiting_seconds", "Since when the first waiting task could run.", "queue", ages
    )


def _workers(present: Present) -> Iterable[Metric]:
    alive, processes = ({CELERY: 0, LOCAL: 0} for _ in range(2))
    serving = dict.fromkeys(QUEUES, 0)
    for worker in present.workers:
        alive[worker.kind] += 1
        processes[worker.kind] += worker.processes
        for queue in set(worker.queues) & set(QUEUES):
            serving[queue] += worker.processes
    yield gauges("siprems_workers", "Workers that live.", "kind", alive)
    yield gauges("siprems_worker_processes", "Tasks that they can run at once.", "kind", processes)
    yield gauges("siprems_queue_processes", "Tasks of the queue that they can run at once.", "queue", serving)
    yield gauge(
        "siprems_beat_last_slot_timestamp_seconds",
        "When Beat last started a regular task.",
        _timestamp(present.last_slot),
    )


def _training(lately: Lately) -> Iterable[Metric]:
    yield gauge("siprems_models", "Products with a model that serves.", lately.models.number)
    yield gauge(
        "siprems_model_wape_median",
        "The middle of these models' errors on held-out days, in parts of what was sold.",
        lately.models.wape,
    )
    yield gauge(
        "siprems_oldest_model_timestamp_seconds",
        "When the oldest model that serves was trained.",
        _timestamp(lately.models.oldest),
    )
    run = lately.training
    outcomes = {} if run is None else run._asdict()
    names = ("trained", "unchanged", "skipped", "failed")
    yield gauges(
        "siprems_training_run_products",
        "Products of the last training of all that ended, by outcome.",
        "outcome",
        {name: outcomes[name] for name in names if outcomes.get(name) is not None},
    )
    yield gauge("siprems_training_run_seconds", "How long that run took.", outcomes.get("seconds"))
    yield gauge(
        "siprems_training_run_ended_timestamp_seconds",
        "When that run ended.",
        _timestamp(outcomes.get("ended_at")),
    )


def _notifications(deliveries: Deliveries) -> Iterable[Metric]:
    overdue = 0.0
    if deliveries.due_since is not None:
        overdue = max(0.0, (clock.now() - deliveries.due_since).total_seconds())
    yield gauge("siprems_notifications_pending", "Messages that are still to be sent.", deliveries.pending)
    yield gauge("siprems_notifications_overdue_seconds", "Since when the first is due.", overdue)
    yield gauge(
        "siprems_notifications_failed", "Messages of the last day that were given up.", deliveries.failed
    )


def _timestamp(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
