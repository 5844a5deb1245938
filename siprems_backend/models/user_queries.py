"""Named queries of users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page
from siprems_backend.models.users import User
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role

# Whoever decides by counting users (the first becomes admin, the last admin stays) waits for the others.
ROSTER_LOCK = 7_305_119


def lock_roster(session: Session) -> None:
    """Keep others from adding users and changing roles until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(ROSTER_LOCK)))


def by_id(session: Session, user_id: int, *, lock: bool = False) -> User | None:
    """The user, read again and locked against other changes if wanted."""
    return session.get(User, user_id, with_for_update=lock, populate_existing=lock)


def by_email(session: Session, email: str) -> User | None:
    """The user with this address, in any case."""
    return session.scalar(select(User).where(func.lower(User.email) == func.lower(email)))


def any_exists(session: Session) -> bool:
    """Whether the instance has a user."""
    return session.scalar(select(User.id).limit(1)) is not None


def add_if_new(session: Session, values: Mapping[str, Any]) -> User | None:
    """Add a user; None when the address is taken."""
    return session.scalar(insert(User).values(**values).on_conflict_do_nothing().returning(User))


def other_active_admins(session: Session, user_id: int) -> int:
    """How many active administrators there are besides this user."""
    statement = select(func.count()).where(User.role == Role.ADMIN, User.is_active, User.id != user_id)
    return session.scalar(statement) or 0


def page(
    session: Session,
    request: PageRequest,
    *,
    search: str | None = None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> Page[User]:
    """Users that match all filters given, oldest first; `search` is part of an address or name."""
    matching = select(User)
    if search:
        found = [column.icontains(search, autoescape=True) for column in (User.email, User.full_name)]
        matching = matching.where(or_(*found))
    if role is not None:
        matching = matching.where(User.role == role.value)
    if is_active is not None:
        matching = matching.where(User.is_active == is_active)
    rows, total = fetch_page(session, matching, [User.id.asc()], request)
    return Page([row[0] for row in rows], request.page, request.page_size, total)
