"""The modules with task bodies: workers import them at their start, web processes when they run tasks."""

TASK_MODULES = (
    "siprems_backend.tasks.ml_tasks",
    "siprems_backend.tasks.bulk_tasks",
    "siprems_backend.tasks.data_tasks",
    "siprems_backend.tasks.maintenance_tasks",
    "siprems_backend.tasks.notification_tasks",
    "siprems_backend.tasks.pipeline_tasks",
    "siprems_backend.tasks.replenishment_tasks",
    "siprems_backend.tasks.tool_tasks",
    "siprems_backend.tasks.workflow_tasks",
)
