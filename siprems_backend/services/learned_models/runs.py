"""One training as a task, or one of each type as parts of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from siprems_backend.models.tasks import Task
from siprems_backend.services.learned_models import availability, prophet, results, training
from siprems_backend.services.learned_models.types import ALL, LEARNED, PROPHET
from siprems_backend.services.progress import OnDetailedProgress, untold
from siprems_backend.services.task_registry import fan_out, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import new_row, submit_children
from siprems_backend.utils import clock
from siprems_engine.forecasting.shop import AUTO

# What of a part's result is shown in the table of the whole.
SHOWN = (
    "success",
    "status",
    "message",
    "model_id",
    "version",
    "metrics",
    "epochs",
    "gain",
    "joins_auto",
    "seconds",
)


def run(
    model_type: str,
    hyperparameters: dict[str, Any],
    *,
    unavailable: str | None = None,
    part: bool = False,
    on_progress: OnDetailedProgress = untold,
) -> dict[str, Any]:
    """Train one type; the task's result.

    As a `part` of all types it leaves the engines that need no training to the part of Prophet, but for the
    blend, which it must know to say what it would do for it.
    """
    if unavailable is not None:
        return results.skipped(model_type, unavailable)
    if model_type == PROPHET:
        return prophet.train(hyperparameters, on_progress=on_progress)
    beside = {"beside": (AUTO,)} if part else {}
    return training.train(model_type, hyperparameters, on_progress=on_progress, **beside)


def start(parent_id: UUID, hyperparameters: dict[str, Any]) -> int:
    """Send a task for each type as children of `parent_id`; how many. Repeating it is harmless.

    Types that nobody could train are sent as well, to say so: they end at once.
    """
    missing = availability.of_all()
    rows = [
        new_row(
            TaskKind.TRAIN_MODEL,
            _arguments(model_type, hyperparameters, missing[model_type]),
            parent_id=parent_id,
            task_id=uuid5(parent_id, model_type),
        )
        for model_type in (PROPHET, *LEARNED)
    ]
    submit_children(rows)
    return len(rows)


def _arguments(model_type: str, hyperparameters: dict[str, Any], missing: str | None) -> dict[str, Any]:
    more = {} if missing is None else {"unavailable": missing}
    return {"model_type": model_type, "hyperparameters": hyperparameters, "part": True, **more}


@fan_out.joined_by(TaskKind.TRAIN_MODEL)
def summarise(_parent: Task, tasks: list[Task]) -> dict[str, Any]:
    """The result of a training of all types: a row of each, and all engines beside each other."""
    found = {task.kwargs["model_type"]: _outcome(task) for task in tasks}
    models = {name: found[name] for name in (PROPHET, *LEARNED) if name in found}
    trained = [name for name, each in models.items() if each["success"]]
    lines = {line["engine"]: line for task in tasks for line in (task.result or {}).get("comparison", ())}
    return {
        "success": bool(trained),
        "status": "completed",
        "message": f"Trained {len(trained)} of {len(models)} types: {', '.join(trained) or 'none'}",
        "model_type": ALL,
        "metrics": {name: each.get("metrics") for name, each in models.items()},
        "models": models,
        "comparison": sorted(lines.values(), key=lambda line: (line["wape"] is None, line["wape"])),
        "timestamp": clock.iso(clock.now()),
    }


def _outcome(task: Task) -> dict[str, Any]:
    """A part's row; one that failed or was cancelled says why."""
    if task.status == states.SUCCESS:
        result = task.result or {}
        shown = {name: result[name] for name in SHOWN if name in result}
        return {**shown, "task_id": str(task.id)}
    reason = (task.error or {}).get("message") or task.message or task.status
    return {
        "success": False,
        "status": task.status.lower(),
        "message": reason,
        "metrics": None,
        "task_id": str(task.id),
    }
