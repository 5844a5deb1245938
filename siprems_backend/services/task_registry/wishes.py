"""What a caller may wish about a task's delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from siprems_backend.errors import Forbidden
from siprems_backend.services.identity import Principal
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

# Above it is room for what operators must get through in front of everybody else.
HIGHEST_OF_ANALYSTS = 7


@dataclass(frozen=True)
class Wishes:
    """How urgent a task is (9 the most, 0 the least), and for how many seconds starting it makes sense.

    None leaves the priority to the kind of task, and lets it wait for ever.
    """

    priority: int | None = None
    expires_in_s: int | None = None

    def require_allowed(self, caller: Principal) -> None:
        """Refuse a priority that is above the caller's.

        Raises:
            Forbidden: it is.
        """
        if (self.priority or 0) > HIGHEST_OF_ANALYSTS and not caller.may(Role.OPERATOR):
            raise Forbidden(
                f"Priorities above {HIGHEST_OF_ANALYSTS} are for operators; ask for a lower one.",
                code="priority_too_high",
            )

    @property
    def expires_at(self) -> datetime | None:
        """When the task need not be started any more, if it is submitted now."""
        return None if self.expires_in_s is None else clock.now() + timedelta(seconds=self.expires_in_s)


NONE = Wishes()
