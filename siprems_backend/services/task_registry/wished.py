"""Submits that heed what their caller wishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import Submitted, submit
from siprems_backend.services.task_registry.wishes import Wishes


def submit_wished(
    kind: TaskKind,
    kwargs: Mapping[str, Any],
    caller: Principal,
    wishes: Wishes,
    idempotency_key: str | None,
) -> Submitted:
    """Submit a task of the caller's as urgently as wished.

    Raises:
        Forbidden: the priority is too high for the caller.
        Invalid: the idempotency key is malformed, or was used with other arguments.
    """
    wishes.require_allowed(caller)
    return submit(
        kind,
        kwargs,
        owner=caller,
        priority=wishes.priority,
        expires_at=wishes.expires_at,
        idempotency_key=idempotency_key,
    )
