"""Trainings asked for over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siprems_backend.errors import Conflict, ServiceError
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.learned_models import availability, hyperparameters
from siprems_backend.services.learned_models.types import TITLES, require_known
from siprems_backend.services.task_registry import Submitted, TaskKind, states
from siprems_backend.services.task_registry.wishes import NONE, Wishes

# A shop of a few products is learned in seconds; whoever waits longer is given a task to follow.
PATIENCE_SECONDS = 8.0


def catalogue() -> list[dict[str, Any]]:
    """Every type with what can be chosen about it, and whether it could be trained now."""
    missing = availability.of_all()
    return [
        {
            "model_type": name,
            "title": title,
            "available": missing[name] is None,
            "reason": missing[name],
            "parameters": hyperparameters.schema_of(name),
        }
        for name, title in TITLES.items()
    ]


def arguments(model_type: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a task that trains a type with what was chosen.

    Raises:
        NotFound: there is no such type.
        Invalid: it was chosen badly, or the framework is missing.
    """
    chosen = hyperparameters.checked(require_known(model_type), given)
    availability.require(model_type)
    return {"model_type": model_type, "hyperparameters": chosen}


def submit(
    model_type: str,
    given: Mapping[str, Any],
    caller: Principal,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> Submitted:
    """Have a worker train a type.

    Raises:
        NotFound, Invalid: see `arguments`.
        Forbidden: the priority is too high for the caller.
    """
    wishes.require_allowed(caller)
    return task_registry.submit(
        TaskKind.TRAIN_MODEL,
        arguments(model_type, given),
        owner=caller,
        priority=wishes.priority,
        expires_at=wishes.expires_at,
        idempotency_key=idempotency_key,
    )


def train_now(
    model_type: str,
    given: Mapping[str, Any],
    caller: Principal,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> dict[str, Any] | Submitted:
    """The same, and wait a little: the result if it is there by then, the submitted task otherwise.

    Raises:
        NotFound, Invalid, Forbidden: see `submit`.
        ServiceError: the training failed; why.
    """
    submitted = submit(model_type, given, caller, wishes, idempotency_key)
    if not submitted.queued or not task_registry.finishes_within(PATIENCE_SECONDS, submitted.task_id, caller):
        return submitted
    task = task_registry.get(submitted.task_id, caller)
    if task.status == states.SUCCESS:
        return dict(task.result or {})
    if task.status == states.REVOKED:
        raise Conflict("The training was cancelled.", code="task_cancelled")
    reason = (task.error or {}).get("message", "The training failed.")
    raise ServiceError(reason, code="training_failed")
