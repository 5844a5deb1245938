"""Tables and their named queries: the only SQL of the backend.

Importing this package registers every table with `Base.metadata`.
"""

from siprems_backend.models import (
    accuracy,
    artifacts,
    audit,
    datasets,
    events,
    group_forecasts,
    idempotency,
    imports,
    learned_models,
    notifications,
    pipeline_models,
    platform_facts,
    products,
    promotions,
    sales,
    schedules,
    shop_forecasts,
    task_files,
    tasks,
    users,
    workers,
    workflows,
)
from siprems_backend.models.base import Base

__all__ = [
    "Base",
    "accuracy",
    "artifacts",
    "audit",
    "datasets",
    "events",
    "group_forecasts",
    "idempotency",
    "imports",
    "learned_models",
    "notifications",
    "pipeline_models",
    "platform_facts",
    "products",
    "promotions",
    "sales",
    "schedules",
    "shop_forecasts",
    "task_files",
    "tasks",
    "users",
    "workers",
    "workflows",
]
