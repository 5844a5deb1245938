"""The ledger of tasks: the truth about asynchronous work. Redis only carries messages."""

from siprems_backend.models.task_overviews import Overview
from siprems_backend.models.task_queries import TaskFilter
from siprems_backend.services.task_registry.control import Cancelled, cancel, cancel_many, retry
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.patience import finishes_within
from siprems_backend.services.task_registry.submission import Submitted, submit
from siprems_backend.services.task_registry.views import (
    Details,
    children,
    details,
    get,
    listing,
    log_lines,
    progress_of,
    running,
    statistics,
    waiting,
)

__all__ = [
    "Cancelled",
    "Details",
    "Overview",
    "Submitted",
    "TaskFilter",
    "TaskKind",
    "cancel",
    "cancel_many",
    "children",
    "details",
    "finishes_within",
    "get",
    "listing",
    "log_lines",
    "progress_of",
    "retry",
    "running",
    "statistics",
    "submit",
    "waiting",
]
