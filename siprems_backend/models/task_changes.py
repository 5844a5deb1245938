"""The changes of a task's row: compare-and-swap by statements made once.

Building them anew and sending them through the object mapper took longer than the database needs for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Connection, Executable, Table, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from siprems_backend.models.notifications import Subscription
from siprems_backend.models.tasks import Task

_ROW = cast(Table, Task.__table__)
_OWN = _ROW.c


class Changed(NamedTuple):
    """What changed: the part of a row that listeners and followers need."""

    id: UUID
    kind: str
    status: str
    message: str | None
    progress: dict[str, Any] | None
    worker: str | None
    owner_id: int | None
    parent_id: UUID | None
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    # Whether somebody may want to be told when it has ended.
    watched: bool = False


# Asked along with every change, so that tasks nobody waits for cost no question of their own.
_WATCHED = and_(
    _OWN.parent_id.is_(None),
    select(Subscription.id)
    .where(Subscription.active, or_(_OWN.owner_id.is_(None), Subscription.owner_id == _OWN.owner_id))
    .correlate(_ROW)
    .exists(),
)
CHANGED_COLUMNS = (*(_OWN[name] for name in Changed._fields if name != "watched"), _WATCHED)

# The commit of this transaction does not wait for the disk. What it says is found out anew after a crash of
# the database's machine: a claim or an end that is lost is claimed and ended again, and effects, whose own
# commits wait, are not repeated. Only submits and decisions of people must outlast it.
UNHURRIED = func.set_config("synchronous_commit", "off", True)


def _renewal() -> Executable:
    return (
        update(_ROW)
        .where(
            _OWN.id == bindparam("task_id"),
            _OWN.lease_id == bindparam("lease"),
            _OWN.status.in_(("STARTED", "PROGRESS")),
        )
        .values(heartbeat_at=bindparam("now"), lease_expires_at=bindparam("until"))
        .returning(_OWN.cancel_requested_at, UNHURRIED)
    )


RENEWAL = _renewal()


@lru_cache(maxsize=64)
def _insertion(names: tuple[str, ...]) -> Executable:
    values = {name: bindparam(f"new_{name}", type_=_OWN[name].type) for name in names}
    return insert(_ROW).values(values).on_conflict_do_nothing().returning(_OWN.id)


@lru_cache(maxsize=256)
def _change(names: tuple[str, ...], statuses: frozenset[str], leased: bool, unhurried: bool) -> Executable:
    values = {name: bindparam(f"new_{name}", type_=_OWN[name].type) for name in names}
    conditions = [_OWN.id == bindparam("task_id"), _OWN.status.in_(sorted(statuses))]
    if leased:
        conditions.append(_OWN.lease_id == bindparam("lease"))
    statement = update(_ROW).where(*conditions).values(values)
    return statement.returning(*CHANGED_COLUMNS, *([UNHURRIED] if unhurried else []))


def add_if_new(session: Session, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its id or its idempotency key exists; whether it was inserted."""
    return session.connection().scalar(_insertion(tuple(values)), _new(values)) is not None


def change(
    session: Session,
    task_id: UUID,
    from_statuses: Collection[str],
    values: Mapping[str, Any],
    *,
    lease_id: UUID | None = None,
    unhurried: bool = False,
) -> Changed | None:
    """Change a row if it is in one of these states (and still leased to the caller); None if it was not.

    An `unhurried` change may be lost, together with all of its transaction, in a crash of the database.
    """
    statement = _change(tuple(values), frozenset(from_statuses), lease_id is not None, unhurried)
    given = {"task_id": task_id, **_new(values)} | ({} if lease_id is None else {"lease": lease_id})
    row = session.connection().execute(statement, given).one_or_none()
    return None if row is None else Changed(*row[: len(CHANGED_COLUMNS)])


def renew(
    connection: Connection, task_id: UUID, lease_id: UUID, *, now: datetime, lease_expires_at: datetime
) -> bool | None:
    """Renew a lease; whether cancelling was asked for, or None when the lease is no longer the caller's."""
    given = {"task_id": task_id, "lease": lease_id, "now": now, "until": lease_expires_at}
    row = connection.execute(RENEWAL, given).one_or_none()
    return None if row is None else row[0] is not None


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}
