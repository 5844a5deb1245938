"""Whether those who follow tasks still may."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from siprems_backend.errors import ServiceError, Unauthorized
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import views
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

# How soon a client that was signed out, or lost its role, is noticed.
LOOK_EVERY_SECONDS = 30.0


@dataclass
class Access:
    """How a client was let in.

    `renew` identifies the caller again, or raises `Unauthorized`; `expires_at` is the end of its token (Unix
    time), None for a caller without one.
    """

    caller: Principal
    renew: Callable[[], Principal]
    expires_at: float | None = None
    _looked_at: float = field(default_factory=time.monotonic)

    def problem(self, task_id: UUID, now: float) -> ServiceError | None:
        """Why the caller may not follow this task any more; None if it may, or if nobody can tell now."""
        if self.expires_at is not None and clock.now().timestamp() >= self.expires_at:
            return Unauthorized("The access token has expired; refresh it.", code="token_expired")
        if now - self._looked_at < LOOK_EVERY_SECONDS:
            return None
        self._looked_at = now
        try:
            self._look_again(task_id)
        except ServiceError as problem:
            return problem
        except DATABASE_AWAY as error:
            log.warning("ledger_away", error=type(error).__name__)
        return None

    def _look_again(self, task_id: UUID) -> None:
        caller = self.renew()
        if caller.role is not self.caller.role:
            views.require_visible(task_id, caller)
