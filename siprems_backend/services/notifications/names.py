"""The events that people can be told of."""

from __future__ import annotations

import enum

from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import DELIVERY, Queue, TaskKind


class Event(enum.StrEnum):
    """Names are part of the API and are never changed."""

    TASK_SUCCEEDED = "task.succeeded"
    TASK_FAILED = "task.failed"
    TASK_CANCELLED = "task.cancelled"
    TRAINING_RUN_COMPLETED = "training_run.completed"
    TRAINING_RUN_FAILED = "training_run.failed"
    IMPORT_COMPLETED = "import.completed"
    IMPORT_FAILED = "import.failed"
    MORNING_SUMMARY = "morning.summary"


# Sent to one subscription only, whatever it asked for.
TEST = "webhook.test"
STOPPED = "webhook.stopped"

BY_STATUS = {
    states.SUCCESS: Event.TASK_SUCCEEDED,
    states.FAILURE: Event.TASK_FAILED,
    states.REVOKED: Event.TASK_CANCELLED,
}
# Housekeeping, and keeping the plan true, run all day long; sending is never told of itself.
SILENT = frozenset(
    kind.value
    for kind, delivery in DELIVERY.items()
    if delivery.queue in {Queue.MAINTENANCE, Queue.NOTIFICATIONS} or kind is TaskKind.REFRESH_PLAN
)
# What the system does for everybody who orders, and not for operators alone.
FOR_EVERYBODY = frozenset({TaskKind.MORNING_SUMMARY.value})


def _at_the_top(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


SUMMARY_FIGURES = (
    "plan_date",
    "lines",
    "to_order",
    "order_value",
    "runs_out",
    "overdue",
    "dead",
    "dead_value",
    "suppliers",
    "first_out",
    "by_supplier",
    "dead_stock",
)
# What of a task's result its message repeats, and where it is in there.
FIGURES: dict[str, dict[str, tuple[str, ...]]] = {
    TaskKind.TRAIN_ALL: {
        **_at_the_top("total_products", "trained", "unchanged", "skipped", "failed"),
        "shop_forecasts": ("shop_forecasts", "forecasts"),
        "shop_forecasts_failed": ("shop_forecasts", "failed"),
        **_at_the_top("seconds"),
    },
    TaskKind.ACCURACY_WATCH: _at_the_top("products", "drifted", "biased", "forecast_anew", "trained"),
    TaskKind.IMPORT_FILE: _at_the_top("rows", "accepted", "rejected", "inserted", "updated", "unchanged"),
    TaskKind.MORNING_SUMMARY: _at_the_top(*SUMMARY_FIGURES),
    TaskKind.CONVERT_DATASET: _at_the_top("rows"),
}

# Those of a training run that count what went wrong.
FAILURES = ("failed", "shop_forecasts_failed")


def names_of(kind: str, status: str, failed: int) -> list[Event]:
    """The events that the end of a task is, the most telling first.

    A training run in which any product failed (`failed` of them, those of lost chunks and shards included),
    in training or in the forecast of the shop, has failed, although its task ended well.
    """
    general = BY_STATUS[status]
    if kind == TaskKind.TRAIN_ALL and general is not Event.TASK_CANCELLED:
        went_well = general is Event.TASK_SUCCEEDED and not failed
        return [Event.TRAINING_RUN_COMPLETED if went_well else Event.TRAINING_RUN_FAILED, general]
    if kind == TaskKind.IMPORT_FILE and general is not Event.TASK_CANCELLED:
        went_well = general is Event.TASK_SUCCEEDED
        return [Event.IMPORT_COMPLETED if went_well else Event.IMPORT_FAILED, general]
    if kind == TaskKind.MORNING_SUMMARY and general is Event.TASK_SUCCEEDED:
        return [Event.MORNING_SUMMARY, general]
    return [general]
