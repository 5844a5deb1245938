"""Named queries of the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CursorResult, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.models.subscription_queries import EMAIL
from siprems_backend.models.tasks import Task
from siprems_backend.models.users import User
from siprems_backend.utils.pagination import Page, PageRequest

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"


class Due(NamedTuple):
    """A claimed delivery and where it goes."""

    id: int
    subscription_id: int
    event: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime
    channel: str
    target: str
    secret: str | None


class Ended(NamedTuple):
    """What a message tells of an ended task."""

    id: UUID
    kind: str
    status: str
    message: str | None
    error: dict[str, Any] | None
    owner_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    figures: dict[str, Any]


def ended_task(session: Session, task_id: UUID, figures: Mapping[str, Sequence[str]]) -> Ended:
    """The facts of an ended task; of its result, which may be large, only the figures at these paths."""
    picked = [part for name, path in figures.items() for part in (literal(name), Task.result[tuple(path)])]
    columns = [getattr(Task, name) for name in Ended._fields[:-1]]
    found = select(*columns, func.jsonb_build_object(*picked)).where(Task.id == task_id)
    return Ended._make(session.execute(found).one())


def announce(
    session: Session,
    *,
    names: Sequence[str],
    kind: str,
    owner_id: int | None,
    told_of_system: Collection[str],
    may_be_told: Collection[str],
    row: Mapping[str, Any],
) -> int:
    """Enter one delivery for every subscription that wants one of these events; how many are new.

    `names` has the most telling first: that one is told to whoever wants several. Tasks of the system
    (`owner_id` None) are told to users of the roles `told_of_system`, others to their owner.
    """
    told_to = (
        User.role.in_(told_of_system)
        if owner_id is None
        else and_(Subscription.owner_id == owner_id, User.role.in_(may_be_told))
    )
    wanted = [(Subscription.events.contains([name]), literal(name)) for name in names]
    chosen = (
        select(
            Subscription.id,
            case(*wanted),
            *(literal(value, type_=Delivery.__table__.c[name].type) for name, value in row.items()),
        )
        .join(User, User.id == Subscription.owner_id)
        .where(
            Subscription.active,
            User.is_active,
            told_to,
            or_(*(condition for condition, _ in wanted)),
            or_(Subscription.kinds == literal([], JSONB), Subscription.kinds.contains([kind])),
        )
        # Deliveries are numbered in this order, whatever the order of the rows in the table.
        .order_by(Subscription.id)
    )
    columns = ["subscription_id", "event", *row]
    return _count(session.execute(insert(Delivery).from_select(columns, chosen).on_conflict_do_nothing()))


def add(session: Session, values: Mapping[str, Any]) -> Delivery:
    """Enter a single delivery."""
    delivery = Delivery(**values)
    session.add(delivery)
    session.flush()
    session.refresh(delivery)
    return delivery


def claim(
    session: Session, now: datetime, leased_until: datetime, *, limit: int, most_each: int
) -> list[Due]:
    """Take due deliveries for one sender until the lease ends, counting the attempt; the oldest first.

    Of one subscription at most `most_each`, so that one with many does not keep others waiting. Rows that
    another sender is taking at this moment are passed over.
    """
    due = and_(Delivery.status == PENDING, Delivery.next_attempt_at <= now)
    place = func.row_number().over(
        partition_by=Delivery.subscription_id, order_by=(Delivery.next_attempt_at, Delivery.id)
    )
    ranked = (
        select(Delivery.id, place.label("place"))
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .join(User, User.id == Subscription.owner_id)
        .where(due, Subscription.active, User.is_active)
        .subquery()
    )
    free = (
        select(Delivery.id)
        .where(due, Delivery.id.in_(select(ranked.c.id).where(ranked.c.place <= most_each)))
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("free")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    statement = (
        update(Delivery)
        .where(Delivery.id == free.c.id, Subscription.id == Delivery.subscription_id)
        .values(attempts=Delivery.attempts + 1, next_attempt_at=leased_until)
        .returning(
            Delivery.id,
            Delivery.subscription_id,
            Delivery.event,
            Delivery.payload,
            Delivery.attempts,
            Delivery.created_at,
            Subscription.channel,
            Subscription.target,
            Subscription.secret,
        )
        .execution_options(synchronize_session=False)
    )
    # What an UPDATE returns has no order.
    return sorted((Due(*row) for row in session.execute(statement)), key=lambda claimed: claimed.id)


def settle(session: Session, claimed: Due, values: Mapping[str, Any]) -> bool:
    """Write how an attempt went; whether it was still this sender's to say."""
    statement = (
        update(Delivery)
        .where(Delivery.id == claimed.id, Delivery.attempts == claimed.attempts, Delivery.status == PENDING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return _count(session.execute(statement)) == 1


def fail_waiting(session: Session, subscription_id: int, reason: str) -> int:
    """Give up what waits for a subscription; how many."""
    return _give_up(session, and_(Delivery.subscription_id == subscription_id), reason)


def fail_old(session: Session, before: datetime, reason: str) -> int:
    """Give up what has waited since before then; how many."""
    return _give_up(session, Delivery.created_at < before, reason)


def _give_up(session: Session, condition: Any, reason: str) -> int:
    statement = (
        update(Delivery)
        .where(Delivery.status == PENDING, condition)
        .values(status=FAILED, last_error=reason)
        .execution_options(synchronize_session=False)
    )
    return _count(session.execute(statement))


def mails_since(session: Session, subscription_id: int, moment: datetime) -> int:
    """How many e-mails of a subscription were sent since then."""
    sent = select(func.count()).where(
        Delivery.subscription_id == subscription_id,
        Delivery.status == DELIVERED,
        Delivery.delivered_at >= moment,
    )
    return session.scalar(sent) or 0


def page(session: Session, subscription_id: int, request: PageRequest, status: str | None) -> Page[Delivery]:
    """Deliveries of a subscription (in one state), the newest first."""
    matching = select(Delivery).where(Delivery.subscription_id == subscription_id)
    if status is not None:
        matching = matching.where(Delivery.status == status)
    rows, total = fetch_page(session, matching, [Delivery.id.desc()], request)
    return Page([row[0] for row in rows], request.page, request.page_size, total)


def by_id(session: Session, subscription_id: int, delivery_id: int) -> Delivery | None:
    """A delivery of this subscription, locked against other changes."""
    statement = select(Delivery).where(
        Delivery.id == delivery_id, Delivery.subscription_id == subscription_id
    )
    return session.scalar(statement.with_for_update())


def waiting(session: Session, subscription_id: int, event: str) -> bool:
    """Whether a message of this event waits to be sent."""
    statement = select(Delivery.id).where(
        Delivery.subscription_id == subscription_id, Delivery.event == event, Delivery.status == PENDING
    )
    return session.scalar(statement.limit(1)) is not None


def email_subscription_of_owner(session: Session, subscription_id: int) -> int | None:
    """The active e-mail subscription of the owner of this one."""
    owner = select(Subscription.owner_id).where(Subscription.id == subscription_id).scalar_subquery()
    statement = select(Subscription.id).where(
        Subscription.owner_id == owner, Subscription.channel == EMAIL, Subscription.active
    )
    return session.scalar(statement)


def forget(session: Session, before: datetime, most_each: int) -> int:
    """Delete settled deliveries from before then, and of each subscription all but the newest; how many."""
    place = func.row_number().over(partition_by=Delivery.subscription_id, order_by=Delivery.id.desc())
    ranked = select(Delivery.id, place.label("place")).subquery()
    old = and_(Delivery.status != PENDING, Delivery.created_at < before)
    beyond = Delivery.id.in_(select(ranked.c.id).where(ranked.c.place > most_each))
    statement = delete(Delivery).where(or_(old, beyond)).execution_options(synchronize_session=False)
    return _count(session.execute(statement))


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
