"""The instruments: what is counted where it happens. Figures that the database knows are asked of it instead.

Every instrument has labels, and every label a bounded set of values: route templates, kinds of tasks, states.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

# Most answers take milliseconds; the last bounds are for uploads and for servers that are away.
REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# From a forecast of one product to the hard limit of half an hour.
TASK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800)
# The allowances of the queues (10 s, 10 min, an hour) are among the bounds.
WAITING_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600)

HTTP_REQUESTS = Counter(
    "siprems_http_requests",
    "Answered requests.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
HTTP_DURATION = Histogram(
    "siprems_http_request_seconds",
    "Time from the arrival of a request to the beginning of its answer.",
    ("method", "route"),
    registry=REGISTRY,
    buckets=REQUEST_SECONDS,
)
HTTP_IN_PROGRESS = Gauge(
    "siprems_http_requests_in_progress",
    "Requests that are being answered.",
    ("method",),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
EVENT_STREAMS = Gauge(
    "siprems_event_streams",
    "Open streams of server-sent events.",
    ("stream",),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
TASKS_STARTED = Counter(
    "siprems_tasks_started",
    "Attempts that a worker began.",
    ("kind",),
    registry=REGISTRY,
)
TASKS_ENDED = Counter(
    "siprems_tasks_ended",
    "Tasks that ended, by their last state.",
    ("kind", "status"),
    registry=REGISTRY,
)
TASK_DURATION = Histogram(
    "siprems_task_seconds",
    "Time from the first start of a task to its end, retries and pauses between them included.",
    ("kind",),
    registry=REGISTRY,
    buckets=TASK_SECONDS,
)
TASK_WAITING = Histogram(
    "siprems_task_waiting_seconds",
    "Time from the submit of a task to its first start.",
    ("kind",),
    registry=REGISTRY,
    buckets=WAITING_SECONDS,
)
TASK_RETRIES = Counter(
    "siprems_task_retries",
    "Attempts that failed for a passing reason and are to be repeated.",
    ("kind",),
    registry=REGISTRY,
)
TASK_LOSSES = Counter(
    "siprems_task_losses",
    "Tasks that were taken back from a worker that died or fell silent.",
    ("kind",),
    registry=REGISTRY,
)
DATABASE_CONNECTIONS = Gauge(
    "siprems_database_connections",
    "Connections of the processes' pools: open, in use, and the most there may be.",
    ("state",),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
