"""Named queries of subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page
from siprems_backend.models.notifications import Subscription
from siprems_backend.models.users import User
from siprems_backend.utils.pagination import Page, PageRequest

WEBHOOK, EMAIL = "webhook", "email"


def add(session: Session, subscription: Subscription) -> Subscription:
    """Enter a subscription; its id and time of creation are known afterwards."""
    session.add(subscription)
    session.flush()
    session.refresh(subscription)
    return subscription


def count_webhooks(session: Session, owner_id: int) -> int:
    """How many webhooks a user has."""
    mine = select(func.count()).where(Subscription.owner_id == owner_id, Subscription.channel == WEBHOOK)
    return session.scalar(mine) or 0


def webhook(session: Session, webhook_id: int, *, lock: bool = False) -> tuple[Subscription, str] | None:
    """A webhook and its owner's address."""
    statement = (
        select(Subscription, User.email)
        .join(User, User.id == Subscription.owner_id)
        .where(Subscription.id == webhook_id, Subscription.channel == WEBHOOK)
    )
    if lock:
        statement = statement.with_for_update(of=Subscription)
    row = session.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1])


def webhooks(session: Session, request: PageRequest, owner_id: int | None) -> Page[tuple[Subscription, str]]:
    """(webhook, owner's address) of one owner, or of all for None, the newest first."""
    matching = (
        select(Subscription, User.email)
        .join(User, User.id == Subscription.owner_id)
        .where(Subscription.channel == WEBHOOK)
    )
    if owner_id is not None:
        matching = matching.where(Subscription.owner_id == owner_id)
    rows, total = fetch_page(session, matching, [Subscription.id.desc()], request)
    return Page([(hook, owner) for hook, owner in rows], request.page, request.page_size, total)


def email_of(session: Session, owner_id: int) -> Subscription | None:
    """The e-mail subscription of a user."""
    mine = select(Subscription).where(Subscription.owner_id == owner_id, Subscription.channel == EMAIL)
    return session.scalar(mine)


def put_email(session: Session, owner_id: int, values: Mapping[str, Any]) -> Subscription:
    """Make or change the e-mail subscription of a user."""
    statement = (
        insert(Subscription)
        .values(owner_id=owner_id, channel=EMAIL, **values)
        .on_conflict_do_update(
            index_elements=[Subscription.owner_id],
            index_where=Subscription.channel == EMAIL,
            set_=dict(values),
        )
        .returning(Subscription)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one()


def by_id(session: Session, subscription_id: int) -> Subscription | None:
    """The subscription, locked against other changes."""
    return session.get(Subscription, subscription_id, with_for_update=True, populate_existing=True)


def note_success(session: Session, subscription_id: int) -> None:
    """It can be reached."""
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id, Subscription.failing_since.is_not(None))
        .values(failing_since=None)
        .execution_options(synchronize_session=False)
    )


def note_failure(session: Session, subscription_id: int, now: datetime) -> None:
    """It could not be reached, perhaps not for the first time."""
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id, Subscription.failing_since.is_(None))
        .values(failing_since=now)
        .execution_options(synchronize_session=False)
    )


def remove(session: Session, subscription_id: int) -> None:
    """Delete a subscription and its deliveries."""
    row = session.get(Subscription, subscription_id)
    if row is not None:
        session.delete(row)
