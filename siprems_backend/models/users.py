"""People and machines that may use the service."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Moment
from siprems_backend.utils.roles import Role

ROLE_CHECK = "role IN ({})".format(", ".join(f"'{role}'" for role in Role))


class User(Base):
    """A person with a password."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        Index("uq_users_email_lower", text("lower(email)"), unique=True),
    )

    id: Mapped[BigKey]
    email: Mapped[str] = mapped_column(String(320))
    full_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(20))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[CreatedAt]
    last_login_at: Mapped[Moment | None]


class RefreshToken(Base):
    """One link in a chain of rotated refresh tokens; the chain is its family."""

    __tablename__ = "refresh_tokens"

    jti: Mapped[UUID] = mapped_column(primary_key=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issued_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment] = mapped_column(index=True)
    used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]


class RevokedToken(Base):
    """Access tokens that were logged out before they expired."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[Moment] = mapped_column(index=True)


class ApiKey(Base):
    """A machine's key: only its digest is kept; the prefix lets a person recognise it."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint(ROLE_CHECK, name="role"),)

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
