"""Named queries of refresh tokens, their families, and access tokens that were logged out."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from siprems_backend.models.users import RefreshToken, RevokedToken, User


class Bearer(NamedTuple):
    """Whom an access token speaks for, and what became of it and its family since it was signed."""

    email: str
    role: str
    is_active: bool
    is_denied: bool
    # None: there is no such family, or it is another user's.
    family_revoked: bool | None


# Asked at every request, so it is built once.
BEARER = select(
    User.email,
    User.role,
    User.is_active,
    select(RevokedToken.jti).where(RevokedToken.jti == bindparam("jti")).exists(),
    select(func.bool_or(RefreshToken.revoked_at.is_not(None)))
    .where(RefreshToken.family_id == bindparam("family_id"), RefreshToken.user_id == User.id)
    .scalar_subquery(),
).where(User.id == bindparam("user_id"))


def bearer(connection: Connection, user_id: int, jti: UUID, family_id: UUID) -> Bearer | None:
    """Everything that decides about an access token, in one query; None for an unknown user."""
    ids = {"user_id": user_id, "jti": jti, "family_id": family_id}
    row = connection.execute(BEARER, ids).one_or_none()
    return None if row is None else Bearer(*row)


def add(session: Session, *, jti: UUID, family_id: UUID, user_id: int, expires_at: datetime) -> None:
    """Enter a refresh token."""
    session.add(RefreshToken(jti=jti, family_id=family_id, user_id=user_id, expires_at=expires_at))


def by_jti(session: Session, jti: UUID) -> RefreshToken | None:
    """The refresh token with this id."""
    return session.get(RefreshToken, jti)


def use(session: Session, jti: UUID, user_id: int, now: datetime) -> UUID | None:
    """Use up a refresh token, once: its family, or None if it was used, expired, or its family revoked.

    A family counts as revoked as soon as one of its tokens is: a rotation that overlaps a revocation may add
    a token that the revocation did not see.
    """
    sibling = aliased(RefreshToken)
    revoked = select(sibling.jti).where(
        sibling.family_id == RefreshToken.family_id, sibling.revoked_at.is_not(None)
    )
    statement = (
        update(RefreshToken)
        .where(
            RefreshToken.jti == jti,
            RefreshToken.user_id == user_id,
            RefreshToken.used_at.is_(None),
            RefreshToken.expires_at > now,
            ~revoked.exists(),
        )
        .values(used_at=now)
        .returning(RefreshToken.family_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement)


def revoke_family(session: Session, family_id: UUID, now: datetime) -> bool:
    """End a sign-in; False if it had ended."""
    statement = (
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(RefreshToken.jti)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).all())


def revoke_families(session: Session, user_id: int, now: datetime, *, kept: UUID | None = None) -> int:
    """End all sign-ins of a user but the one `kept`; how many."""
    statement = update(RefreshToken).where(
        RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None), RefreshToken.expires_at > now
    )
    if kept is not None:
        statement = statement.where(RefreshToken.family_id != kept)
    ended = session.execute(
        statement.values(revoked_at=now)
        .returning(RefreshToken.family_id)
        .execution_options(synchronize_session=False)
    )
    return len(set(ended.scalars()))


def deny(session: Session, jti: UUID, expires_at: datetime) -> None:
    """Refuse an access token until it expires."""
    session.execute(insert(RevokedToken).values(jti=jti, expires_at=expires_at).on_conflict_do_nothing())


def delete_expired(session: Session, now: datetime) -> int:
    """Forget refresh tokens and denied tokens that have expired; how many.

    A family keeps its expired tokens while one of them is alive: they carry the marks of its revocation.
    """
    sibling = aliased(RefreshToken)
    alive = select(sibling.jti).where(sibling.family_id == RefreshToken.family_id, sibling.expires_at > now)
    statements = (
        delete(RefreshToken)
        .where(RefreshToken.expires_at <= now, ~alive.exists())
        .returning(RefreshToken.jti),
        delete(RevokedToken).where(RevokedToken.expires_at <= now).returning(RevokedToken.jti),
    )
    options = {"synchronize_session": False}
    return sum(len(session.execute(statement, execution_options=options).all()) for statement in statements)
