"""Every kind of task. A kind is its Celery task name; its queue and priority are declared here."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Queue(enum.StrEnum):
    """Queues, the most urgent first."""

    PREDICTIONS = "predictions"
    NOTIFICATIONS = "notifications"
    TRAINING = "training"
    PIPELINES = "pipelines"
    TOOLS = "tools"
    MAINTENANCE = "maintenance"
    DEFAULT = "default"
    PYTORCH = "pytorch"
    TENSORFLOW = "tensorflow"


# Served by workers that have what they are named after, and by those alone: a shop can do without.
OPTIONAL = frozenset({Queue.PYTORCH, Queue.TENSORFLOW})

# Seconds within which a task of a queue should have started; later ones count as breaches.
START_WITHIN: dict[str, float] = {
    Queue.PREDICTIONS: 10,
    Queue.NOTIFICATIONS: 60,
    Queue.TRAINING: 3600,
    Queue.PIPELINES: 600,
    Queue.TOOLS: 600,
    Queue.MAINTENANCE: 600,
    Queue.DEFAULT: 600,
    Queue.PYTORCH: 3600,
    Queue.TENSORFLOW: 3600,
}


class TaskKind(enum.StrEnum):
    """Names are part of the API: clients filter by them and existing ones are never changed."""

    TRAIN_PRODUCT = "tasks.ml_tasks.train_product_model_task"
    PREDICT_STOCK = "tasks.ml_tasks.predict_stock_task"
    PREDICT_BATCH = "tasks.ml_tasks.predict_batch_task"
    TRAIN_ALL = "tasks.ml_tasks.train_all_models"
    TRAIN_CHUNK = "tasks.ml_tasks.train_chunk"
    TRAIN_MODEL = "tasks.ml_tasks.train_model_async_task"
    FORECAST_SHOP_CHUNK = "tasks.ml_tasks.forecast_shop_chunk"
    CLASSIFY_PRODUCTS = "tasks.ml_tasks.classify_products"
    BULK = "tasks.bulk_tasks.run_bulk"
    IMPORT_FILE = "tasks.data_tasks.import_file_task"
    CONVERT_DATASET = "tasks.data_tasks.convert_dataset_task"
    PROFILE_DATASET = "tasks.data_tasks.profile_dataset_task"
    CLEANUP = "tasks.maintenance_tasks.cleanup_old_tasks"
    STATISTICS = "tasks.maintenance_tasks.update_task_statistics"
    HEALTH_CHECK = "tasks.maintenance_tasks.health_check"
    RECONCILE = "tasks.maintenance_tasks.reconcile_ledger"
    REFRESH_FORECASTS = "tasks.ml_tasks.refresh_forecasts"
    ACCURACY_WATCH = "tasks.ml_tasks.accuracy_watch"
    EXECUTE_PIPELINE = "tasks.pipeline_tasks.execute_pipeline_task"
    EXECUTE_NODE = "tasks.pipeline_tasks.execute_node_task"
    PREDICT_WITH_MODEL = "tasks.pipeline_tasks.predict_with_model_task"
    REFRESH_PLAN = "tasks.replenishment_tasks.refresh_plan"
    MORNING_SUMMARY = "tasks.replenishment_tasks.morning_summary"
    RUN_TOOL = "tasks.tool_tasks.run_tool"
    VALIDATE_WORKFLOW = "tasks.workflow_tasks.validate_workflow_task"
    EXECUTE_WORKFLOW = "tasks.workflow_tasks.execute_workflow_task"
    BULK_WORKFLOWS = "tasks.workflow_tasks.bulk_execute_workflows_task"
    DELIVER_NOTIFICATIONS = "tasks.notification_tasks.deliver_notifications"


@dataclass(frozen=True)
class Delivery:
    """Where a kind waits and how urgent it is: 9 is the most urgent, 0 the least.

    `makes_files` says that its tasks may leave files to download. `settled` are arguments that the moment of
    the submit decides and not the request, which is the same as an earlier one whatever they are.
    """

    queue: Queue
    priority: int
    makes_files: bool = False
    settled: frozenset[str] = frozenset()


VERSION = frozenset({"version"})
DELIVERY: dict[TaskKind, Delivery] = {
    TaskKind.TRAIN_PRODUCT: Delivery(Queue.TRAINING, 6),
    TaskKind.PREDICT_STOCK: Delivery(Queue.PREDICTIONS, 9),
    TaskKind.PREDICT_BATCH: Delivery(Queue.PREDICTIONS, 6),
    TaskKind.TRAIN_ALL: Delivery(Queue.TRAINING, 4),
    TaskKind.TRAIN_CHUNK: Delivery(Queue.TRAINING, 2),
    TaskKind.TRAIN_MODEL: Delivery(Queue.TRAINING, 4),
    TaskKind.FORECAST_SHOP_CHUNK: Delivery(Queue.TRAINING, 3),
    TaskKind.CLASSIFY_PRODUCTS: Delivery(Queue.TRAINING, 3),
    TaskKind.BULK: Delivery(Queue.PREDICTIONS, 9),
    TaskKind.IMPORT_FILE: Delivery(Queue.PIPELINES, 5),
    TaskKind.CONVERT_DATASET: Delivery(Queue.PIPELINES, 7),
    TaskKind.PROFILE_DATASET: Delivery(Queue.PIPELINES, 6),
    TaskKind.CLEANUP: Delivery(Queue.MAINTENANCE, 2),
    TaskKind.STATISTICS: Delivery(Queue.MAINTENANCE, 2),
    TaskKind.HEALTH_CHECK: Delivery(Queue.MAINTENANCE, 5),
    TaskKind.RECONCILE: Delivery(Queue.MAINTENANCE, 8),
    TaskKind.REFRESH_FORECASTS: Delivery(Queue.PREDICTIONS, 3),
    TaskKind.ACCURACY_WATCH: Delivery(Queue.TRAINING, 5),
    TaskKind.EXECUTE_PIPELINE: Delivery(Queue.PIPELINES, 5, makes_files=True),
    TaskKind.EXECUTE_NODE: Delivery(Queue.PIPELINES, 6, makes_files=True),
    TaskKind.PREDICT_WITH_MODEL: Delivery(Queue.PIPELINES, 7, makes_files=True),
    TaskKind.REFRESH_PLAN: Delivery(Queue.PREDICTIONS, 5),
    TaskKind.MORNING_SUMMARY: Delivery(Queue.PREDICTIONS, 5),
    TaskKind.RUN_TOOL: Delivery(Queue.TOOLS, 5, makes_files=True),
    TaskKind.VALIDATE_WORKFLOW: Delivery(Queue.PIPELINES, 7, settled=VERSION),
    TaskKind.EXECUTE_WORKFLOW: Delivery(Queue.PIPELINES, 5, makes_files=True, settled=VERSION),
    TaskKind.BULK_WORKFLOWS: Delivery(Queue.PIPELINES, 9),
    TaskKind.DELIVER_NOTIFICATIONS: Delivery(Queue.NOTIFICATIONS, 6),
}

# Parts of a fan-out, which nobody asks for by themselves.
PARTS = frozenset({TaskKind.TRAIN_CHUNK, TaskKind.FORECAST_SHOP_CHUNK, TaskKind.CLASSIFY_PRODUCTS})
MAKES_FILES = frozenset(kind.value for kind, delivery in DELIVERY.items() if delivery.makes_files)


def queue_of(kind: TaskKind, kwargs: Mapping[str, Any]) -> Queue:
    """Where a task with these arguments waits: a model's training, where its framework is.

    One that nobody could train is sent to whoever is there, to say so.
    """
    wanted = kwargs.get("model_type") if kind is TaskKind.TRAIN_MODEL else None
    if wanted in OPTIONAL and "unavailable" not in kwargs:
        return Queue(wanted)
    return DELIVERY[kind].queue
