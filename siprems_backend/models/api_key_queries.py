"""Named queries of API keys."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page
from siprems_backend.models.users import ApiKey, User
from siprems_backend.utils.pagination import Page, PageRequest


class Holder(NamedTuple):
    """A key, and for whom it speaks. `role` is the key's own, `owner_role` what its owner may do."""

    key_id: int
    role: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    owner_id: int
    email: str
    owner_role: str
    is_active: bool

    def usable_at(self, moment: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > moment)


# Asked at every request of a machine, so it is built once.
HOLDER = (
    select(
        ApiKey.id,
        ApiKey.role,
        ApiKey.expires_at,
        ApiKey.revoked_at,
        ApiKey.last_used_at,
        User.id,
        User.email,
        User.role,
        User.is_active,
    )
    .join(User, User.id == ApiKey.user_id)
    .where(ApiKey.key_hash == bindparam("key_hash"))
)


def holder(connection: Connection, key_hash: str) -> Holder | None:
    """Everything that decides about the key with this digest."""
    row = connection.execute(HOLDER, {"key_hash": key_hash}).one_or_none()
    return None if row is None else Holder(*row)


def add(session: Session, key: ApiKey) -> ApiKey:
    """Enter a key; its id and time of creation are known afterwards."""
    session.add(key)
    session.flush()
    session.refresh(key)
    return key


def touch(session: Session, key_id: int, now: datetime, *, unless_since: datetime) -> None:
    """Note that the key was used, unless that was noted after `unless_since`."""
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= unless_since)
    session.execute(update(ApiKey).where(ApiKey.id == key_id, stale).values(last_used_at=now))


def by_id(session: Session, key_id: int, owner_id: int | None) -> ApiKey | None:
    """The key of this owner, or of anybody for None, locked against other changes."""
    statement = select(ApiKey).where(ApiKey.id == key_id)
    if owner_id is not None:
        statement = statement.where(ApiKey.user_id == owner_id)
    return session.scalar(statement.with_for_update())


def revoke_all(session: Session, user_id: int, now: datetime) -> int:
    """Revoke all keys of a user that are usable; how many."""
    statement = (
        update(ApiKey)
        .where(
            ApiKey.user_id == user_id,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
        )
        .values(revoked_at=now)
        .returning(ApiKey.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def page(session: Session, request: PageRequest, owner_id: int | None) -> Page[tuple[ApiKey, str]]:
    """(key, owner's address) of one owner, or of all for None, the newest first."""
    matching = select(ApiKey, User.email).join(User, User.id == ApiKey.user_id)
    if owner_id is not None:
        matching = matching.where(ApiKey.user_id == owner_id)
    rows, total = fetch_page(session, matching, [ApiKey.id.desc()], request)
    return Page([(key, owner) for key, owner in rows], request.page, request.page_size, total)
