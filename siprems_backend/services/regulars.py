"""What is started regularly: the timetable's entries and the users' own schedules, with their slots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy.orm import Session

from siprems_backend.models import schedule_queries
from siprems_backend.models.schedule_queries import Times
from siprems_backend.services import schedule_actions, timetable
from siprems_backend.services.schedule_views import slot_name, timing
from siprems_backend.services.task_registry import submission
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.timing import Timing
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

# A user's run that was missed is caught up within a day, and never beside the next one.
USERS_RUN_USEFUL_FOR = timedelta(days=1)

Row = dict[str, Any]


class Regular(Protocol):
    """Something that is to be started at its slots."""

    @property
    def slot_name(self) -> str:
        """What its slots are called; it contains the rule, so that a new rule begins anew."""

    @property
    def timing(self) -> Timing:
        """The rule."""

    @property
    def useful_for(self) -> timedelta | None:
        """How long after its slot a run is still wanted; None: until the next slot."""

    def enter(self, session: Session, expires_at: datetime) -> Row | None:
        """Enter the task in the ledger; None if it must not run now."""


@dataclass(frozen=True)
class OfTimetable:
    """An entry of the timetable."""

    entry: timetable.Entry

    @property
    def slot_name(self) -> str:
        """Its name and its rule."""
        return f"{self.entry.name} {self.entry.timing.text}"

    @property
    def timing(self) -> Timing:
        """The entry's rule."""
        return self.entry.timing

    @property
    def useful_for(self) -> timedelta | None:
        """As the entry says."""
        return self.entry.useful_for

    def enter(self, session: Session, expires_at: datetime) -> Row:
        """A task of the system's own."""
        row = submission.new_row(self.entry.kind, {}, expires_at=expires_at)
        submission.enter(session, row)
        return row


@dataclass(frozen=True)
class OfUser:
    """A user's own schedule."""

    times: Times
    useful_for: timedelta = USERS_RUN_USEFUL_FOR

    @property
    def slot_name(self) -> str:
        """Its id and its rule."""
        return slot_name(self.times)

    @property
    def timing(self) -> Timing:
        """The cron text in the user's time zone."""
        return timing(self.times)

    def enter(self, session: Session, expires_at: datetime) -> Row | None:
        """A task of its owner, unless the schedule was changed or paused meanwhile or must not run."""
        found = schedule_queries.by_id(session, self.times.id, lock=True)
        if found is None or found.schedule.paused or slot_name(found.schedule) != self.slot_name:
            return None
        schedule, owner, _ = found
        obstacle = schedule_actions.obstacle(schedule.kind, schedule.kwargs, owner)
        if obstacle is not None:
            log.warning("schedule_blocked", schedule=self.slot_name, owner=owner.id, reason=obstacle)
            return None
        kind = TaskKind(schedule.kind)
        kwargs = schedule_actions.arguments_now(session, kind, schedule.kwargs)
        row = submission.new_row(kind, kwargs, owner_id=owner.id, expires_at=expires_at)
        submission.enter(session, row)
        schedule_queries.note_run(session, schedule.id, row["id"], clock.now())
        return row


def expiry(regular: Regular, slot: datetime) -> datetime:
    """Until when a run for the slot is of use: never beside the next one."""
    following = regular.timing.following(slot)
    lasting = None if regular.useful_for is None else slot + regular.useful_for
    return min(moment for moment in (following, lasting) if moment is not None)


def all_of(users: Iterable[Times]) -> list[Regular]:
    """The timetable's entries, and these schedules of users."""
    return [*map(OfTimetable, timetable.entries()), *map(OfUser, users)]
