"""Signed-in sessions: families of rotated refresh tokens.

A sign-in starts a family. Every refresh uses its token up and adds the next one. A used token that comes
again was copied, and nobody can say by whom, so the whole family ends with all its access tokens. This is
strict: of two requests that send one token at the same time the first wins, the second counts as a reuse
and ends the family as well. A client must therefore refresh in one place, and sign in again after losing
an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import Unauthorized
from siprems_backend.models import audit, session_queries, user_queries
from siprems_backend.utils import clock

# The claim that ties an access token to its sign-in.
FAMILY = "fam"


@dataclass(frozen=True)
class Grant:
    """What the edge signs into a pair of tokens."""

    user_id: int
    family_id: UUID
    refresh_jti: UUID
    refresh_expires_at: datetime

    @property
    def access_claims(self) -> dict[str, Any]:
        """Claims of the access token beside the usual ones."""
        return {FAMILY: str(self.family_id)}

    @property
    def refresh_claims(self) -> dict[str, Any]:
        """Claims of the refresh token: its id and its end are the database's."""
        return {FAMILY: str(self.family_id), "jti": str(self.refresh_jti), "exp": self.refresh_expires_at}


@dataclass(frozen=True)
class TokenIds:
    """The ids in a token."""

    user_id: int
    jti: UUID
    family_id: UUID


def invalid_token() -> Unauthorized:
    """The refusal of a token that we may have signed but that means nothing to us."""
    return Unauthorized("This token is not valid; sign in again.", code="token_invalid")


def revoked_token() -> Unauthorized:
    """The refusal of a token whose session has ended."""
    return Unauthorized("This session has ended; sign in again.", code="token_revoked")


def token_ids(claims: Mapping[str, Any]) -> TokenIds:
    """The ids among the claims of a token.

    Raises:
        Unauthorized: when one is missing or malformed.
    """
    try:
        return TokenIds(int(claims["sub"]), UUID(claims["jti"]), UUID(claims[FAMILY]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise invalid_token() from None


def start(session: Session, user_id: int) -> Grant:
    """Begin a family."""
    return _next_grant(session, user_id, uuid4())


def rotate(session: Session, ids: TokenIds, *, address: str | None) -> Grant | None:
    """Replace a refresh token by the next of its family; None when it cannot be used.

    A None must be committed: it may have ended the family.
    """
    now = clock.now()
    family_id = session_queries.use(session, ids.jti, ids.user_id, now)
    if family_id is None:
        _end_if_reused(session, ids.jti, now, address)
        return None
    user = user_queries.by_id(session, ids.user_id)
    if user is None or not user.is_active:
        return None
    return _next_grant(session, ids.user_id, family_id)


def _next_grant(session: Session, user_id: int, family_id: UUID) -> Grant:
    expires_at = clock.now() + timedelta(days=get_settings().refresh_token_days)
    grant = Grant(user_id, family_id, uuid4(), expires_at)
    session_queries.add(
        session, jti=grant.refresh_jti, family_id=family_id, user_id=user_id, expires_at=expires_at
    )
    return grant


def _end_if_reused(session: Session, jti: UUID, now: datetime, address: str | None) -> None:
    token = session_queries.by_jti(session, jti)
    if token is None or token.used_at is None:
        return
    if session_queries.revoke_family(session, token.family_id, now):
        audit.record(
            session,
            "auth.refresh_reused",
            user_id=token.user_id,
            target=str(token.family_id),
            address=address,
        )
