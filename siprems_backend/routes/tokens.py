"""Signing and reading of tokens."""

from __future__ import annotations

from typing import Any

from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    decode_token,
    get_jwt,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import WrongTokenError

from siprems_backend.services.sessions import Grant


def signed(grant: Grant) -> dict[str, str]:
    """The pair of tokens of a grant."""
    identity = str(grant.user_id)
    return {
        "access_token": create_access_token(identity, additional_claims=grant.access_claims),
        "refresh_token": create_refresh_token(identity, additional_claims=grant.refresh_claims),
    }


def refresh_claims(token: str | None) -> dict[str, Any]:
    """Verified claims of a refresh token: the given one, or the one in the Authorization header."""
    if token is None:
        verify_jwt_in_request(refresh=True)
        return get_jwt()
    claims: dict[str, Any] = decode_token(token)
    if claims["type"] != "refresh":
        raise WrongTokenError("Only refresh tokens are allowed")
    return claims
